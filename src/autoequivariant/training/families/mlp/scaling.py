"""How each MLP of an architecture scales samples and targets.

The scaling of inputs and outputs commutes with a network's symmetries: values that a symmetry
exchanges share a mean and a scale, and values whose sign it changes keep their zero. All other
values have a mean and a scale of their own. So candidates that a network does not have, do not
affect its scaling, and the baseline scales each value on its own.

Children that train together read the same samples, normalised value by value; each child corrects
them by a factor and a shift.
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
from autoequivariant.training.families.normalisation import Moments, Normalisation
from autoequivariant.training.tasks import Task

_MOST_AT_ONCE = 2**24  # values that are measured in float64


@dataclass(frozen=True, eq=False)
class NetworkScaling:
    """Scaling of samples and targets in every network of an architecture.

    Attributes:
        architecture: of the networks.
        inputs: moments of the training samples.
        outputs: moments of their targets; None for classes.
    """

    architecture: MLPArchitecture
    inputs: Moments
    outputs: Moments | None

    @classmethod
    def measure(cls, architecture: MLPArchitecture, task: Task, fit: Split) -> NetworkScaling:
        """Measure training samples."""
        outputs = Moments.measure(fit.y, fit.y.shape[1]) if task.name == "regression" else None
        expansion = architecture.expansion
        if expansion is None:
            inputs = Moments.measure(fit.x, architecture.scaled_inputs)
        else:
            x = expansion.expand(torch.from_numpy(fit.x)).numpy()
            inputs = _of_many(x, architecture.scaled_inputs)
        if architecture.coding is not None:  # categories are no quantities
            inputs.mean[architecture.coding.is_coded] = 0
            inputs.variance[architecture.coding.is_coded] = 1
        return cls(architecture, inputs, outputs)

    def input_normalisation(self, members: Iterable[int]) -> Normalisation:
        """Return how a network with these candidates scales its samples."""
        channels = self.architecture.read_channels
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
        """Return samples as the first layer takes them, shape `(n, c)`, and targets; each value is
        normalised on its own.
        """
        x = torch.from_numpy(np.ascontiguousarray(split.x)).to(device, torch.float32)
        y = torch.from_numpy(split.y).to(device)
        targets = self.output_normalisation(())
        coding, expansion = self.architecture.coding, self.architecture.expansion
        x = x if expansion is None else expansion.expand(x)
        x = self.input_normalisation(()).apply(x)
        x = x if coding is None else coding.encode(x)
        return x, y if targets is None else targets.apply(y)

    def corrections(
        self, networks: Sequence[Iterable[int]], device: torch.device
    ) -> tuple[Scaling | None, Scaling | None]:
        """Return the corrections of normalised samples and of outputs; None if all are identities.

        Corrected outputs are on the scale of normalised targets.

        Args:
            networks: the candidates of each network.
            device: where they train.
        """
        states = [tuple(members) for members in networks]
        samples, targets = self.input_normalisation(()), self.output_normalisation(())
        coding, count = self.architecture.coding, len(samples.mean)
        units = np.repeat(np.arange(count), self.architecture.widths[0] // count)
        units = units if coding is None else coding.columns
        pairs = [samples.conversion_to(self.input_normalisation(state)) for state in states]
        inputs = _scaling(pairs, units, device)
        if targets is None:
            return inputs, None
        outputs = [self.output_normalisation(state) for state in states]
        pairs = [output.conversion_to(targets) for output in outputs if output is not None]
        return inputs, _scaling(pairs, np.arange(len(targets.mean)), device)


def _scaling(
    pairs: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]],
    values: NDArray[np.int64],
    device: torch.device,
) -> Scaling | None:
    factor, shift = (np.stack(part)[:, values] for part in zip(*pairs, strict=True))
    if (factor == 1).all() and (shift == 0).all():
        return None
    return Scaling(
        torch.from_numpy(factor).to(device, torch.float32),
        torch.from_numpy(shift).to(device, torch.float32),
    )


def _of_many(samples: NDArray[np.float32], values: int) -> Moments:
    """Return the moments of samples, a few values at a time."""
    flat = samples.reshape(len(samples), values, -1)
    parts = np.array_split(flat, min(values, 1 + flat.size // _MOST_AT_ONCE), axis=1)
    found = [Moments.measure(part, part.shape[1]) for part in parts]
    return Moments(
        np.concatenate([one.mean for one in found]),
        np.concatenate([one.variance for one in found]),
    )
