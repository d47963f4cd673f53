"""What a saved network says of samples, and how often it is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from autoequivariant.data import Given
from autoequivariant.errors import DataError
from autoequivariant.search.evidence import wilson_interval
from autoequivariant.search.saved import Saved


@dataclass(frozen=True, eq=False)
class Predictions:
    """Predicted classes.

    Attributes:
        data, part: what was given.
        classes: names of the classes of the network.
        rows: number of each sample in its part of the source (`Given.rows`), shape `(n,)`.
        probabilities: of each class, float32, shape `(n, classes)`; they come from a softmax and
            are not calibrated.
    """

    data: str
    part: str
    classes: tuple[str, ...]
    rows: NDArray[np.int64]
    probabilities: NDArray[np.float32]

    @property
    def predicted(self) -> list[str]:
        """The most probable class of each sample, by name."""
        return [self.classes[k] for k in self.probabilities.argmax(1)]


@dataclass(frozen=True)
class ClassScore:
    """How one class fared.

    Attributes:
        name: of the class.
        samples: how many have this label.
        predicted: how often it was predicted.
        correct: how often both.
    """

    name: str
    samples: int
    predicted: int
    correct: int

    @property
    def recall(self) -> float | None:
        """Share of its samples that were recognised; None where it has none."""
        return self.correct / self.samples if self.samples else None

    @property
    def precision(self) -> float | None:
        """Share of its predictions that were right; None where it has none."""
        return self.correct / self.predicted if self.predicted else None


@dataclass(frozen=True)
class Assessment:
    """How often a network is right.

    Attributes:
        data, part: what was given.
        samples: how many samples.
        correct: how many of them were classified correctly.
        interval: 95% Wilson interval of the accuracy.
        by_class: a record for each class of the network.
        confusion: `confusion[k][j]`: samples of class `k` that were taken for class `j`.
    """

    data: str
    part: str
    samples: int
    correct: int
    interval: tuple[float, float]
    by_class: tuple[ClassScore, ...]
    confusion: tuple[tuple[int, ...], ...]

    @property
    def accuracy(self) -> float:
        """Share of correct answers."""
        return self.correct / self.samples

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "data": self.data,
            "part": self.part,
            "samples": self.samples,
            "correct": self.correct,
            "accuracy": self.accuracy,
            "interval": list(self.interval),
            "classes": [
                {
                    "name": one.name,
                    "samples": one.samples,
                    "predicted": one.predicted,
                    "correct": one.correct,
                    "recall": one.recall,
                    "precision": one.precision,
                }
                for one in self.by_class
            ],
            "confusion": [list(row) for row in self.confusion],
        }


def predict(saved: Saved, given: Given) -> Predictions:
    """Return what a network says of samples that fit it (`Saved.samples`)."""
    probabilities = torch.softmax(saved.logits(given.x), 1).numpy()
    classes = saved.description.classes
    return Predictions(given.name, given.part, classes, given.rows, probabilities)


def evaluate(saved: Saved, given: Given) -> Assessment:
    """Return how often a network is right on labelled samples that fit it; classes are matched by
    name.

    Raises:
        DataError: the samples have no labels, or labels that the network does not know.
    """
    if given.labels is None:
        raise DataError(
            f"{given.name} has no labels to compare with: give labelled data, or use aen predict."
        )
    classes = saved.description.classes
    truth = _numbers(given, classes)
    predicted = saved.logits(given.x).argmax(1).numpy()
    confusion = np.zeros((len(classes), len(classes)), np.int64)
    np.add.at(confusion, (truth, predicted), 1)
    right = np.diagonal(confusion)
    counts = zip(classes, confusion.sum(1), confusion.sum(0), right, strict=True)
    return Assessment(
        given.name,
        given.part,
        len(given),
        int(right.sum()),
        wilson_interval(int(right.sum()), len(given)),
        tuple(ClassScore(name, int(n), int(p), int(c)) for name, n, p, c in counts),
        tuple(tuple(map(int, row)) for row in confusion),
    )


def _numbers(given: Given, classes: tuple[str, ...]) -> NDArray[np.int64]:
    names, indices = np.unique(np.asarray(given.labels), return_inverse=True)
    number = {name: k for k, name in enumerate(classes)}
    unknown = [str(name) for name in names if str(name) not in number]
    if unknown:
        more = ", ..." if len(unknown) > 5 else ""
        known = ", ".join(classes[:10]) + (", ..." if len(classes) > 10 else "")
        raise DataError(
            f"{given.name} has labels that the model does not know "
            f"({', '.join(unknown[:5])}{more}): its classes are {known}, so rename the labels or "
            "leave those samples out."
        )
    return np.array([number[str(name)] for name in names], np.int64)[indices]
