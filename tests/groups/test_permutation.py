"""Permutations as values: their algebra, against the matrices that they stand for."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.permutation import Permutation


@st.composite
def permutations(draw: st.DrawFn, size: int | None = None) -> Permutation:
    size = draw(st.integers(1, 6)) if size is None else size
    signs = draw(st.lists(st.sampled_from([1, -1]), min_size=size, max_size=size))
    return Permutation(draw(st.permutations(range(size))), draw(st.sampled_from([None, signs])))


def matrix(g: Permutation) -> np.ndarray:
    """By the convention itself: `(g.x)[image[i]] = signs[i] * x[i]`."""
    result = np.zeros((g.size, g.size))
    for i in range(g.size):
        result[g.image[i], i] = g.signs[i]
    return result


@given(st.integers(1, 6).flatmap(lambda n: st.tuples(permutations(n), permutations(n))))
def test_product_inverse_and_action_are_those_of_the_matrices(
    pair: tuple[Permutation, Permutation],
) -> None:
    g, h = pair
    x = np.random.default_rng(0).normal(size=(2, g.size))
    assert np.array_equal(matrix(g @ h), matrix(g) @ matrix(h))
    assert np.array_equal(matrix(g.inverse()), matrix(g).T)
    assert np.array_equal(g.apply(x), x @ matrix(g).T)
    assert np.array_equal((g @ h).apply(x), g.apply(h.apply(x)))


@given(permutations(), st.integers(-7, 7))
def test_powers_and_order(g: Permutation, exponent: int) -> None:
    power = np.linalg.matrix_power(matrix(g).astype(int), exponent)
    assert np.array_equal(matrix(g**exponent), power)
    order = g.order()
    assert (g**order).is_identity
    assert not any((g**k).is_identity for k in range(1, order))


@given(permutations())
def test_double_cover_moves_values_and_their_negatives(g: Permutation) -> None:
    x = np.random.default_rng(0).normal(size=g.size)
    cover = g.double_cover()
    assert not cover.is_signed
    moved = cover.apply(np.concatenate([x, -x]))
    assert np.array_equal(moved, np.concatenate([g.apply(x), -g.apply(x)]))
    assert cover.order() == g.order()


@given(permutations())
def test_a_permutation_is_a_value(g: Permutation) -> None:
    twin = Permutation(g.image.copy(), g.signs.copy())
    assert g == twin
    assert hash(g) == hash(twin)
    assert pickle.loads(pickle.dumps(g)) == g
    assert eval(repr(g), {"Permutation": Permutation}) == g
    assert g != g.image.tolist()
    with pytest.raises(AttributeError, match="is immutable"):
        g.image = twin.image
    with pytest.raises(ValueError, match="read-only"):
        g.image[0] = 0


def test_it_does_not_share_memory_with_what_it_was_made_from() -> None:
    image = np.array([1, 0])
    g = Permutation(image)
    image[0] = 0
    assert g == Permutation([1, 0])


def test_identity() -> None:
    assert Permutation.identity(3).is_identity
    assert Permutation.identity(3).order() == 1
    assert not Permutation([0], [-1]).is_identity
    assert Permutation([0], [-1]).order() == 2


@pytest.mark.parametrize(
    "image", [[0, 0], [1, 2], [-1, 0], [[0, 1]], [0.5, 1.5], [0.0, 1.9], 0, ["a"]]
)
def test_what_is_no_bijection_is_refused(image: object) -> None:
    with pytest.raises(SymmetryError, match="exactly once"):
        Permutation(image)  # type: ignore[arg-type]


@pytest.mark.parametrize("signs", [[1], [1, 0], [1, 2], [1, -1.5], [1, 257], [[1, 1]]])
def test_wrong_signs_are_refused(signs: object) -> None:
    with pytest.raises(SymmetryError, match=r"\+1 or -1"):
        Permutation([1, 0], signs)  # type: ignore[arg-type]


def test_whole_floats_are_accepted() -> None:
    assert Permutation([1.0, 0.0], [1.0, -1.0]) == Permutation([1, 0], [1, -1])


def test_permutations_of_different_sizes_have_no_product() -> None:
    with pytest.raises(SymmetryError, match="of 3 and of 2 indices cannot be multiplied"):
        Permutation.identity(3) @ Permutation.identity(2)
