"""What believes a ring sees its direction, and nothing that the ring leaves as it is."""

import numpy as np
from numpy.typing import NDArray

from autoequivariant.evidence.testing.pooled import MOST_COLUMNS, Pooled, pooled_predictors
from autoequivariant.groups.element import Element
from autoequivariant.groups.permutation import Permutation

COLUMNS = 12
STAYS = Permutation.identity(1)


def element(image: NDArray[np.int64], signs: list[int] | None = None) -> Element:
    return Element(Permutation(image, signs), STAYS)


RING = element(np.roll(np.arange(COLUMNS), -1))
MIRROR = element(np.arange(COLUMNS)[::-1].copy())
SWAP = element(np.array([1, 0, *range(2, COLUMNS)]))


def samples(seed: int, n: int = 400) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    x = np.random.default_rng(seed).normal(2, 3, size=(n, COLUMNS)).astype(np.float32)
    z = (x - 2) / 3
    y = (z * (np.roll(z, -1, axis=1) ** 2 - 1)).sum(axis=1, keepdims=True)
    return x, y.astype(np.float64)


def test_it_sees_the_direction_of_a_ring() -> None:
    predictor = Pooled(*samples(0), RING)
    x, y = samples(1)
    assert np.square(predictor(x) - y).mean() < 0.2 * y.var()
    mirrored = MIRROR.points.apply(x)
    assert np.square(predictor(mirrored) - y).mean() > y.var()
    assert not predictor.is_left_by(MIRROR)


def test_what_it_believes_leaves_it_as_it_is() -> None:
    predictor, (x, _) = Pooled(*samples(0), RING), samples(1)
    moved = RING.points.apply(x)
    assert np.allclose(predictor(moved), predictor(x), atol=1e-3)
    assert predictor.is_left_by(RING) and predictor.is_left_by(RING**5)


def test_the_best_is_first_and_what_saves_little_is_not_believed() -> None:
    negated = element(np.arange(COLUMNS), [-1] * COLUMNS)
    moves_outputs = Element(RING.points, Permutation([1, 0]))
    halves = element(np.roll(np.arange(COLUMNS), 6))
    found = pooled_predictors(*samples(0), [SWAP, halves, negated, RING, moves_outputs])
    assert [one.is_left_by(RING) for one in found][:1] == [True]
    assert len(found) == 1
    assert (
        pooled_predictors(np.zeros((9, MOST_COLUMNS + 1), np.float32), np.zeros((9, 1)), [RING])
        == []
    )
