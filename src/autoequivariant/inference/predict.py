"""What a saved network says of samples: a class for each, or numbers."""

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
        data, part: what was given.
        classes: names of the classes of the network.
        rows: number of each sample in its part of the source (`InferenceInput.rows`), shape `(n,)`.
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


@dataclass(frozen=True, eq=False)
class RegressionPredictions:
    """Predicted numbers.

    Attributes:
        data, part, rows: as in `ClassPredictions`.
        targets: names of the targets of the network.
        values: of each target, in its own scale, float32, shape `(n, targets)`.
    """

    data: str
    part: str
    targets: tuple[str, ...]
    rows: NDArray[np.int64]
    values: NDArray[np.float32]


def predict(saved: SavedModel, given: InferenceInput) -> ClassPredictions | RegressionPredictions:
    """Return what a network says of samples that fit it (`SavedModel.samples`)."""
    description = saved.description
    outputs = saved.outputs(given.x)
    if description.targets:
        return RegressionPredictions(
            given.name, given.part, description.targets, given.rows, outputs.numpy()
        )
    probabilities = torch.softmax(outputs, 1).numpy()
    return ClassPredictions(given.name, given.part, description.classes, given.rows, probabilities)
