"""How well a saved network does on labelled samples."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from autoequivariant.errors import DataError
from autoequivariant.evidence.intervals import mean_interval, wilson_interval
from autoequivariant.inference.inputs import InferenceInput
from autoequivariant.inference.saved_model import SavedModel
from autoequivariant.training.tasks import Regression


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
class ClassificationReport:
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


@dataclass(frozen=True)
class TargetScore:
    """How one target fared.

    Attributes:
        name: of the target.
        r2: share of its variance that is explained; None where it is the same in all samples.
        rmse, mae: root of the mean squared error and mean absolute error, in its own scale.
    """

    name: str
    r2: float | None
    rmse: float
    mae: float


@dataclass(frozen=True)
class RegressionReport:
    """How well a network predicts numbers.

    Attributes:
        data, part: what was given.
        samples: how many samples.
        r2: the mean of the targets' R²; None where a target is the same in all samples.
        interval: its 95% interval, from the standard error over samples; None without R².
        by_target: a record for each target.
    """

    data: str
    part: str
    samples: int
    r2: float | None
    interval: tuple[float, float] | None
    by_target: tuple[TargetScore, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "data": self.data,
            "part": self.part,
            "samples": self.samples,
            "r2": self.r2,
            "interval": None if self.interval is None else list(self.interval),
            "targets": [asdict(one) for one in self.by_target],
        }


def evaluate(saved: SavedModel, given: InferenceInput) -> ClassificationReport | RegressionReport:
    """Return how well a network does on labelled samples that fit it; classes are matched by name,
    targets by their order, in tables by name.

    Raises:
        DataError: the samples have no labels, or labels that the network does not know.
    """
    if given.labels is None:
        raise DataError(
            given.unlabelled
            or f"{given.name} has no labels to compare with: give labelled data, or use aen "
            "predict."
        )
    if saved.description.targets:
        return _of_numbers(saved, given, np.asarray(given.labels))
    return _of_classes(saved, given)


def _of_numbers(saved: SavedModel, given: InferenceInput, truth: NDArray[Any]) -> RegressionReport:
    names = saved.description.targets
    if truth.ndim != 2 or truth.shape[1] != len(names):
        raise DataError(
            f"{given.name} does not hold the {len(names)} targets that the model predicts "
            f"({', '.join(names[:5])}): give one number for each."
        )
    wanted = torch.from_numpy(truth.astype(np.float64))
    found = saved.outputs(given.x).double()
    errors = (found - wanted).numpy()
    varies = np.ptp(truth, axis=0) > 0
    by_target = []
    for k, name in enumerate(names):
        squared = float((errors[:, k] ** 2).mean())
        r2 = 1 - squared / float(wanted[:, k].numpy().var()) if varies[k] else None
        by_target.append(TargetScore(name, r2, squared**0.5, float(np.abs(errors[:, k]).mean())))
    r2, interval = None, None
    if varies.all():
        scores = Regression().scorer(wanted)(found[None], wanted)[0].numpy()
        r2, interval = float(scores.mean()), mean_interval(scores)
    return RegressionReport(given.name, given.part, len(given), r2, interval, tuple(by_target))


def _of_classes(saved: SavedModel, given: InferenceInput) -> ClassificationReport:
    classes = saved.description.classes
    truth = _numbers(given, classes)
    predicted = saved.outputs(given.x).argmax(1).numpy()
    confusion = np.zeros((len(classes), len(classes)), np.int64)
    np.add.at(confusion, (truth, predicted), 1)
    right = np.diagonal(confusion)
    counts = zip(classes, confusion.sum(1), confusion.sum(0), right, strict=True)
    return ClassificationReport(
        given.name,
        given.part,
        len(given),
        int(right.sum()),
        wilson_interval(int(right.sum()), len(given)),
        tuple(ClassScore(name, int(n), int(p), int(c)) for name, n, p, c in counts),
        tuple(tuple(map(int, row)) for row in confusion),
    )


def _numbers(given: InferenceInput, classes: tuple[str, ...]) -> NDArray[np.int64]:
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
