from itertools import product

import numpy as np
import pytest

from autoequivariant.data.copies import orbit_hashes
from autoequivariant.data.copies.elements import elements_of
from autoequivariant.data.copies.orbit_hashes import OrbitHashes
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry


def partition(clusters: np.ndarray) -> set[tuple[int, ...]]:
    return {tuple(np.flatnonzero(clusters == number)) for number in clusters}


def by_hand(x: np.ndarray, group: list[Permutation]) -> set[tuple[int, ...]]:
    """The slow twin: the smallest moved copy of each sample, in words."""
    least = [min(tuple(g.apply(row).tolist()) for g in group) for row in x.astype(np.float32)]
    return {tuple(k for k, other in enumerate(least) if other == own) for own in least}


ALL = np.array(list(product([0, 1, 2], repeat=4)), np.uint8)
REAL = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
MOVED = np.concatenate([REAL, REAL[:30, [1, 0, 3, 2]], -REAL[:10], [[0, 0, 0, 0], [-0.0, 0, 0, 0]]])
SIGN = Permutation([0, 1, 2, 3], [-1, -1, -1, -1])


@pytest.mark.parametrize("x", [ALL, ALL.astype(np.float32), MOVED.astype(np.float32)])
@pytest.mark.parametrize(
    "generators",
    [
        [Permutation.identity(4)],
        [Permutation([1, 0, 3, 2])],
        [Permutation([1, 2, 3, 0])],
        [Permutation([1, 0, 2, 3]), Permutation([0, 1, 3, 2])],
        [Permutation([1, 0, 2, 3]), Permutation([1, 2, 3, 0])],
        [SIGN],
        [SIGN, Permutation([1, 2, 3, 0])],
    ],
)
def test_clusters_are_the_orbits(x: np.ndarray, generators: list[Permutation]) -> None:
    is_signed = any(g.is_signed for g in generators)
    images = [(g.double_cover() if is_signed else g).image for g in generators]
    listed = elements_of(images, 100)
    assert listed is not None
    group = [
        Permutation(image[:4] % 4, np.where(image[:4] < 4, 1, -1)) for image in np.asarray(listed)
    ]
    found = OrbitHashes(x, is_signed).match(images)
    assert partition(found.clusters) == by_hand(x, group)


def test_outputs_are_moved_to_the_canonical_sample() -> None:
    mirror = np.array([1, 0, 2, 4, 3])  # two values; outputs 0 and 1, 2 change places
    x = np.array([[3, 5], [5, 3], [4, 4], [5, 3]], np.uint8)
    found = OrbitHashes(x, False).match([mirror])
    assert partition(found.clusters) == {(0, 1, 3), (2,)}
    assert found.outputs is not None
    labels = found.outputs[np.arange(4), [1, 2, 0, 1]]
    assert labels[0] == labels[1] != labels[3]


def test_of_a_group_too_large_chains_of_powers_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orbit_hashes, "MOST_ELEMENTS", 6)
    turn, mirror = (Symmetry.parse(name).action(Grid(3, 3)) for name in ("rot90", "hflip"))
    x = np.random.default_rng(0).normal(size=(3, 9)).astype(np.float32)
    turned, both = turn.apply(x[0]), mirror.apply(turn.apply(turn.apply(x[1])))
    chained = mirror.apply(turned)
    samples = np.stack([*x, turned, both, chained])
    found = OrbitHashes(samples, False).match([turn.image, mirror.image])
    assert partition(found.clusters) == {(0, 3, 5), (1,), (2,), (4,)}
    monkeypatch.undo()
    found = OrbitHashes(samples, False).match([turn.image, mirror.image])
    assert partition(found.clusters) == {(0, 3, 5), (1, 4), (2,)}
