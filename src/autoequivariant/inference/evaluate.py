"""Scores of a saved model on labelled samples, by class or by target."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from autoequivariant.errors import DataError
from autoequivariant.evidence.class_balance import (
    ClassShares,
    area_under_roc,
    balanced_accuracy,
)
from autoequivariant.evidence.intervals import mean_interval, wilson_interval
from autoequivariant.inference.inputs import InferenceInput
from autoequivariant.inference.saved_model import SavedModel
from autoequivariant.training.tasks import Regression


@dataclass(frozen=True)
class ClassScore:
    """Counts for one class.

    Attributes:
        name: of the class.
        samples: number of samples with this label.
        predicted: number of predictions of this class.
        correct: number of correct predictions of this class.
    """

    name: str
    samples: int
    predicted: int
    correct: int

    @property
    def recall(self) -> float | None:
        """Share of its samples that are predicted correctly; None without samples."""
        return self.correct / self.samples if self.samples else None

    @property
    def precision(self) -> float | None:
        """Share of its predictions that are correct; None without predictions."""
        return self.correct / self.predicted if self.predicted else None


@dataclass(frozen=True)
class ClassificationReport:
    """Accuracy and confusions of a classifier.

    Attributes:
        data, part: as in `InferenceInput`.
        samples: number of samples.
        correct: number of correct predictions.
        interval: 95% Wilson interval of the accuracy.
        by_class: one entry for each class of the model.
        confusion: `confusion[k][j]` samples of class `k` are predicted as class `j`.
        shares: how the samples spread over the classes.
        balanced_accuracy: mean recall over the classes that occur.
        auc: area under the ROC curve; None unless there are two classes and both occur.
    """

    data: str
    part: str
    samples: int
    correct: int
    interval: tuple[float, float]
    by_class: tuple[ClassScore, ...]
    confusion: tuple[tuple[int, ...], ...]
    shares: ClassShares
    balanced_accuracy: float
    auc: float | None

    @property
    def accuracy(self) -> float:
        """Share of correct predictions."""
        return self.correct / self.samples

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "data": self.data,
            "part": self.part,
            "samples": self.samples,
            "correct": self.correct,
            "accuracy": self.accuracy,
            "interval": list(self.interval),
            "balanced_accuracy": self.balanced_accuracy,
            "auc": self.auc,
            "classes": [
                {**asdict(one), "recall": one.recall, "precision": one.precision}
                for one in self.by_class
            ],
            "confusion": [list(row) for row in self.confusion],
        }


@dataclass(frozen=True)
class TargetScore:
    """Errors for one target.

    Attributes:
        name: of the target.
        r2: coefficient of determination; None for a constant target.
        rmse, mae: root mean squared error and mean absolute error, on the original scale.
    """

    name: str
    r2: float | None
    rmse: float
    mae: float


@dataclass(frozen=True)
class RegressionReport:
    """R² and errors of a regressor.

    Attributes:
        data, part: as in `InferenceInput`.
        samples: number of samples.
        r2: mean of the targets' R²; None if a target is constant.
        interval: 95% interval of `r2`, from the standard error over samples; None without it.
        by_target: one entry for each target.
    """

    data: str
    part: str
    samples: int
    r2: float | None
    interval: tuple[float, float] | None
    by_target: tuple[TargetScore, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "data": self.data,
            "part": self.part,
            "samples": self.samples,
            "r2": self.r2,
            "interval": None if self.interval is None else list(self.interval),
            "targets": [asdict(one) for one in self.by_target],
        }


def evaluate(saved: SavedModel, samples: InferenceInput) -> ClassificationReport | RegressionReport:
    """Score a model on labelled samples from `SavedModel.samples`.

    Classes are matched by name, targets by order, or in tables by name.

    Raises:
        DataError: the samples have no labels, or labels that the model does not know.
    """
    if samples.labels is None:
        raise DataError(
            samples.unlabelled
            or f"{samples.name} has no labels: give labelled data, or use aen predict."
        )
    if saved.description.targets:
        return _regression_report(saved, samples, np.asarray(samples.labels))
    return _classification_report(saved, samples)


def _regression_report(
    saved: SavedModel, samples: InferenceInput, truth: NDArray[Any]
) -> RegressionReport:
    names = saved.description.targets
    if truth.ndim != 2 or truth.shape[1] != len(names):
        raise DataError(
            f"{samples.name} must have the {len(names)} targets of the model "
            f"({', '.join(names[:5])}): give one number for each."
        )
    targets = torch.from_numpy(truth.astype(np.float64))
    outputs = saved.outputs(samples.x).double()
    errors = (outputs - targets).numpy()
    varies = np.ptp(truth, axis=0) > 0
    by_target = []
    for k, name in enumerate(names):
        squared = float((errors[:, k] ** 2).mean())
        r2 = 1 - squared / float(targets[:, k].numpy().var()) if varies[k] else None
        by_target.append(TargetScore(name, r2, squared**0.5, float(np.abs(errors[:, k]).mean())))
    r2, interval = None, None
    if varies.all():
        scores = Regression().scorer(targets)(outputs[None], targets)[0].numpy()
        r2, interval = float(scores.mean()), mean_interval(scores)
    return RegressionReport(
        samples.name, samples.part, len(samples), r2, interval, tuple(by_target)
    )


def _classification_report(saved: SavedModel, samples: InferenceInput) -> ClassificationReport:
    classes = saved.description.classes
    truth = _class_numbers(samples, classes)
    outputs = saved.outputs(samples.x).numpy()
    predicted = outputs.argmax(1)
    confusion = np.zeros((len(classes), len(classes)), np.int64)
    np.add.at(confusion, (truth, predicted), 1)
    right = np.diagonal(confusion)
    counts = zip(classes, confusion.sum(1), confusion.sum(0), right, strict=True)
    return ClassificationReport(
        samples.name,
        samples.part,
        len(samples),
        int(right.sum()),
        wilson_interval(int(right.sum()), len(samples)),
        tuple(ClassScore(name, int(n), int(p), int(c)) for name, n, p, c in counts),
        tuple(tuple(map(int, row)) for row in confusion),
        ClassShares.of(truth),
        balanced_accuracy(predicted == truth, truth),
        area_under_roc(outputs, truth),
    )


def _class_numbers(samples: InferenceInput, classes: tuple[str, ...]) -> NDArray[np.int64]:
    names, indices = np.unique(np.asarray(samples.labels), return_inverse=True)
    number = {name: k for k, name in enumerate(classes)}
    unknown = [str(name) for name in names if str(name) not in number]
    if unknown:
        more = ", ..." if len(unknown) > 5 else ""
        known = ", ".join(classes[:10]) + (", ..." if len(classes) > 10 else "")
        raise DataError(
            f"The labels of {samples.name} must be among the classes of the model ({known}); got "
            f"{', '.join(unknown[:5])}{more}: rename the labels, or leave those samples out."
        )
    return np.array([number[str(name)] for name in names], np.int64)[indices]
