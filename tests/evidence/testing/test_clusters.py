"""Clusters of samples."""

import numpy as np

from autoequivariant.evidence.testing.clusters import Clusters


def test_without_numbers_each_sample_is_its_own() -> None:
    clusters = Clusters.of(None, 4)
    values = np.arange(8, dtype=np.float32).reshape(4, 2)
    assert len(clusters) == 4
    assert clusters.sums(values) is values


def test_sums_over_clusters() -> None:
    clusters = Clusters.of(np.array([7, 3, 7, 9]), 4)
    values = np.array([[1], [2], [4], [8]], np.float32)
    assert len(clusters) == 3
    assert clusters.number.tolist() == [0, 1, 0, 2]
    assert clusters.sums(values)[:, 0].tolist() == [5, 2, 8]


def test_a_part_is_numbered_anew() -> None:
    clusters = Clusters.of(np.array([0, 1, 1, 2]), 4)
    part, units = clusters.part(np.array([3, 1, 2]))
    assert part.number.tolist() == [0, 1, 1]
    assert units.tolist() == [2, 1]


def test_no_cluster_is_in_both_halves() -> None:
    number = np.sort(np.random.default_rng(0).integers(0, 30, 100))
    clusters = Clusters.of(number, 100)
    first, second = clusters.halves()
    assert sorted([*first, *second]) == list(range(100))
    assert not set(clusters.number[first]) & set(clusters.number[second])
    assert 30 < len(first) < 70


def test_of_nothing() -> None:
    assert len(Clusters.of(None, 0)) == 0
