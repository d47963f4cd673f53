"""The equivariance error of a module for the generators of a group."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from autoequivariant.nn.claimed_symmetries import TOLERANCES
from autoequivariant.nn.equivariance import EquivarianceError, equivariance_error
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
    if not x.is_floating_point() and not any(one.points.is_signed for _, one in pairs):
        module = _OfIntegers(module, x.dtype)
    return equivariance_error(module, x, inputs, outputs, precision_of(x))


def precision_of(x: Tensor) -> torch.dtype:
    """Return the precision in which outputs for samples are compared."""
    return x.dtype if x.dtype in TOLERANCES else torch.float32


class _OfIntegers(nn.Module):
    """A module that takes floats in the place of integers."""

    def __init__(self, module: nn.Module, dtype: torch.dtype) -> None:
        super().__init__()
        self.module, self.dtype = module, dtype

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.module(x.to(self.dtype))
        return y
