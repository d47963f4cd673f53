"""Orbits, the gain of a group, and whether a pattern singles it out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoequivariant.groups.group_elements import group_elements
from autoequivariant.groups.permutation import Permutation
from autoequivariant.proposing.association.certainty import is_singled_out
from autoequivariant.proposing.association.likelihood import Likelihood, orbits, symmetric_labels
from autoequivariant.proposing.association.pattern import Association, Pattern, pattern_of

from .plants import group_of, table


@given(st.lists(st.permutations(range(5)), max_size=3))
def test_orbits_are_those_of_all_elements(generators: list[list[int]]) -> None:
    images = [np.array(one) for one in generators]
    columns, pairs = orbits(images, 5)
    group = group_elements([Permutation(one) for one in images], Permutation.identity(5), 200)
    assert group is not None
    for i in range(5):
        for j in range(5):
            reached = {(int(g.image[i]), int(g.image[j])) for g in group}
            same = {tuple(map(int, at)) for at in np.argwhere(pairs == pairs[i, j])}
            assert reached == same
            unordered = symmetric_labels(pairs)
            either = {tuple(map(int, at)) for at in np.argwhere(unordered == unordered[i, j])}
            assert either == reached | {(b, a) for a, b in reached}
        assert {int(g.image[i]) for g in group} == set(np.flatnonzero(columns == columns[i]))


def likelihood_of(values: np.ndarray, noise: int = 0) -> Likelihood:
    d = len(values)
    rng = np.random.default_rng(noise)
    seen = values + rng.normal(size=values.shape)
    if values.ndim == 2:
        seen = np.triu(seen, 1) + np.triu(seen, 1).T
    kind = Association(seen, True, is_symmetric=values.ndim == 2)
    return Likelihood(Pattern((kind,), np.ones((d, d), bool)))


def ring_values(d: int, size: float) -> np.ndarray:
    distance = np.abs(np.arange(d)[:, None] - np.arange(d))
    return size * ((distance == 1) | (distance == d - 1))


def test_the_true_group_gains_and_a_larger_one_loses() -> None:
    likelihood = likelihood_of(ring_values(12, 6.0))
    ring = np.roll(np.arange(12), -1)
    swap = np.arange(12)
    swap[[0, 1]] = 1, 0
    assert likelihood.score([ring]) > 20
    assert likelihood.gain([ring, swap]) < 0
    assert likelihood.gain([]) == pytest.approx(0)
    assert not likelihood.is_refuted([], [ring])
    assert likelihood.is_refuted([], [ring, swap])
    assert likelihood.is_refuted([ring], [ring, swap])


def test_noise_gains_nothing() -> None:
    likelihood = likelihood_of(np.zeros((10, 10)))
    assert not likelihood.kinds
    assert likelihood.gain([np.roll(np.arange(10), 1)]) == 0


def test_gains_of_exchanged_columns_are_those_of_conjugate_groups() -> None:
    likelihood = Likelihood(pattern_of(*table("mirrored ring", 6), 0))
    ring = np.roll(np.arange(6), -1)
    for pair in ((0, 1), (2, 5)):
        places = np.arange(6)
        places[list(pair)] = pair[::-1]
        conjugate = places[ring[places]]
        found = likelihood.exchanged([ring], [pair])[0]
        assert found == pytest.approx(likelihood.gains([conjugate]))


@pytest.mark.parametrize("kind", ["ring", "blocks", "all"])
def test_a_clear_group_is_singled_out(kind: str) -> None:
    likelihood = Likelihood(pattern_of(*table(kind, 8, n=1500), 0))
    assert is_singled_out(likelihood, [np.array(one) for one in group_of(kind, 8)])


def test_a_group_is_not_singled_out_where_another_fits_as_well() -> None:
    values = np.array([5.0, 5.0, 5.0, -5.0, 0.0, -9.0])
    likelihood = likelihood_of(values)
    swap, all_three = np.array([1, 0, 2, 3, 4, 5]), np.array([1, 2, 0, 3, 4, 5])
    assert not is_singled_out(likelihood, [swap], [[0, 1]])
    wide = likelihood_of(np.repeat([6.0, -6.0], 8))
    ring = np.arange(16)
    ring[:8] = np.roll(np.arange(8), -1)
    halves = np.arange(16)
    halves[[0, 1]] = 1, 0
    assert is_singled_out(wide, [ring, halves], [list(range(8))])
    assert all_three.size == likelihood.size
