"""Pairs that show the use of undecided generators where nothing stands in for them."""

from collections.abc import Callable
from typing import Any

import pytest

from autoequivariant.evidence.verdict import Verdict
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.evidence import Further
from autoequivariant.searching.selection.pairs import Pair

NAMES = ("rot180", "hflip", "transpose")


@pytest.fixture
def problem(small_problem: Callable[..., Problem]) -> Problem:
    options: dict[str, Any] = {"network": "cnn", "augmentations": ("rotation",)}
    made = small_problem(",".join(NAMES), layers=None, channels=None, **options)
    answers = {"rot180": "holds"}
    return made.with_verdicts(
        [Verdict(name, answers.get(name, "undecided"), "") for name in NAMES]  # type: ignore[arg-type]
    )


def test_a_generator_is_left_out_where_nothing_stands_in_for_it(problem: Problem) -> None:
    child = problem.space.child
    further = Further(problem, child([0, 1, 2, 3]))
    assert further.undecided == (1, 2)
    assert further.augmentations == {3}
    assert further.plain == child([0, 1, 2])
    assert further.known == child([0])
    assert further.beside(1) == Pair((1,), child([0, 1, 2]), child([0, 2]))
    assert further.alone(1) == Pair((1,), child([0, 1]), child([0]))
    assert further.augmented(1) == Pair((1,), child([0, 1, 3]), child([0, 3]))
    assert further.together == Pair((1, 2), child([0, 1, 2]), child([0]))
    assert further.rest(1) == Pair((2,), child([0, 2]), child([0])) == further.alone(2)


def test_no_pair_is_made_twice_and_none_of_one_network(problem: Problem) -> None:
    child = problem.space.child
    single = Further(problem, child([0, 1]))
    assert single.pairs([1]) == [single.beside(1)] == [single.alone(1)]
    both = Further(problem, child([0, 1, 2]))
    assert len(both.pairs([1, 2])) == 5
    assert both.pairs([]) == []


def test_what_the_chosen_network_lacks_is_added(problem: Problem) -> None:
    child = problem.space.child
    further = Further(problem, child([0, 1, 3]))
    assert further.absent == (2,)
    assert further.one_more() == [Pair((2,), child([0, 1, 2, 3]), child([0, 1, 3]))]


def test_other_levels_of_a_partial_candidate(small_problem: Callable[..., Problem]) -> None:
    options: dict[str, Any] = {"network": "cnn", "augmentations": ("rotation",)}
    names = "rot180,hflip,rot180@1,rot180@0,hflip@0"
    made = small_problem(names, layers=None, channels=None, **options)
    further = Further(made, made.space.child([2]))
    assert further.undecided == (2,)
    assert further.levels(2) == (3,) and further.levels(3) == (2,)
    assert further.levels(0) == further.levels(1) == further.levels(4) == ()
