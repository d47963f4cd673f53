"""Scaling of samples and targets before training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autoequivariant.groups import Alike


@dataclass(frozen=True)
class Normalisation:
    """What is subtracted from values, and by what they are divided: commutes with all candidates.

    Attributes:
        mean, scale: one number for each class of values that are scaled alike, in their order.
    """

    mean: tuple[float, ...]
    scale: tuple[float, ...]

    @classmethod
    def of(cls, values: NDArray[Any], alike: Alike) -> Normalisation:
        """Measure it on samples, shape `(n, ...)`; the values follow the classes' order."""
        mean, scale = alike.moments(values.astype(np.float64))
        return cls(tuple(map(float, mean)), tuple(map(float, scale)))

    def apply(self, values: Tensor) -> Tensor:
        """Return samples scaled, shape `(n, values)`."""
        flat = values.reshape(len(values), len(self.mean), -1)
        mean = torch.tensor(self.mean, device=values.device)[:, None]
        scale = torch.tensor(self.scale, device=values.device)[:, None]
        return ((flat - mean) / scale).flatten(1)
