"""The split into train, validation and test: disjoint, stratified by class, drawn from a seed."""

from __future__ import annotations

import itertools
import numbers
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
    """

    x: NDArray[Any]
    y: NDArray[Any]

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.y)


@dataclass(frozen=True, eq=False)
class DataSet:
    """A data set in three disjoint parts; attributes not listed here are those of `Samples`.

    Attributes:
        train: what a network is fitted on; holds every class.
        validation: what a network is scored on during the search.
        test: touched once, at the end.
        fingerprint: SHA-256 of the samples before splitting and planting.
    """

    name: str
    domain: Domain
    channels: int
    classes: tuple[str, ...]
    train: Split
    validation: Split
    test: Split
    fingerprint: str
    columns: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()

    @property
    def task(self) -> str:
        """`classification` or `regression`."""
        return "regression" if self.targets else "classification"


def split(
    samples: Samples, train_size: int | None, validation_size: int | None, seed: int
) -> DataSet:
    """Divide samples into train, validation and test.

    The test set is the source's own, whole and in its order, or else a fifth of the samples, which
    depends on the seed alone. In one shuffled order of the rest, train comes first and validation
    last, so that a larger train set contains the smaller one of the same seed.

    Args:
        samples: a checked data set.
        train_size: number of samples to train on. Default: 4,000 as in the paper, or what is left.
        validation_size: number of samples to score on. Default: 1,000 as in the paper, a quarter of
            what is not test, or what is left by `train_size`, whichever is least.
        seed: a whole number of 0 or more.

    Raises:
        SettingsError: a size is not a number of at least the number of classes (2 for regression),
            or the sizes exceed the number of samples.
        DataError: there are too few samples for any split.
    """
    if samples.x_test is not None and samples.y_test is not None:
        order = stratified_order(samples.y, stream(seed, Purpose.SPLIT))
        test = Split(samples.x_test, samples.y_test)
    else:
        order, held_out = hold_out(samples.y, seed)
        test = _take(samples, held_out)
    train_count, validation_count = _sizes(samples, len(order), train_size, validation_size)
    return DataSet(
        samples.name,
        samples.domain,
        samples.channels,
        samples.classes,
        train=_take(samples, order[:train_count]),
        validation=_take(samples, order[len(order) - validation_count :]),
        test=test,
        fingerprint=samples.fingerprint(),
        columns=samples.columns,
        targets=samples.targets,
    )


def hold_out(y: NDArray[Any], seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the order of all samples but a fifth, and that fifth, for a source without a test set.

    Args:
        y: class indices, shape `(n,)`, or targets, shape `(n, m)`.
        seed: of the split.
    """
    order = stratified_order(y, stream(seed, Purpose.SPLIT))
    count = _test_count(len(order))
    return order[:-count], order[-count:]


def _test_count(count: int) -> int:
    return max(1, count // _TEST_ONE_IN)


def stratified_order(y: NDArray[Any], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return a random order of samples in which every stretch has all classes in proportion.

    It begins with one sample of each class; apart from these, the `k`-th of the `m` samples of a
    class is at a random place in the `k`-th of `m` equal stretches. Targets of regression get a
    random order.

    Args:
        y: class indices, shape `(n,)`, or targets, shape `(n, m)`.
        rng: the source of randomness.

    Returns:
        A permutation of `0..n-1`, shape `(n,)`.
    """
    shuffled = rng.permutation(len(y))
    if y.ndim == 2:
        return shuffled
    jitter = rng.random(len(y))
    place = np.empty(len(y))
    for label in np.unique(y):
        members = shuffled[y[shuffled] == label]
        rank = np.arange(len(members))
        place[members] = (rank + jitter[members]) / len(members) - (rank == 0)
    return np.argsort(place, kind="stable").astype(np.int64)


def _take(samples: Samples, indices: NDArray[np.int64]) -> Split:
    return Split(samples.x[indices], samples.y[indices])


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
