"""Class labels of the usual forms, turned into class indices."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autoequivariant.errors import DataError

# From here on float64 no longer holds every whole number, so two labels could become equal.
_LARGEST_WHOLE_FLOAT = 2.0**53

_LONGEST_LABEL = 1000


def encode_labels(
    train: ArrayLike, test: ArrayLike | None, origin: str
) -> tuple[tuple[str, ...], NDArray[np.int64], NDArray[np.int64] | None]:
    """Return the classes and the class indices of the train and test labels.

    Labels may be whole numbers (also as floats), booleans or text, in an array of shape `(n,)` or
    `(n, 1)`. Classes are the distinct train labels as text, sorted by number or by text.

    Args:
        train: labels of the training samples.
        test: labels of the test samples, or None.
        origin: the data set's name or path, for messages.

    Raises:
        DataError: labels that are not classes, fewer than two classes, or test labels that do not
            occur in train.
    """
    plain = _as_plain(train, "train", origin)
    values, indices = np.unique(plain, return_inverse=True)
    is_bool = np.asarray(train).dtype.kind == "b"
    classes = tuple(str(bool(value) if is_bool else value) for value in values)
    if len(classes) < 2:
        held = f"only one class, {classes[0]!r}" if classes else "no labels"
        raise DataError(f"The train labels of {origin} hold {held}: give two classes or more.")
    y_test = None if test is None else _look_up(test, values, origin)
    return classes, indices.astype(np.int64), y_test


def text_labels(texts: Sequence[str], origin: str) -> NDArray[np.str_]:
    """Return labels as an array of text, in which each takes the memory of the longest.

    Raises:
        DataError: a label is longer than 1,000 characters.
    """
    longest = max(map(len, texts), default=0)
    if longest > _LONGEST_LABEL:
        raise DataError(
            f"A label of {origin} has {longest:,} characters: give classes of at most "
            f"{_LONGEST_LABEL:,}, such as short names."
        )
    return np.array(texts, dtype=str)


def label_names(labels: ArrayLike, origin: str) -> NDArray[np.str_]:
    """Return labels as the names of classes in `encode_labels`, shape `(n,)`.

    Raises:
        DataError: labels that are not classes.
    """
    plain = _as_plain(labels, "input", origin)
    return (plain.astype(bool) if np.asarray(labels).dtype.kind == "b" else plain).astype(str)


def _look_up(test: ArrayLike, values: NDArray[Any], origin: str) -> NDArray[np.int64]:
    plain = _as_plain(test, "test", origin)
    if plain.dtype.kind != values.dtype.kind:
        names = {"i": "numbers", "U": "text"}
        raise DataError(
            f"The labels of {origin} are {names[values.dtype.kind]} in train but "
            f"{names[plain.dtype.kind]} in test: write both in the same way."
        )
    unknown = np.unique(plain[~np.isin(plain, values)])
    if unknown.size:
        shown = ", ".join(str(value) for value in unknown[:5]) + ", ..." * (unknown.size > 5)
        raise DataError(
            f"The test labels of {origin} hold {unknown.size} that never occur in train ({shown}): "
            "add training samples of them or leave them out of the test set."
        )
    return np.searchsorted(values, plain).astype(np.int64)


def are_whole(array: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which floats are whole numbers, and small enough for float64 to distinguish."""
    with np.errstate(invalid="ignore"):
        whole = (array == np.floor(array)) & (np.abs(array) < _LARGEST_WHOLE_FLOAT)
    return np.asarray(whole)


def _without_surrogates(array: NDArray[np.str_]) -> NDArray[np.str_]:
    """Escape halves of surrogate pairs, as of folder names that are not UTF-8."""
    codes = np.ascontiguousarray(array).view(np.uint32)
    if not ((codes >= 0xD800) & (codes <= 0xDFFF)).any():
        return array
    return np.char.decode(np.char.encode(array, "utf-8", "backslashreplace"), "utf-8")


def _as_plain(labels: ArrayLike, what: str, origin: str) -> NDArray[Any]:
    """Return labels as int64 or text, shape `(n,)`."""
    array = np.asarray(labels)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise DataError(
            f"The {what} labels of {origin} have shape {array.shape}: give one class for each "
            "sample, shape (n,) (of one-hot rows take the argmax)."
        )
    if array.dtype.kind == "O":
        array = _without_objects(array, what, origin)
    if array.dtype.kind == "f" and not are_whole(array).all():
        first = int(np.argmin(are_whole(array)))
        raise DataError(
            f"The {what} labels of {origin} are not whole numbers (label {first} is "
            f"{array[first]}), so they are no classes: give whole numbers or text, or take them as "
            "numbers with --task regression."
        )
    if array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8", "backslashreplace")
    if array.dtype.kind == "U":
        array = _without_surrogates(array)
        may_be_long = array.itemsize > _LONGEST_LABEL * np.dtype("U1").itemsize
        return text_labels(array.tolist(), origin) if may_be_long else array
    if array.dtype.kind not in "biuf" or (
        array.dtype == np.uint64 and array.size and array.max() > np.iinfo(np.int64).max
    ):
        raise DataError(
            f"The {what} labels of {origin} are of type {array.dtype} or too large: give classes "
            "as whole numbers of 64 bits or as text."
        )
    return array.astype(np.int64)


def _without_objects(array: NDArray[Any], what: str, origin: str) -> NDArray[Any]:
    if all(isinstance(label, str) for label in array):
        return text_labels(array.tolist(), origin)
    if all(isinstance(label, numbers.Real | np.bool_) for label in array):
        return np.array(array.tolist())
    first = array[0]
    other = next((label for label in array if type(label) is not type(first)), first)
    shown = " and ".join(f"{str(one)[:40]!r}, {type(one).__name__}" for one in (first, other))
    raise DataError(
        f"The {what} labels of {origin} mix types or are neither text nor numbers (such as "
        f"{shown}): give all of them as text or all of them as whole numbers."
    )
