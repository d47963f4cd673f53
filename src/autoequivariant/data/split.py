"""Train, validation and test: disjoint, stratified by class, drawn from a seed."""

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

# One sample in so many is held out where a source has no test set, and at most one in so many of
# the rest validates.
_TEST_ONE_IN = 5
_VALIDATION_ONE_IN = 4

# What a variance needs, on either side.
_FEWEST_OF_REGRESSION = 2


@dataclass(frozen=True, eq=False)
class Split:
    """Samples with their classes or targets.

    Attributes:
        x: shape `(n, channels, *domain.shape)`, float32 or uint8.
        y: class indices, shape `(n,)`, int64; of regression targets, shape `(n, m)`, float32.
    """

    x: NDArray[Any]
    y: NDArray[Any]

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.y)


@dataclass(frozen=True, eq=False)
class DataSet:
    """A data set in its three disjoint parts.

    Attributes:
        name: short name of the data set.
        domain: what the symmetries act on.
        channels: values at each index of the domain.
        classes: class `c` is called `classes[c]`. Of regression: none.
        train: what a state is fitted on; holds every class.
        validation: what a state is scored on.
        test: touched once, at the end.
        fingerprint: SHA-256 of the samples before splitting (and before planting).
        columns: of features that have names, the name of each index of the domain; else none.
        targets: of regression, the name of each target; else none.
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
        """What `y` holds: `classification` for classes, `regression` for numbers."""
        return "regression" if self.targets else "classification"


def split(
    samples: Samples, train_size: int | None, validation_size: int | None, seed: int
) -> DataSet:
    """Divide samples into train, validation and test.

    The test set is the source's own, whole and in its order, or else a fifth of the samples, which
    depends on the seed alone. From one shuffled order of the others the first are train and the
    last validation, so that a larger train set contains the smaller one of the same seed.

    Args:
        samples: what a source holds.
        train_size: number of samples to train on. Default: 4,000 as in the paper, or what is left.
        validation_size: number of samples to score on. Default: 1,000 as in the paper, a quarter of
            what is not test, or what is left by `train_size`, whichever is least.
        seed: a whole number of 0 or more.

    Raises:
        SettingsError: a size is not a number of at least the number of classes (2 for regression),
            or more is asked for than there is.
        DataError: there are too few samples for any split.
    """
    order = stratified_order(samples.y, stream(seed, Purpose.SPLIT))
    if samples.x_test is not None and samples.y_test is not None:
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
    """Return the order of the samples that are not test, and the fifth that is, where a source has
    no test set of its own.

    Args:
        y: class indices, shape `(n,)`.
        seed: of the split.
    """
    order = stratified_order(y, stream(seed, Purpose.SPLIT))
    count = _held_out_of(len(order))
    return order[:-count], order[-count:]


def _held_out_of(count: int) -> int:
    return max(1, count // _TEST_ONE_IN)


def stratified_order(y: NDArray[Any], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return a random order of samples of which every stretch has all classes in proportion.

    The first samples are one of each class; up to these the `k`-th of the `m` samples of a class
    lies at a random place in the `k`-th of `m` equal stretches. Targets of regression, which have
    no classes, get a random order.

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
    samples: Samples, available: int, train_size: int | None, validation_size: int | None
) -> tuple[int, int]:
    classes = len(samples.classes)
    fewest = classes or _FEWEST_OF_REGRESSION
    if available < 2 * fewest:
        raise DataError(_too_few(samples, available, 2 * fewest))
    train = _checked(train_size, "train size", classes)
    validation = _checked(validation_size, "validation size", classes)
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
    return train, validation


def _too_few(samples: Samples, available: int, fewest: int) -> str:
    """Say how many samples are needed, those that are held out for the test among them."""
    why = f"{len(samples.classes)} classes" if samples.classes else "regression"
    total = len(samples.y)
    if samples.x_test is not None:
        held_out, needed = "", fewest
    else:
        held_out = f" ({total} less {total - available} that are held out for the test)"
        needed = next(n for n in itertools.count(fewest) if n - _held_out_of(n) >= fewest)
    return (
        f"{samples.name} has {available} samples for train and validation together{held_out}, too "
        f"few for {why}: give at least {needed}{' in all' if held_out else ' for training'}."
    )


def _checked(size: int | None, what: str, classes: int) -> int | None:
    if size is None:
        return None
    fewest = classes or _FEWEST_OF_REGRESSION
    if isinstance(size, bool) or not isinstance(size, numbers.Integral) or size < fewest:
        why = ", one sample for each class" if classes else ""
        raise SettingsError(
            f"The {what} must be a whole number of at least {fewest}{why}, not {size!r}."
        )
    return int(size)
