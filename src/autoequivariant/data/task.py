"""The task of a data set: classification or regression."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autoequivariant.data.labels import are_whole
from autoequivariant.data.messages import is_number
from autoequivariant.errors import DataError

TASKS = ("classification", "regression")

# Above both, whole numbers look more like measurements than like classes.
MOST_USUAL_CLASSES = 100
MOST_USUAL_SHARE = 0.1


def usual_task(train: ArrayLike, test: ArrayLike | None, origin: str) -> str:
    """Return the task that labels suggest.

    Text, booleans and whole numbers are classes. Floats of which some are not whole, and several
    numbers for each sample, are regression.

    Args:
        train: labels of the training samples.
        test: labels of the test samples, or None.
        origin: the data set's name or path, for messages.

    Raises:
        DataError: both are plausible: one-hot rows, more than 100 different whole numbers that are
            also more than a tenth of the samples, or numbers with text among them.
    """
    parts = [_numbers(labels) for labels in (train, test) if labels is not None]
    if any(part is None for part in parts):
        _refuse_text_among_numbers(train, origin)
        return "classification"  # or neither, which `encode_labels` refuses
    arrays = [part for part in parts if part is not None]
    if all(array.ndim == 2 and array.shape[1] > 1 for array in arrays):
        _refuse_one_hot(arrays[0], origin)
        return "regression"
    values = np.concatenate([array.ravel() for array in arrays])
    finite = values[np.isfinite(values)]
    if not are_whole(finite).all():
        return "regression"
    distinct = len(np.unique(finite))
    if distinct > MOST_USUAL_CLASSES and distinct > MOST_USUAL_SHARE * len(values):
        raise DataError(
            f"The labels of {origin} are {distinct:,} different whole numbers in {len(values):,} "
            "samples, so they may be numbers or classes: choose with --task regression or "
            "--task classification."
        )
    return "classification"


def _numbers(labels: ArrayLike) -> NDArray[Any] | None:
    """Return labels that are numbers, or None where they are something else."""
    array = np.asarray(labels)
    if array.dtype.kind == "O":
        try:
            array = np.array(array.tolist())
        except ValueError:
            return None
    return array if array.dtype.kind in "iuf" and array.ndim in (1, 2) and array.size else None


def _refuse_text_among_numbers(labels: ArrayLike, origin: str) -> None:
    array = np.asarray(labels)
    if array.dtype.kind != "U" or array.ndim != 1:
        return
    distinct = np.unique(array)
    if len(distinct) <= max(MOST_USUAL_CLASSES, MOST_USUAL_SHARE * len(array)):
        return
    strangers = [str(text) for text in distinct if not is_number(text)]
    if 0 < len(strangers) < len(distinct) / 2:
        raise DataError(
            f"The labels of {origin} are numbers with text among them (such as "
            f"{strangers[0][:40]!r}): replace it by numbers or leave those samples out, or take "
            "all as classes with --task classification."
        )


def _refuse_one_hot(array: NDArray[Any], origin: str) -> None:
    is_one_hot = np.isin(array, (0, 1)).all() and (array.sum(axis=1) == 1).all()
    if is_one_hot:
        raise DataError(
            f"The train labels of {origin} have shape {array.shape} and are one-hot: give one "
            "class for each sample, shape (n,) (the argmax of each row), or take them as numbers "
            "with --task regression."
        )
