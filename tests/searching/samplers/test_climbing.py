"""Ascents end where no change of one or two parameters gains, and keep to what is implied."""

from itertools import combinations, product

import numpy as np
import pytest

from autoequivariant.searching.samplers.climbing import Climber
from autoequivariant.searching.samplers.effects import Quadratic

N = 7
FREE = Climber(np.eye(N, dtype=bool), np.zeros(N, bool))


def drawn(seed: int) -> Quadratic:
    rng = np.random.default_rng(seed)
    above = np.triu(rng.normal(size=(N, N)), 1)
    return Quadratic(0.0, rng.normal(size=N), above + above.T)


@pytest.mark.parametrize("seed", range(5))
def test_no_one_or_two_changes_gain_where_it_ends(seed: int) -> None:
    function = drawn(seed)
    end = FREE.climb(function, np.full(N, -1.0))
    for one, two in [*combinations(range(N), 2), *((k, k) for k in range(N))]:
        other = end.copy()
        other[[one, two]] *= -1
        assert function(other[None])[0] <= function(end[None])[0] + 1e-9


def test_from_enough_starts_it_finds_the_best_of_all() -> None:
    function = drawn(9)
    states = np.array(list(product([-1.0, 1.0], repeat=N)))
    ends = [FREE.climb(function, start) for start in states[::8]]
    assert max(function(np.array(ends))) == pytest.approx(function(states).max())


@pytest.mark.parametrize("seed", range(5))
def test_ends_have_what_they_imply(seed: int) -> None:
    """0 implies 1, 1 implies 2, 3 is always on, and 4 cannot be on."""
    implied = np.eye(N, dtype=bool)
    implied[0, [1, 2]] = implied[1, 2] = True
    implied[:, 3] = True
    implied[4] = False
    always = np.arange(N) == 3
    climber = Climber(implied, always)
    start = climber.completed(np.zeros((1, N), bool))[0]
    assert np.array_equal(start, always)
    on = climber.climb(drawn(seed), 2.0 * start - 1) > 0
    assert on[3]
    assert not on[4]
    assert on[1] or not on[0]
    assert on[2] or not on[1]
    assert np.array_equal(climber.completed(on[None])[0], on)


def test_columns_after_the_parameters_stay() -> None:
    climber = Climber(np.eye(5, dtype=bool), np.zeros(5, bool))
    start = np.array([-1.0] * 5 + [1.0, -1.0])
    assert np.array_equal(climber.climb(drawn(0), start)[5:], [1.0, -1.0])
