"""The three sentences say what holds or helps of the chosen network's symmetries."""

from typing import Any

import pytest

from autoequivariant.report.findings.headline import sentences_of
from autoequivariant.report.findings.summary import findings_of
from autoequivariant.searching.problem import Problem

from ..outcomes import changed, judged, outcome


@pytest.mark.parametrize(
    ("judgement", "said"),
    [
        (("undecided", "harmless"), "The chosen network has hflip. With"),
        (("holds", "helps"), "The chosen network has hflip (holds and helps: hflip). With"),
        (("undecided", "helps"), " has hflip (undecided, but helps: hflip). With"),
    ],
)
def test_what_is_chosen(problem: Problem, judgement: Any, said: str) -> None:
    found = judged(outcome(problem), hflip=judgement)
    assert said in sentences_of(found.problem, findings_of(found)).chosen


@pytest.mark.parametrize(("constant_score", "warned"), [(0.0, False), (1.0, True)])
def test_what_it_means(problem: Problem, constant_score: float, warned: bool) -> None:
    found = findings_of(changed(outcome(problem), constant_score=constant_score))
    meaning = sentences_of(problem, found).meaning
    assert meaning.startswith("But no network is better on test") == warned
