"""Predictions of a saved model: class probabilities or regression targets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from autoequivariant.inference.inputs import InferenceInput
from autoequivariant.inference.saved_model import SavedModel


@dataclass(frozen=True, eq=False)
class ClassPredictions:
    """Predicted classes.

    Attributes:
        data, part, rows: as in `InferenceInput`.
        classes: names of the model's classes.
        probabilities: softmax of the outputs, not calibrated, float32, shape `(n, classes)`.
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


@dataclass(frozen=True, eq=False)
class RegressionPredictions:
    """Predicted targets.

    Attributes:
        data, part, rows: as in `InferenceInput`.
        targets: names of the model's targets.
        values: on the original scale of the targets, float32, shape `(n, targets)`.
    """

    data: str
    part: str
    targets: tuple[str, ...]
    rows: NDArray[np.int64]
    values: NDArray[np.float32]


def predict(saved: SavedModel, samples: InferenceInput) -> ClassPredictions | RegressionPredictions:
    """Return a model's predictions for samples from `SavedModel.samples`."""
    name, part, rows = samples.name, samples.part, samples.rows
    outputs = saved.outputs(samples.x)
    if targets := saved.description.targets:
        return RegressionPredictions(name, part, targets, rows, outputs.numpy())
    probabilities = torch.softmax(outputs, 1).numpy()
    return ClassPredictions(name, part, saved.description.classes, rows, probabilities)
