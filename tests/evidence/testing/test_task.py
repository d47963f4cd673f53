"""The residual test, where inputs are symmetric and where they are not."""

import numpy as np
import pytest

from autoequivariant.evidence.testing.clusters import Clusters
from autoequivariant.evidence.testing.features import Features
from autoequivariant.evidence.testing.moves import Labelled, Moves
from autoequivariant.evidence.testing.predictors import Ridge
from autoequivariant.evidence.testing.swap_test import random_signs
from autoequivariant.evidence.testing.task import TaskData, TaskTest, View, residual_test
from autoequivariant.groups.domain import Features as Columns
from autoequivariant.groups.element import element_of
from autoequivariant.groups.symmetry import parse_symmetries


def swap_tested(x: np.ndarray, y: np.ndarray, seed: int = 0) -> TaskTest:
    """Test whether y depends on x up to an exchange of the first two columns."""
    rng = np.random.default_rng(seed)
    (swap,) = parse_symmetries("swap:0-1")
    moves = Moves((element_of(swap, Columns(x.shape[1]), 1, 1),))
    x = x.astype(np.float32)
    features = Features(x[:100], True, 0.5)
    clusters = Clusters.of(None, len(x))
    drawn = moves.draw(clusters, rng)
    moved = moves.apply(Labelled(x, y, 0), drawn)
    halves = clusters.halves()
    phi, h_phi = features(x), features(moved.x)
    predictor = Ridge.fit(phi[halves[0]], y[halves[0]])
    view = View(h_phi, drawn)
    data = TaskData(phi, h_phi, phi, [view], y, y, moves, clusters, halves, predictor)
    return residual_test(data, random_signs(len(x), rng), rng)


def columns(n: int, shift: float, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 3)) + np.array([shift, -shift, 0])


@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_a_symmetric_label_is_not_refuted(shift: float) -> None:
    wrong = 0
    for seed in range(30):
        x = columns(500, shift, seed)
        noise = np.random.default_rng(seed).normal(size=500)
        y = (x[:, 0] * x[:, 1] + x[:, 2] + 0.3 * noise)[:, None]
        wrong += swap_tested(x, y, seed).p < 0.05
    assert wrong <= 5  # 1.5 are expected; 6 or more have a probability of 0.3%


@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_a_label_that_depends_on_the_order_is_refuted(shift: float) -> None:
    x = columns(500, shift)
    y = (x[:, 0] + 0.3 * np.random.default_rng(0).normal(size=500))[:, None]
    found = swap_tested(x, y)
    assert found.p == 0.001
    assert found.has_overlap
    assert found.interval[0] > 0.02


def test_where_moved_samples_never_occur_there_is_no_overlap() -> None:
    found = swap_tested(columns(500, 4.0), columns(500, 0.0)[:, :1])
    assert found.overlap < 0.2
    assert not found.has_overlap


def test_a_constant_label_is_not_refuted() -> None:
    assert swap_tested(columns(200, 0.0), np.zeros((200, 1))).p > 0.5
