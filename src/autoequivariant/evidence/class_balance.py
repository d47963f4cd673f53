"""Scores of classifiers that do not depend on how frequent each class is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

UNBALANCED = 2.0
"""Classes are unbalanced if the largest has at least so many times the samples of the smallest."""


@dataclass(frozen=True)
class ClassShares:
    """How samples spread over the classes that occur among them.

    Attributes:
        largest, smallest: shares of the samples that are of the most and the least frequent class.
    """

    largest: float
    smallest: float

    @classmethod
    def of(cls, labels: NDArray[np.int64]) -> ClassShares:
        """Return the shares of class indices, shape `(n,)`, `n` at least 1."""
        counts = np.bincount(labels)
        counts = counts[counts > 0]
        return cls(float(counts.max() / len(labels)), float(counts.min() / len(labels)))

    @property
    def is_unbalanced(self) -> bool:
        """Whether accuracy says little of the smaller classes (`UNBALANCED`)."""
        # Shares are rounded: 2/3 is not quite twice 1/3.
        return self.largest >= UNBALANCED * self.smallest * (1 - 1e-9)


def balanced_accuracy(correct: NDArray[Any], labels: NDArray[np.int64]) -> float:
    """Return the mean recall over the classes that occur.

    Args:
        correct: whether each sample is classified correctly, shape `(n,)`, bool.
        labels: class indices, shape `(n,)`.
    """
    samples = np.bincount(labels)
    hits = np.bincount(labels, correct)
    return float((hits[samples > 0] / samples[samples > 0]).mean())


def area_under_roc(outputs: NDArray[Any], labels: NDArray[np.int64]) -> float | None:
    """Return the area under the ROC curve of a classifier of two classes.

    Args:
        outputs: logits, shape `(n, classes)`.
        labels: class indices, shape `(n,)`.

    Returns:
        The area; None unless there are two classes, both occur and all outputs are finite.
    """
    if outputs.shape[1] != 2 or len(np.unique(labels)) != 2 or not np.isfinite(outputs).all():
        return None
    # Imported here: scikit-learn takes a second, and only two classes need it.
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(labels, outputs[:, 1] - outputs[:, 0]))
