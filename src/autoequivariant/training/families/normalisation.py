"""Mean and scale of values, shared by those that a symmetry exchanges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autoequivariant.groups.scale_classes import ScaleClasses


@dataclass(frozen=True)
class Normalisation:
    """An affine map: subtract the mean, then divide by the scale.

    Attributes:
        mean, scale: one number for each value.
    """

    mean: tuple[float, ...]
    scale: tuple[float, ...]

    def apply(self, values: Tensor) -> Tensor:
        """Return normalised samples, shape `(n, values)`."""
        flat = values.reshape(len(values), len(self.mean), -1)
        mean = torch.tensor(self.mean, device=values.device)[:, None]
        scale = torch.tensor(self.scale, device=values.device)[:, None]
        return ((flat - mean) / scale).flatten(1)

    def conversion_to(
        self, other: Normalisation
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the factor and shift of each value that convert from this to the other one."""
        mean, scale = np.array(self.mean), np.array(self.scale)
        return scale / other.scale, (mean - other.mean) / other.scale


@dataclass(frozen=True, eq=False)
class Moments:
    """Mean and variance of each value, float64, shape `(values,)`."""

    mean: NDArray[np.float64]
    variance: NDArray[np.float64]

    @classmethod
    def measure(cls, samples: NDArray[Any], values: int) -> Moments:
        """Return the moments of samples, shape `(n, values, ...)`; axes may be flattened."""
        flat = samples.reshape(len(samples), values, -1).astype(np.float64)
        mean = flat.mean(axis=(0, 2))
        return cls(mean, ((flat - mean[:, None]) ** 2).mean(axis=(0, 2)))

    def normalisation(self, alike: ScaleClasses) -> Normalisation:
        """Return the normalisation that scales all values of a class in the same way."""
        mean, scale = alike.moments(self.mean, self.variance)
        return Normalisation(tuple(map(float, mean)), tuple(map(float, scale)))
