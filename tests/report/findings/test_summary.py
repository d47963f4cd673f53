"""Why a search ended and why a network was chosen, as the terminal says it."""

from dataclasses import replace

import pytest

from autoequivariant.report.render.search_text import print_outcome
from autoequivariant.searching.problem import Problem

from ..outcomes import changed, outcome, printed, problem_of


@pytest.mark.parametrize(
    ("status", "phrase"),
    [
        ("converged", "no remaining state is expected to improve"),
        ("budget", "the budget is spent"),
        ("repeats", "the sampler proposes nothing new"),
        ("timeout", "the time limit is reached"),
    ],
)
def test_why_it_ended(problem: Problem, status: str, phrase: str) -> None:
    assert phrase in printed(print_outcome, outcome(problem, status))


@pytest.mark.parametrize(
    ("tests", "augmentations", "phrase"),
    [
        (True, None, "no neighbour of the leading network looks better"),
        (True, (), "no remaining state is expected to improve"),
        (False, None, "no remaining state is expected to improve"),
    ],
)
def test_why_a_search_one_at_a_time_ended(
    tests: bool, augmentations: tuple[str, ...] | None, phrase: str
) -> None:
    options = {"tests": tests, "augmentations": augmentations}
    made = problem_of(network="cnn", budget=3, **options)
    assert phrase in printed(print_outcome, outcome(made, "converged"))


def test_without_time_to_compare(problem: Problem) -> None:
    text = printed(print_outcome, outcome(problem, "timeout", folds=0))
    assert "There was no time to retrain the leading networks." in text
    assert "No candidate holds, and none is shown to help." in text


def test_a_baseline_that_scores_as_well_is_named(problem: Problem) -> None:
    found = outcome(problem)
    assert "The baseline predicts as well" in printed(print_outcome, found)
    plain, flip, turn = found.results.finalists
    best = replace(flip, behind_best=0.0, standard_error=0.0)
    behind = replace(plain, behind_best=0.1, standard_error=0.01)
    found = changed(found, finalists=(best, behind, turn))
    assert "predicts as well" not in printed(print_outcome, found)


def test_a_single_finalist(problem: Problem) -> None:
    found = outcome(problem)
    first = replace(found.results.finalists[0], folds=0)
    text = printed(print_outcome, changed(found, finalists=(first,)))
    assert "There is a single network, so nothing to compare it with." in text
    assert "behind the best by" not in text  # there are no others


def test_the_best_stands_alone(problem: Problem) -> None:
    found = outcome(problem)
    first, second, third = found.results.finalists
    far = replace(second, behind_best=0.1, standard_error=0.02)
    text = printed(print_outcome, changed(found, finalists=(first, far, third)))
    phrase = "All others are behind the best by more than one standard error"
    assert phrase in " ".join(text.split())
