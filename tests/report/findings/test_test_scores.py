"""Results that the test samples speak against are warned of."""

from dataclasses import replace

import pytest

from autoequivariant.report.render.search_text import print_outcome
from autoequivariant.searching.problem import Problem

from ..outcomes import changed, outcome, printed


def test_a_network_that_is_worse_on_test_is_warned_of(problem: Problem) -> None:
    found = outcome(problem)
    assert "better on test" not in printed(print_outcome, found)
    worse = replace(found.results.best, test_score=0.5, test_interval=(0.4, 0.6))
    found = changed(found, best=worse)
    assert "the baseline is better on test, so do not trust" in printed(print_outcome, found)


@pytest.mark.parametrize(("constant_score", "warned"), [(None, False), (0.8, False), (0.85, True)])
def test_networks_that_are_no_better_than_guessing_are_warned_of(
    problem: Problem, constant_score: float | None, warned: bool
) -> None:
    found = changed(outcome(problem), constant_score=constant_score)
    text = " ".join(printed(print_outcome, found).split())
    assert ("always predicting the commonest class (85.0%), so this result says" in text) == warned
