"""Which symmetries a saved network claims, and how to measure each on any network like it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from autoequivariant.groups.closure.lattice import Lattice
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.nn.equivariance import Units, equivariance_error
from autoequivariant.nn.io.model_description import Model

TOLERANCES: Mapping[torch.dtype, float] = {torch.float32: 1e-4, torch.float64: 1e-10}
"""Largest error that rounding explains: a network that has a symmetry is about a thousand times
below, and one that does not is a hundred times above or more.
"""
HIDDEN = "the hidden layers"
"""What is measured where the final layer is dense, in words."""


@dataclass(frozen=True)
class ClaimedSymmetries:
    """The symmetries of a network and how they act.

    Attributes:
        names: those that it has by the way its weights are shared.
        inputs: how each symmetry that can be measured acts on the samples; those that it does not
            claim are among them.
        outputs: how it acts on what is measured; None where that does not move.
        hidden: whether the last hidden layer is measured, as a dense final layer has no symmetry.
        units: of what is measured; None where it has none.
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
        """Measure every symmetry on a network, or on its hidden layers where `hidden` says so.

        Args:
            module: maps samples to what is measured.
            x: samples, shape `(n, channels, *shape)`.
            dtype: as in `equivariance_error`.
        """
        if not self.inputs:
            return {}
        found = equivariance_error(module, x, self.inputs, self.outputs, dtype, self.units)
        return dict(found.by_action)


def claimed_symmetries(model: Model, others: Iterable[Symmetry] = ()) -> ClaimedSymmetries:
    """Return the symmetries that a network claims.

    Args:
        model: an MLP, whose candidates can all be measured; or a group CNN.
        others: symmetries to measure too, of a CNN.

    Raises:
        SymmetryError: one of the others is not defined on the samples.
    """
    if isinstance(model, EquivariantCNN):
        grid, group = model.architecture.grid, model.group
        inputs = {name: group.action(name, grid) for name in group.members}
        inputs |= {str(s): s.action(grid) for s in others if str(s) not in inputs}
        return ClaimedSymmetries(group.members, inputs, None, False, Units.of(model))
    actions = model.architecture.actions
    names = [str(candidate) for candidate in actions.candidates]
    claimed = Lattice(actions).closure(frozenset(model.generators))
    rows = dict(zip(names, actions.permutations, strict=True))
    hidden = model.architecture.final == "dense"
    moves = hidden or actions.moves_outputs
    outputs = {name: row[-1] for name, row in rows.items()} if moves else None
    inputs = {name: row[0] for name, row in rows.items()}
    has = tuple(names[number] for number in sorted(claimed))
    return ClaimedSymmetries(has, inputs, outputs, hidden, None if hidden else Units.of(model))


def measured_part(model: Model, claims: ClaimedSymmetries) -> nn.Module:
    """Return the part of a saved network that `ClaimedSymmetries.errors` measures."""
    return model.trunk() if claims.hidden and not isinstance(model, EquivariantCNN) else model
