"""The exact tests of the law."""

import numpy as np
import pytest

from autoequivariant.evidence.testing.clusters import Clusters
from autoequivariant.evidence.testing.law import JOINT_LEVEL, LawData, Moved, law_test
from autoequivariant.evidence.testing.swap_test import random_signs


def data(n: int, rng: np.random.Generator, clusters: np.ndarray | None = None) -> LawData:
    x, hx = rng.normal(size=(2, n, 10)).astype(np.float32)
    y = np.eye(4, dtype=np.float32)[rng.integers(0, 4, n)]
    return LawData([Moved(x, hx, np.arange(n))], y, y, Clusters.of(clusters, n))


def p_values(pairs: LawData, rng: np.random.Generator) -> tuple[float, float]:
    law = law_test(pairs, 0.01, random_signs(len(pairs.clusters), rng), None)
    return law.p_x, law.p_joint


def test_levels() -> None:
    rng = np.random.default_rng(0)
    found = np.array([p_values(data(60, rng), rng) for _ in range(150)])
    for column in found.T:
        assert abs((column <= 0.1).mean() - 0.1) < 0.08


def test_levels_with_clusters_of_equal_samples() -> None:
    rng = np.random.default_rng(0)

    def doubled() -> LawData:
        half = data(40, rng)
        (kind,) = half.kinds
        rows = np.repeat(np.arange(40), 3)
        moved = Moved(kind.x[rows], kind.hx[rows], np.arange(120))
        return LawData([moved], half.y[rows], half.y[rows], Clusters.of(rows, 120))

    found = np.array([p_values(doubled(), rng)[0] for _ in range(150)])
    assert abs((found <= 0.1).mean() - 0.1) < 0.08


def test_a_change_in_one_class_is_seen_with_labels_alone() -> None:
    rng = np.random.default_rng(0)
    pairs = data(600, rng)
    (kind,) = pairs.kinds
    label = pairs.y.argmax(axis=1)
    kind.x[label == 2, 0] += 0.7
    kind.hx[label == 2, 0] -= 0.7
    kind.x[label == 1, 0] -= 0.7
    kind.hx[label == 1, 0] += 0.7
    p_x, p_joint = p_values(pairs, rng)
    assert p_x > 0.01
    assert p_joint <= JOINT_LEVEL


def test_rare_classes_are_named() -> None:
    rng = np.random.default_rng(0)
    pairs = data(400, rng)
    pairs.y[:] = np.eye(4, dtype=np.float32)[np.where(np.arange(400) < 5, 3, np.arange(400) % 3)]
    law = law_test(pairs, 0.01, random_signs(400, rng), None)
    assert law.unseen == (3,)
    assert law.resolution is not None


def test_the_loss_of_a_predictor_counts_twice() -> None:
    rng = np.random.default_rng(0)
    pairs, signs = data(100, rng), random_signs(100, rng)
    alone = law_test(pairs, 0.01, signs, None).p_joint
    assert law_test(pairs, 0.01, signs, 1.0).p_joint == pytest.approx(min(1, 2 * alone))
    assert law_test(pairs, 0.01, signs, 0.001).p_joint == pytest.approx(0.002)
