"""The equivariance error of a module for the generators of a group."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from autoequivariant.nn.claimed_symmetries import TOLERANCES
from autoequivariant.nn.equivariance import EquivarianceError, errors_of_actions
from autoequivariant.nn.symmetrize.group import Group


def error_of(module: nn.Module, group: Group, x: Tensor) -> EquivarianceError:
    """Measure how far a module is from being equivariant, in the precision of the samples.

    Args:
        module: to measure.
        group: how samples and outputs move.
        x: samples, shape `(n, *shape)`.
    """
    pairs = list(zip(group.names, group.generators, strict=True))
    inputs = {name: one.points for name, one in pairs}
    outputs = {name: one.outputs for name, one in pairs}
    is_signed = any(one.points.is_signed for _, one in pairs)
    keeps_type = not x.is_floating_point() and not is_signed
    probe = _Probe(module, x.dtype if keeps_type else None)
    return errors_of_actions(probe, x, inputs, outputs, precision_of(x))


def precision_of(x: Tensor) -> torch.dtype:
    """Return the precision in which outputs for samples are compared."""
    return x.dtype if x.dtype in TOLERANCES else torch.float32


def as_rows(y: Tensor) -> Tensor:
    """Return outputs with an axis of outputs, if there is none."""
    return y if y.ndim > 1 else y[:, None]


class _Probe(nn.Module):
    """A module of which rows of outputs are measured.

    Args:
        module: maps samples to outputs.
        dtype: of the samples that it takes, which come as floats. Default: as they come.
    """

    def __init__(self, module: nn.Module, dtype: torch.dtype | None) -> None:
        super().__init__()
        self.module, self.dtype = module, dtype

    def forward(self, x: Tensor) -> Tensor:
        return as_rows(self.module(x if self.dtype is None else x.to(self.dtype)))
