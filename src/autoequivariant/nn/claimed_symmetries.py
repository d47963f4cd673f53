"""The symmetries that a network claims, and how to measure them on it or on an exported copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from autoequivariant.groups.permutation import Permutation
from autoequivariant.nn.equivariance import Units, errors_of_actions

TOLERANCES: Mapping[torch.dtype, float] = {torch.float32: 1e-4, torch.float64: 1e-10}
"""Largest error that rounding explains. An equivariant network stays about a thousand times below
it, any other is at least a hundred times above.
"""
HIDDEN = "the hidden layers"
"""What is measured where the final layer is dense, in words."""


@dataclass(frozen=True)
class ClaimedSymmetries:
    """The symmetries of a network and their actions.

    Attributes:
        names: symmetries that it has by the way its weights are shared.
        inputs: action on the samples of each symmetry that can be measured, claimed or not.
        outputs: action on what is measured; None where it is invariant.
        hidden: whether the last hidden layer is measured, as a dense final layer has no symmetry.
        units: of the outputs that are measured; None where they have none.
    """

    names: tuple[str, ...]
    inputs: Mapping[str, Permutation]
    outputs: Mapping[str, Permutation] | None
    hidden: bool
    units: Units | None = None

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return HIDDEN if self.hidden else "the outputs"

    def errors(self, module: nn.Module, x: Tensor, dtype: torch.dtype) -> dict[str, float]:
        """Measure every symmetry.

        Args:
            module: `Network.measured_part`, or the same part of an exported copy.
            x: samples, shape `(n, channels, *shape)`.
            dtype: as in `errors_of_actions`.
        """
        if not self.inputs:
            return {}
        found = errors_of_actions(module, x, self.inputs, self.outputs, dtype, self.units)
        return dict(found.by_action)
