"""How the MLPs of an architecture scale samples and targets.

What a network does to its input before the first layer, and to its outputs after the last, has to
commute with its symmetries: values that one of them exchanges share a mean and a scale, and what
changes its sign keeps its zero. Otherwise each value has its own. So the plain network is scaled as
is best for it, whatever is searched, and only who has a symmetry pays for it.

Many networks are trained on the same samples: these are scaled value by value, and each network
makes of them what it would have, by a factor and a shift.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autoequivariant.data.split import Split
from autoequivariant.groups.scale_classes import input_scale_classes, output_scale_classes
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.nn.mlp.batched import Scaling
from autoequivariant.training.families.mlp.normalisation import Moments, Normalisation
from autoequivariant.training.tasks import Task


@dataclass(frozen=True, eq=False)
class NetworkScaling:
    """Scaling of samples and targets in every network of an architecture.

    Attributes:
        architecture: what the networks have in common.
        inputs: of the samples to train on.
        outputs: of their targets; None for classes.
    """

    architecture: MLPArchitecture
    inputs: Moments
    outputs: Moments | None

    @classmethod
    def measure(cls, architecture: MLPArchitecture, task: Task, fit: Split) -> NetworkScaling:
        """Measure the samples to train on."""
        outputs = Moments.measure(fit.y, fit.y.shape[1]) if task.name == "regression" else None
        return cls(architecture, Moments.measure(fit.x, architecture.scaled_inputs), outputs)

    def input_normalisation(self, members: Iterable[int]) -> Normalisation:
        """Return how a network that has these candidates scales its samples."""
        channels = self.architecture.in_channels
        return self.inputs.normalisation(
            input_scale_classes(self.architecture.actions, channels, members)
        )

    def output_normalisation(self, members: Iterable[int]) -> Normalisation | None:
        """Return how it scales its targets; None for classes."""
        if self.outputs is None:
            return None
        count = len(self.outputs.mean)
        return self.outputs.normalisation(
            output_scale_classes(self.architecture.actions, count, members)
        )

    def normalised(self, split: Split, device: torch.device) -> tuple[Tensor, Tensor]:
        """Return samples, shape `(n, c)`, and targets, value by value on a scale of their own."""
        x = torch.from_numpy(np.ascontiguousarray(split.x)).to(device, torch.float32)
        y = torch.from_numpy(split.y).to(device)
        targets = self.output_normalisation(())
        return self.input_normalisation(()).apply(x), y if targets is None else targets.apply(y)

    def corrections(
        self, networks: Sequence[Iterable[int]], device: torch.device
    ) -> tuple[Scaling | None, Scaling | None]:
        """Return what networks do to samples that are prepared, and to their outputs so that these
        are on the scale of prepared targets; None where none does anything.

        Args:
            networks: of each the candidates that it has.
            device: where they are trained.
        """
        kept = [tuple(members) for members in networks]
        own = self.input_normalisation(())
        repeats = self.architecture.widths[0] // len(own.mean)
        inputs = _scaling(
            [own.conversion_to(self.input_normalisation(m)) for m in kept], repeats, device
        )
        targets = self.output_normalisation(())
        if targets is None:
            return inputs, None
        scales = [self.output_normalisation(members) for members in kept]
        return inputs, _scaling(
            [s.conversion_to(targets) for s in scales if s is not None], 1, device
        )


def _scaling(
    pairs: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]],
    repeats: int,
    device: torch.device,
) -> Scaling | None:
    factor, shift = (np.stack(part).repeat(repeats, axis=1) for part in zip(*pairs, strict=True))
    if (factor == 1).all() and (shift == 0).all():
        return None
    return Scaling(
        torch.from_numpy(factor).to(device, torch.float32),
        torch.from_numpy(shift).to(device, torch.float32),
    )
