"""Copies in a data set: what is kept on one side of every split, and what the user should know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.copies.elements import Images
from autoequivariant.data.copies.messages import Pair, inside_warning, skipped_warning, test_warning
from autoequivariant.data.copies.orbit_hashes import Matches, OrbitHashes
from autoequivariant.data.samples import Samples
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry

FEWEST_CLUSTERS = 50
MOST_EACH = 50
LARGEST_SHARE = 20
"""Copies are kept together only if at least `FEWEST_CLUSTERS` clusters are left, with at most
`MOST_EACH` samples each on average, and none with more than one in `LARGEST_SHARE` of the samples.
Else splits would be too coarse: a small discrete table repeats itself without any leak.
"""
MOST_CONTRADICTIONS, MOST_STRAY = 0.05, 10
"""Of the copies under a symmetry, this share may have another label, and at least so many: under a
symmetry that does not hold, a sample that happens to be another one moved, is no copy of it.
"""
LEVEL = 0.5
"""Targets of regression that differ by more standard deviations are other labels."""
MOST_LEFT_OUT = 0.5
"""Largest share of train that is left out because it is copies of test samples."""
NAMED = 3
"""Pairs that a warning names."""
_MOST_TRIED = 12  # pairs, to name some that a single symmetry relates
_MOST_POWERS = 64  # of a symmetry, that may relate a pair


@dataclass(frozen=True, eq=False)
class Copies:
    """Samples that are copies of others, as they are or moved by symmetries.

    Attributes:
        clusters: number of the cluster of each sample of `Samples.x`, shape `(n,)`, in the order of
            their first samples: copies of one sample share it. None if no sample is a copy of
            another, or if too few clusters are left to keep them together.
        left_out: which samples of `Samples.x` are left out because they are copies of test
            samples, shape `(n,)`. None if none are.
        warnings: what the user should know, in sentences.
        looked_at: which samples led to candidates by their labels (`looked_at.py`), shape `(n,)`;
            they are never for the test. None if none did.
    """

    clusters: NDArray[np.int64] | None = None
    left_out: NDArray[np.bool_] | None = None
    warnings: tuple[str, ...] = ()
    looked_at: NDArray[np.bool_] | None = None


NO_COPIES = Copies()


def find_copies(samples: Samples, symmetries: Sequence[Symmetry]) -> Copies:
    """Return which samples are copies of others, moved by the group of some symmetries or not.

    Only exact copies are found. A symmetry is not used if too many of its copies have other labels
    (`MOST_CONTRADICTIONS`). Where that is true of all others together, or they leave too few
    clusters, they are added one by one.

    Args:
        samples: a data set before it is split.
        symmetries: the candidates.

    Raises:
        SymmetryError: a symmetry is not defined on the data.
    """
    x, y = _both(samples.x, samples.x_test), _both(samples.y, samples.y_test)
    x = x.reshape(len(x), -1)
    actions = [_Action.of(symmetry, samples) for symmetry in symmetries]
    is_signed = any(action.points.is_signed for action in actions)
    hashes = OrbitHashes(x, is_signed)
    identity = _Action("", Permutation.identity(x.shape[1]), np.arange(len(samples.classes)))
    search = _Search(hashes, identity, is_signed, _labels(y))
    if _is_distinct(search.match(actions).clusters):
        return NO_COPIES
    found, kept, skipped = search.best(actions)
    warnings = [skipped_warning(skipped, found is not None)] if skipped or found is None else []
    if found is None:
        return Copies(warnings=tuple(warnings))
    strange = _contradicts(found, search.labels)
    n, clusters = len(samples.y), found.clusters
    train, test = np.arange(n), np.arange(n, len(y))
    left_out = np.isin(clusters[:n], clusters[n:])
    if left_out.any():
        is_left = bool(left_out.mean() <= MOST_LEFT_OUT)
        odd = int(np.isin(clusters[:n][left_out], clusters[strange]).sum())
        pairs = _pairs(x, clusters, test, train, kept)
        warnings.append(test_warning(int(left_out.sum()), odd, n, pairs, is_left))
        left_out &= is_left
    rest = train[~left_out]
    has_copies = not _is_distinct(clusters[rest])
    if has_copies:
        different, odd = len(np.unique(clusters[rest])), int(strange[rest].sum())
        pairs = _pairs(x, clusters, rest, rest, kept)
        warnings.append(inside_warning(len(rest), different, odd, pairs))
    return Copies(
        _in_order(clusters[:n]) if has_copies else None,
        left_out if left_out.any() else None,
        tuple(warnings),
    )


@dataclass(frozen=True, eq=False)
class _Action:
    """How a symmetry moves the values of a sample, and its classes (none in regression)."""

    name: str
    points: Permutation
    outputs: Images | None

    @classmethod
    def of(cls, symmetry: Symmetry, samples: Samples) -> _Action:
        channels = symmetry.channel_action(samples.channels)
        points = Permutation.kron(
            channels or Permutation.identity(samples.channels), symmetry.action(samples.domain)
        )
        n_outputs = len(samples.classes or samples.targets)
        outputs = symmetry.output_action(n_outputs) or Permutation.identity(n_outputs)
        if samples.classes:
            return cls(str(symmetry), points, outputs.image)
        return cls(str(symmetry), points, np.arange(0) if outputs.is_identity else None)

    def image(self, is_signed: bool) -> Images:
        """Return it as `OrbitHashes` takes it; targets that move are left out."""
        points = (self.points.double_cover() if is_signed else self.points).image
        outputs = np.arange(0) if self.outputs is None else self.outputs
        return np.concatenate([points, len(points) + outputs])


def _both(train: NDArray[np.generic], test: NDArray[np.generic] | None) -> NDArray[np.generic]:
    return train if test is None else np.concatenate([train, test])


@dataclass(frozen=True)
class _Search:
    """Matches of the samples under some actions."""

    hashes: OrbitHashes
    identity: _Action
    is_signed: bool
    labels: NDArray[Any]

    def match(self, actions: Sequence[_Action]) -> Matches:
        """Return the clusters under the group of some actions, the identity among them."""
        images = [action.image(self.is_signed) for action in (self.identity, *actions)]
        found = self.hashes.match(images)
        return replace(found, outputs=None) if any(a.outputs is None for a in actions) else found

    def is_contradicted(self, found: Matches) -> bool:
        """Whether too many copies have other labels."""
        copies = len(found.clusters) - len(np.unique(found.clusters))
        most = max(MOST_STRAY, MOST_CONTRADICTIONS * copies)
        return bool(_contradicts(found, self.labels).sum() > most)

    def best(self, actions: Sequence[_Action]) -> tuple[Matches | None, list[_Action], list[str]]:
        """Return the clusters under as many of the actions as possible.

        Returns:
            The clusters, None if too few are left without any action; the actions used; and the
            names of those that are not because too few would be left.
        """
        likely = [one for one in actions if not self.is_contradicted(self.match([one]))]
        found = self.match(likely)
        if _is_enough(found.clusters) and not self.is_contradicted(found):
            return found, likely, []
        found, used, skipped = self.match([]), list[_Action](), list[str]()
        if not _is_enough(found.clusters):
            return None, [], []
        for action in likely:
            larger = self.match([*used, action])
            if self.is_contradicted(larger):
                continue
            if _is_enough(larger.clusters):
                found, used = larger, [*used, action]
            else:
                skipped.append(action.name)
        return found, used, skipped


def _in_order(clusters: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the same clusters, numbered in the order of their first samples."""
    _, first, inverse = np.unique(clusters, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse]


def _is_distinct(clusters: NDArray[np.int64]) -> bool:
    return len(np.unique(clusters)) == len(clusters)


def _is_enough(clusters: NDArray[np.int64]) -> bool:
    if _is_distinct(clusters):
        return True
    n, sizes = len(clusters), np.unique(clusters, return_counts=True)[1]
    least = max(FEWEST_CLUSTERS, n / MOST_EACH)
    return bool(len(sizes) >= least and sizes.max() * LARGEST_SHARE <= n)


def _labels(y: NDArray[Any]) -> NDArray[Any]:
    """Return classes as they are, and targets in units in which other labels differ by over 1."""
    return y if y.ndim == 1 else y / (LEVEL * y.std(axis=0))


def _contradicts(found: Matches, labels: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which samples have another label than the first of their cluster, as it is moved."""
    if found.outputs is None:
        return np.zeros(len(labels), bool)
    moved = labels if labels.ndim == 2 else found.outputs[np.arange(len(labels)), labels]
    _, first, inverse = np.unique(found.clusters, return_index=True, return_inverse=True)
    differs = np.abs(moved - moved[first[inverse]])
    return np.asarray(differs > 0 if labels.ndim == 1 else (differs > 1).any(axis=1))


def _pairs(
    x: NDArray[np.generic],
    clusters: NDArray[np.int64],
    originals: NDArray[np.int64],
    copies: NDArray[np.int64],
    actions: Sequence[_Action],
) -> list[Pair]:
    """Return some originals with a copy; those that a power of one action relates come first."""
    numbers, first = np.unique(clusters[originals], return_index=True)
    place = np.minimum(np.searchsorted(numbers, clusters[copies]), len(numbers) - 1)
    sources = originals[first[place]]
    is_copy = (clusters[sources] == clusters[copies]) & (sources != copies)
    found = zip(sources[is_copy][:_MOST_TRIED], copies[is_copy][:_MOST_TRIED], strict=True)
    pairs = [Pair(int(a), int(b), _how(x[a], x[b], actions)) for a, b in found]
    return sorted(pairs, key=lambda pair: pair.how is None)[:NAMED]


def _how(
    original: NDArray[np.generic], copy: NDArray[np.generic], actions: Sequence[_Action]
) -> str | None:
    """Name the power of a symmetry that moves one sample to another; None if there is none."""
    if np.array_equal(original, copy):
        return "unmoved"
    for action in actions:
        moved = original.astype(np.float32)
        for power in range(1, _MOST_POWERS):
            moved = action.points.apply(moved)
            if np.array_equal(moved, copy):
                return action.name if power == 1 else f"{action.name} {power} times"
            if np.array_equal(moved, original):
                break
    return None
