"""Walks end at the first state that was not proposed before."""

import math
from collections.abc import Hashable

import pytest
from optuna.distributions import CategoricalDistribution
from optuna.samplers import RandomSampler

from autoequivariant.searching.samplers.dqn.agent import Agent
from autoequivariant.searching.samplers.dqn.sampler import DQNSampler

from .studies import (
    SMALL,
    Point,
    bits,
    count_on,
    distinct,
    go_on,
    make_study,
    one_good,
    points,
    some_score,
)


def test_epsilon_is_how_often_a_step_is_random(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a greedy action that switches on what comes next, walks without chance are known."""
    calls: list[tuple[int, ...]] = []

    def next_on(agent: Agent, state: tuple[int, ...]) -> int:
        calls.append(state)
        return state.index(0)

    monkeypatch.setattr(Agent, "greedy", next_on)

    def proposed(epsilon: float) -> list[Point]:
        calls.clear()
        space = bits(8)
        sampler = DQNSampler(space, epsilon=((0, 1.0), (1, epsilon)), learning=SMALL, seed=0)
        return go_on(make_study(sampler), one_good, 9, space)

    assert [list(point.values()) for point in proposed(0.0)] == [
        [k < on for k in range(8)] for on in range(9)
    ]
    assert len(calls) == sum(range(9))  # each walk begins anew, through all that is scored
    proposed(1.0)
    assert not calls
    assert [k < 4 for k in range(8)] not in [list(point.values()) for point in proposed(0.5)]
    assert calls


SPACES = [
    bits(5),
    {"x": CategoricalDistribution(("a", "b", "c")), "y": CategoricalDistribution((1, 2, 3, 4))},
    {"x": CategoricalDistribution((False, True, None)), **bits(2)},
]


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("together", [1, 5, 40])
def test_every_state_once_in_batches_of_any_size(
    space: dict[str, CategoricalDistribution], together: int
) -> None:
    size = math.prod(len(d.choices) for d in space.values())
    study = make_study(DQNSampler(space, learning=SMALL, seed=1))
    while len(study.trials) < size:
        trials = [study.ask(dict(space)) for _ in range(min(together, size - len(study.trials)))]
        for trial in trials[::-1]:
            study.tell(trial, some_score(trial.params))
    assert distinct(points(study)) == size
    go_on(study, some_score, 2, space)  # nothing new is left: some state again
    assert distinct(points(study)) == size


def test_states_that_are_one_are_proposed_once() -> None:
    """States are one if as many are on, or 4 or more: five of them among 64 points."""
    asked: list[Point] = []

    def canonical(point: Point) -> Hashable:
        asked.append(point)
        return min(sum(point.values()), 4)

    space = bits(6)
    study = make_study(DQNSampler(space, canonical=canonical, learning=SMALL, seed=0))
    counts = [canonical(point) for point in go_on(study, count_on, 5, space)]
    assert set(counts) == {0, 1, 2, 3, 4}
    assert all(set(point) == set(space) for point in asked)
    assert len(go_on(study, count_on, 2, space)) == 2  # again one that there was


def test_a_walk_goes_through_states_that_are_scored() -> None:
    """All states around the base state are scored: what is new is two steps away or more."""
    space = bits(6)
    study = make_study(RandomSampler(0))
    for on in [None, *space]:
        study.enqueue_trial({name: name == on for name in space})
    go_on(study, one_good, 7, space)
    study.sampler = DQNSampler(space, epsilon=((0, 1.0),), learning=SMALL, seed=0)
    found = go_on(study, one_good, 10, space)
    assert min(count_on(point) for point in found) == 2
    assert distinct(points(study)) == 17
