"""States, actions and the base state, where everything is off."""

from itertools import product
from typing import Any

import pytest
from optuna.distributions import CategoricalDistribution

from autoequivariant.searching.samplers.dqn.moves import Moves
from autoequivariant.searching.samplers.dqn.sampler import DQNSampler

from .studies import SMALL, make_study


def test_an_action_changes_one_parameter_to_each_other_choice() -> None:
    space = {"x": CategoricalDistribution(("a", "b", "c")), "y": CategoricalDistribution((1, 2))}
    moves = Moves(space)
    assert len(moves.actions) == 3
    for state in product(range(3), range(2)):
        reached = [moves.step(state, action) for action in range(3)]
        assert len(set(reached)) == 3
        for action, other in enumerate(reached):
            assert sum(a != b for a, b in zip(state, other, strict=True)) == 1
            assert moves.step(other, moves.back(action)) == state
            assert moves.state(moves.point(other)) == other
    inputs = {moves.inputs(state) for state in product(range(3), range(2))}
    assert len(inputs) == 6
    assert {len(row) for row in inputs} == {3 + 1}


@pytest.mark.parametrize(
    ("choices", "off"),
    [
        ((False, True), False),
        ((True, False), False),
        ((1, 0), 0),
        (("x", "y"), "x"),
        ((None, "y", "z"), None),
        ((4, 2, 8), 4),
    ],
)
def test_what_is_off(choices: tuple[Any, ...], off: Any) -> None:
    space = {"a": CategoricalDistribution(choices), "b": CategoricalDistribution((False, True))}
    study = make_study(DQNSampler(space, learning=SMALL, seed=3))
    assert study.ask(dict(space)).params == {"a": off, "b": False}
