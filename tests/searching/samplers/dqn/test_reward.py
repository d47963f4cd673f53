"""Rewards keep sign and order, and random steps become rarer."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from autoequivariant.searching.samplers.dqn.reward import (
    EPSILON,
    PAPER_EPSILON,
    epsilon_after,
    paper_reward,
    stable_reward,
)

GRID = [
    *np.linspace(-120, 120, 481),
    -1e-300,
    1e-300,
    -1e9,
    1e9,
    -1e308,
    1e308,
    -math.inf,
    math.inf,
]


@pytest.mark.parametrize("reward", [paper_reward, stable_reward])
def test_a_reward_has_the_sign_of_the_difference_and_fits_float32(
    reward: Callable[[float], float],
) -> None:
    found = [reward(d) for d in GRID]
    assert [np.sign(r) for r in found] == [np.sign(d) for d in GRID]
    assert np.isfinite(np.array(found, dtype=np.float32)).all()
    assert reward(0.0) == 0
    assert [reward(-d) for d in GRID] == [-r for r in found]


def test_the_papers_reward_is_its_formula_as_far_as_float32_goes() -> None:
    for d in (-80.0, -3.0, -0.01, 0.5, 2.0, 83.0):
        assert paper_reward(d) == pytest.approx(d * math.exp(abs(d)), rel=1e-12)
    assert paper_reward(85) == paper_reward(1000) == np.finfo(np.float32).max


def test_the_stable_reward_has_the_papers_order_and_goes_on_where_that_ends() -> None:
    ordered = sorted(GRID)[1:-1]
    found = [stable_reward(d) for d in ordered]
    assert all(a < b for a, b in zip(found[2:-2], found[3:-2], strict=False))
    for d in (-30.0, -1.0, -1e-3, 1e-3, 0.5, 30.0):
        literal = math.copysign(math.log1p(abs(paper_reward(d))), d)
        assert stable_reward(d) == pytest.approx(literal, rel=1e-12)
    assert stable_reward(1000) == pytest.approx(1000 + math.log(1000))


def test_epsilon_falls_as_models_are_trained() -> None:
    paper = [epsilon_after(models, PAPER_EPSILON) for models in (0, 199, 200, 899, 999, 1000, 5000)]
    assert paper == [1.0, 1.0, 0.9, 0.3, 0.1, 0.05, 0.01]
    ours = [epsilon_after(models) for models in range(40)]
    assert ours == sorted(ours, reverse=True)
    assert ours[:6] == [1.0] * 5 + [0.9]
    assert [epsilon for _, epsilon in EPSILON] == [epsilon for _, epsilon in PAPER_EPSILON]
