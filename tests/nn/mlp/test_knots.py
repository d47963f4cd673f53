import numpy as np
import pytest

from autoequivariant.nn.mlp.knots import MOST_SEGMENTS, knots_of

RNG = np.random.default_rng(0)
N = 400


def matrices(off_diagonal: np.ndarray, diagonal: np.ndarray, items: int = 4) -> np.ndarray:
    """One channel, shape `(n, 1, items, items)`."""
    x = np.resize(off_diagonal, (N, 1, items, items)).astype(np.float32)
    x[:, :, np.arange(items), np.arange(items)] = np.resize(diagonal, (N, 1, items))
    return x


def test_segments_hold_equally_many_of_the_distinct_values() -> None:
    values = np.concatenate([RNG.exponential(size=2000), np.zeros(6000)])
    diagonal, off = knots_of(matrices(RNG.permutation(values), np.zeros(1)))
    assert diagonal == (0.0,)
    assert len(off) == MOST_SEGMENTS + 1 and off[0] == 0
    counts = np.histogram(values[values > 0], off)[0]
    assert counts.min() > 0.8 * counts.mean()


def test_few_distinct_values_are_the_knots() -> None:
    diagonal, off = knots_of(matrices(RNG.choice([1, 2, 3, 7], 5000), RNG.integers(0, 2, 900)))
    assert diagonal == (0, 1) and off == (1, 2, 3, 7)


def test_channels_have_knots_of_their_own() -> None:
    x = np.concatenate(
        [matrices(RNG.normal(size=999), np.ones(1)), matrices(np.ones(1), np.ones(1))], 1
    )
    assert list(map(len, knots_of(x))) == [1, MOST_SEGMENTS + 1, 1, 1]


@pytest.mark.parametrize("values", [np.zeros(1), np.arange(2)])
def test_no_function_of_two_values_is_nonlinear(values: np.ndarray) -> None:
    assert knots_of(matrices(values, np.zeros(1))) == ()


@pytest.mark.parametrize("items, segments", [(22, 8), (23, 7), (45, 2), (46, 1)])
def test_large_matrices_have_fewer_segments(items: int, segments: int) -> None:
    x = RNG.normal(size=(5, 1, items, items))
    assert max(map(len, knots_of(x)), default=1) == (segments + 1 if segments > 1 else 1)
