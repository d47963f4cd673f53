"""The three sentences say what the data show of each symmetry."""

from dataclasses import replace

import pytest

from autoequivariant.report.findings.headline import sentences_of
from autoequivariant.report.findings.summary import findings_of
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.storage.results import AblationRecord

from ..outcomes import SUPPORTED, TOGETHER, UNSUPPORTED, changed, outcome

VERTICAL = replace(UNSUPPORTED, left_out=("vflip",))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], ". With"),
        ([SUPPORTED], " (supported by the data). With"),
        ([VERTICAL], " (not supported: harmless here). With"),
        (
            [SUPPORTED, VERTICAL],
            " (supported by the data: hflip; not supported: vflip). With",
        ),
        (
            [VERTICAL, TOGETHER],
            " (supported together only). With",
        ),
    ],
    ids=["not measured", "supported", "not supported", "one of each", "together"],
)
def test_what_was_found(problem: Problem, rows: list[AblationRecord], said: str) -> None:
    found = findings_of(changed(outcome(problem), ablation=tuple(rows)))
    assert said in sentences_of(problem, found).found


@pytest.mark.parametrize(("constant_score", "warned"), [(0.0, False), (1.0, True)])
def test_what_it_means(problem: Problem, constant_score: float, warned: bool) -> None:
    found = findings_of(changed(outcome(problem), constant_score=constant_score))
    meaning = sentences_of(problem, found).meaning
    assert meaning.startswith("But no network is better on test") == warned
