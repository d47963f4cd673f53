"""The split into train, validation and test: disjoint, stratified by class, drawn from a seed."""

from __future__ import annotations

import itertools
import numbers
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.copies.find import NO_COPIES, Copies
from autoequivariant.data.random_streams import Purpose, stream
from autoequivariant.data.samples import Samples
from autoequivariant.errors import DataError, SettingsError
from autoequivariant.groups.domain import Domain

# A child of the paper is trained on 4,000 images and scored on 1,000 (arXiv 2104.04848,
# experiments on group searching).
PAPER_TRAIN_SIZE = 4000
PAPER_VALIDATION_SIZE = 1000

# Default shares: of the samples for test if a source has no test set, and of the rest, at most, for
# validation.
_TEST_ONE_IN = 5
_VALIDATION_ONE_IN = 4

# A variance needs two samples.
_FEWEST_OF_REGRESSION = 2


@dataclass(frozen=True, eq=False)
class Split:
    """Samples with their classes or targets.

    Attributes:
        x: shape `(n, channels, *domain.shape)`, float32 or uint8.
        y: class indices, shape `(n,)`, int64; for regression targets, shape `(n, m)`, float32.
        clusters: number of the cluster of each sample, shape `(n,)`; copies of one sample share it.
            None if every sample is its own cluster.
        looked_at: whether labels of the sample, or of a copy of it, led to candidates, shape
            `(n,)`; tests of these candidates are of the others. None if none did.
    """

    x: NDArray[Any]
    y: NDArray[Any]
    clusters: NDArray[np.int64] | None = None
    looked_at: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.y)

    def rows(self, chosen: NDArray[Any]) -> Split:
        """Return some of the samples, by index or by a mask."""
        clusters = None if self.clusters is None else self.clusters[chosen]
        looked_at = None if self.looked_at is None else self.looked_at[chosen]
        return Split(self.x[chosen], self.y[chosen], clusters, looked_at)


@dataclass(frozen=True, eq=False)
class DataSet:
    """A data set in three disjoint parts; attributes not listed here are those of `Samples`.

    Attributes:
        train: what a network is fitted on; holds every class.
        validation: what a network is scored on during the search.
        test: touched once, at the end.
        further: what neither trains nor validates in the search; the network that is handed over is
            fitted on it, too.
        fingerprint: SHA-256 of the samples before splitting and planting.
    """

    name: str
    domain: Domain
    channels: int
    classes: tuple[str, ...]
    train: Split
    validation: Split
    test: Split
    further: Split
    fingerprint: str
    columns: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    categories: tuple[tuple[str, ...], ...] = ()

    @property
    def task(self) -> str:
        """`classification` or `regression`."""
        return "regression" if self.targets else "classification"


def split(
    samples: Samples,
    train_size: int | None,
    validation_size: int | None,
    seed: int,
    copies: Copies = NO_COPIES,
) -> DataSet:
    """Divide samples into train, validation and test.

    The test set is the source's own, whole and in its order, or else a fifth of the samples, which
    depends on the seed and the copies alone. In one shuffled order of the rest, train comes first
    and validation last, so that a larger train set contains the smaller one of the same seed.
    Copies of a sample follow each other in that order; samples of validation whose copies are in
    train are left out of it. What is in neither is for the final training. Samples whose labels led
    to candidates come first, with their copies.

    Args:
        samples: a checked data set.
        train_size: number of samples to train on. Default: 4,000 as in the paper, or what is left.
        validation_size: number of samples to score on. Default: 1,000 as in the paper, a quarter of
            what is not test, or what is left by `train_size`, whichever is least.
        seed: a whole number of 0 or more.
        copies: which samples stay together, which are left out, and which come first. Default:
            none.

    Raises:
        SettingsError: a size is not a number of at least the number of classes (2 for regression),
            or the sizes exceed the number of samples.
        DataError: there are too few samples for any split.
    """
    everything = Split(samples.x, samples.y, copies.clusters, copies.looked_at)
    if samples.x_test is not None and samples.y_test is not None:
        order = _order(everything, copies, seed)
        test = Split(samples.x_test, samples.y_test)
    else:
        order, held_out = hold_out(samples.y, seed, copies)
        test = everything.rows(held_out)
    train_count, validation_count = _sizes(samples, len(order), train_size, validation_size)
    train = everything.rows(order[:train_count])
    further, scored = np.split(order[train_count:], [-validation_count])
    if train.clusters is not None and copies.clusters is not None:
        is_copy = np.isin(copies.clusters[scored], train.clusters)
        further, scored = np.concatenate([further, scored[is_copy]]), scored[~is_copy]
    validation = everything.rows(scored)
    return DataSet(
        samples.name,
        samples.domain,
        samples.channels,
        samples.classes,
        train,
        validation,
        test,
        everything.rows(further),
        fingerprint=samples.fingerprint(),
        columns=samples.columns,
        targets=samples.targets,
        categories=samples.categories,
    )


def hold_out(
    y: NDArray[Any], seed: int, copies: Copies = NO_COPIES
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the order of all samples but a fifth, and that fifth, for a source without a test set.

    Args:
        y: class indices, shape `(n,)`, or targets, shape `(n, m)`.
        seed: of the split.
        copies: which samples stay together; a cluster at the boundary is held out.
    """
    order = _order(Split(y, y, copies.clusters), copies, seed)
    boundary = len(order) - _test_count(len(order))
    if copies.clusters is not None:
        boundary = cluster_start(copies.clusters[order], boundary)
    return order[:boundary], order[boundary:]


def cluster_start(clusters: NDArray[np.int64], position: int) -> int:
    """Return the first position of the cluster at a position, in an order that keeps clusters."""
    differs = np.flatnonzero(clusters[:position][::-1] != clusters[position])
    return position - int(differs[0]) if len(differs) else 0


def _test_count(count: int) -> int:
    return max(1, count // _TEST_ONE_IN)


def _order(everything: Split, copies: Copies, seed: int) -> NDArray[np.int64]:
    """Return the shuffled order of all samples that are not left out."""
    rng = stream(seed, Purpose.SPLIT)
    if copies.left_out is None:
        order = stratified_order(everything.y, rng, everything.clusters)
    else:
        kept = np.flatnonzero(~copies.left_out)
        part = everything.rows(kept)
        order = kept[stratified_order(part.y, rng, part.clusters)]
    if copies.looked_at is None:
        return order
    is_first = copies.looked_at[order]
    return np.concatenate([order[is_first], order[~is_first]])


def stratified_order(
    y: NDArray[Any], rng: np.random.Generator, clusters: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Return a random order of samples in which every stretch has all classes in proportion.

    It begins with one sample of each class; apart from these, the `k`-th of the `m` samples of a
    class is at a random place in the `k`-th of `m` equal stretches. Targets of regression get a
    random order.

    Args:
        y: class indices, shape `(n,)`, or targets, shape `(n, m)`.
        rng: the source of randomness.
        clusters: number of the cluster of each sample, shape `(n,)`. The samples of a cluster
            follow each other: they are placed as one that counts as often, of the rarest class
            among them. Default: every sample is its own cluster.

    Returns:
        A permutation of `0..n-1`, shape `(n,)`.
    """
    if clusters is None:
        return _stratified(y, np.ones(len(y)), rng)
    rarest_first = np.argsort(np.zeros(len(y)) if y.ndim == 2 else np.bincount(y)[y], kind="stable")
    _, first = np.unique(clusters[rarest_first], return_index=True)
    _, inverse, sizes = np.unique(clusters, return_inverse=True, return_counts=True)
    place = np.empty(len(first))
    place[_stratified(y[rarest_first[first]], sizes, rng)] = np.arange(len(first))
    return np.argsort(place[inverse], kind="stable").astype(np.int64)


def _stratified(
    y: NDArray[Any], sizes: NDArray[Any], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return a stratified order of clusters by the label and the number of samples of each."""
    shuffled = rng.permutation(len(y))
    if y.ndim == 2:
        return shuffled
    jitter = rng.random(len(y))
    place = np.empty(len(y))
    for label in np.unique(y):
        members = shuffled[y[shuffled] == label]
        size = sizes[members]
        before = np.cumsum(size) - size
        place[members] = (before + jitter[members] * size) / size.sum() - (before == 0)
    return np.argsort(place, kind="stable").astype(np.int64)


def _sizes(
    samples: Samples, available: int, train: int | None, validation: int | None
) -> tuple[int, int]:
    """Return checked sizes of train and validation, with defaults for None."""
    fewest = len(samples.classes) or _FEWEST_OF_REGRESSION
    if available < 2 * fewest:
        raise DataError(_too_few(samples, available, 2 * fewest))
    why = ", one sample for each class" if samples.classes else ""
    for what, size in (("train size", train), ("validation size", validation)):
        if size is None:
            continue
        if isinstance(size, bool) or not isinstance(size, numbers.Integral) or size < fewest:
            raise SettingsError(
                f"The {what} must be a whole number of at least {fewest}{why}, not {size!r}."
            )
    if validation is None:
        left = available if train is None else available - train
        validation = min(PAPER_VALIDATION_SIZE, available // _VALIDATION_ONE_IN, left)
        validation = max(validation, fewest)
    if train is None:
        train = max(fewest, min(PAPER_TRAIN_SIZE, available - validation))
    if train + validation > available:
        raise SettingsError(
            f"A train size of {train} and a validation size of {validation} need "
            f"{train + validation} samples, but {samples.name} has {available} outside its test "
            "set: ask for less."
        )
    return int(train), int(validation)


def _too_few(samples: Samples, available: int, fewest: int) -> str:
    """Return a sentence with the number of samples needed, held-out test samples included."""
    why = f"{len(samples.classes)} classes" if samples.classes else "regression"
    total = len(samples.y)
    if samples.x_test is not None:
        held_out, needed = "", fewest
    else:
        held_out = f" ({total} less {total - available} that are held out for the test)"
        needed = next(n for n in itertools.count(fewest) if n - _test_count(n) >= fewest)
    return (
        f"{samples.name} has {available} samples for train and validation together{held_out}, too "
        f"few for {why}: give at least {needed}{' in all' if held_out else ' for training'}."
    )
