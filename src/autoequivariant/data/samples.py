"""A checked data set, before it is split."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autoequivariant.data.arrays import Arrays, as_numbers
from autoequivariant.data.labels import encode_labels
from autoequivariant.data.layout import are_pairs, arrange
from autoequivariant.data.messages import check_choice, check_names
from autoequivariant.data.precision import check_precision
from autoequivariant.data.targets import encode_targets
from autoequivariant.data.task import TASKS, usual_task
from autoequivariant.errors import DataError, SettingsError
from autoequivariant.groups.domain import Domain, Features, Pairs


@dataclass(frozen=True, eq=False)
class Samples:
    """A data set before splitting; `make_samples` makes and checks it.

    Attributes:
        name: short name of the data set.
        domain: what the symmetries act on.
        channels: values at each index of the domain.
        classes: the distinct labels as text; class `c` is `classes[c]`. Empty for regression.
        x: samples, shape `(n, channels, *domain.shape)`, uint8 or float32.
        y: class indices, shape `(n,)`, int64; for regression targets, shape `(n, m)`, float32.
        x_test: test samples of the same form, or None if the source has no test set.
        y_test: their class indices or targets, or None.
        columns: names of the features, one for each index of the domain; empty if they have none.
        targets: names of the targets of regression; empty for classification.
        categories: of each column of a table, the values that it holds codes of, sorted; empty for
            a column of numbers. Empty if all columns are.
    """

    name: str
    domain: Domain
    channels: int
    classes: tuple[str, ...]
    x: NDArray[Any]
    y: NDArray[Any]
    x_test: NDArray[Any] | None = None
    y_test: NDArray[Any] | None = None
    columns: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    categories: tuple[tuple[str, ...], ...] = ()

    @property
    def task(self) -> str:
        """`classification` or `regression`."""
        return "regression" if self.targets else "classification"

    def fingerprint(self) -> str:
        """Return the SHA-256, in hex, of domain, classes, columns and all arrays.

        The name is left out, so that data keep their fingerprint when their folder is moved.
        """
        digest = hashlib.sha256(repr((str(self.domain), self.channels, self.classes)).encode())
        if self.columns or self.targets:
            digest.update(repr((self.columns, self.targets)).encode())
        if self.categories:
            digest.update(repr(self.categories).encode())
        for field in ("x", "y", "x_test", "y_test"):
            array = getattr(self, field)
            if array is not None:
                digest.update(repr((field, array.shape, array.dtype.str)).encode())
                digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()


def make_samples(
    name: str,
    arrays: Arrays,
    kind: str | None = None,
    origin: str | None = None,
    task: str | None = None,
    channels_first: bool = False,
) -> Samples:
    """Check raw arrays and bring them into one form.

    Args:
        name: short name of the data set.
        arrays: samples and labels from a source.
        kind: `grid`, `sequence`, `features`, `volume`, `pairs`, or None: `pairs` if all samples are
            symmetric matrices (`layout.are_pairs`), else by the rule of `layout.arrange`.
        origin: what error messages call the data, such as its path. Default: `name`.
        task: `classification`, `regression`, or None for the rule of `task.usual_task`.
        channels_first: as in `layout.arrange`.

    Raises:
        DataError: numbers of samples and labels that differ, no samples, values that are NaN,
            infinite or no real numbers, columns or targets too far from 0 for float32, fewer than
            two classes, labels that are no classes, targets that are no numbers or constant, names
            that do not fit, or test samples that do not fit the training samples.
        SettingsError: `kind` or `task` is unknown, or `kind` does not fit the arrays.
    """
    check_choice("task", task, TASKS)
    origin = origin or name
    x = as_numbers(arrays.x, "train", origin)
    _check_counts(x, arrays.y, "train", origin)
    x_test = _test_samples(arrays, x, origin)
    classes, targets, y, y_test = _labels(arrays, task, origin)
    if kind is None and are_pairs(x) and (x_test is None or are_pairs(x_test)):
        kind = Pairs.kind
    domain, x = arrange(x, kind, origin, channels_first)
    if x_test is not None:
        x_test = arrange(x_test, kind, origin, channels_first)[1]
    columns = arrays.columns if isinstance(domain, Features) else ()
    if columns:
        check_names(columns, domain.size, "columns", origin)
    if arrays.categories and not isinstance(domain, Features):
        raise SettingsError(
            f"{origin} has columns of text, which are categories of a table: use --kind features, "
            "or turn them into numbers."
        )
    raw = np.asarray(arrays.x)
    if not np.can_cast(raw.dtype, np.float32):
        _check_precision(arrange(raw, kind, origin, channels_first)[1], domain, columns, origin)
    channels, categories = x.shape[1], arrays.categories
    return Samples(
        name, domain, channels, classes, x, y, x_test, y_test, columns, targets, categories
    )


def _check_precision(
    x: NDArray[Any], domain: Domain, columns: tuple[str, ...], origin: str
) -> None:
    """Check each column of features, and each channel of all else."""
    what, axis = ("column", 2) if isinstance(domain, Features) else ("channel", 1)
    parts = np.moveaxis(x, axis, 0)
    names = columns or tuple(map(str, range(len(parts))))
    check_precision(zip(names, parts, strict=True), what, origin)


def _labels(
    arrays: Arrays, task: str | None, origin: str
) -> tuple[tuple[str, ...], tuple[str, ...], NDArray[Any], NDArray[Any] | None]:
    """Return classes, names of targets, and the labels of train and test."""
    y, y_test, names = arrays.y, arrays.y_test, arrays.targets
    if (task or usual_task(y, y_test, origin)) == "regression":
        return ((), *encode_targets(y, y_test, names, origin))
    if len(names) > 1:
        raise DataError(
            f"{origin} has {len(names)} targets ({', '.join(names[:5])}), but classes are one "
            "target: name one, or take them as numbers with --task regression."
        )
    classes, train, test = encode_labels(y, y_test, origin)
    return classes, (), train, test


def _check_counts(x: NDArray[Any], labels: ArrayLike, what: str, origin: str) -> None:
    shape = np.asarray(labels).shape
    count = shape[0] if shape else 1
    if len(x) != count:
        raise DataError(
            f"{origin} has {len(x)} {what} samples but {count} {what} labels: "
            "give exactly one label for each sample."
        )


def _test_samples(arrays: Arrays, x: NDArray[Any], origin: str) -> NDArray[Any] | None:
    """Return the test samples as numbers of the same shape and type as the training samples `x`."""
    if (arrays.x_test is None) != (arrays.y_test is None):
        present, absent = ("labels", "samples") if arrays.x_test is None else ("samples", "labels")
        raise DataError(f"{origin} has test {present} but no test {absent}: give both or neither.")
    if arrays.x_test is None or arrays.y_test is None:
        return None
    x_test = as_numbers(arrays.x_test, "test", origin)
    _check_counts(x_test, arrays.y_test, "test", origin)
    if x.shape[1:] != x_test.shape[1:]:
        raise DataError(
            f"The samples of {origin} have shape {x.shape[1:]} in train but {x_test.shape[1:]} in "
            "test: bring both to one shape."
        )
    if x.dtype != x_test.dtype:
        raise DataError(
            f"The samples of {origin} are {x.dtype} in train but {x_test.dtype} in test, which "
            "may differ in scale: store both in one type."
        )
    return x_test
