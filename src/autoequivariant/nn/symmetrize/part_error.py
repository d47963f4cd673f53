"""The equivariance error of a mean over a part of a group."""

from __future__ import annotations

import warnings

import torch
from torch import Tensor, nn

from autoequivariant.errors import printable
from autoequivariant.nn.claimed_symmetries import TOLERANCES
from autoequivariant.nn.equivariance import EquivarianceError, equivariance_error
from autoequivariant.nn.symmetrize.symmetrized import Symmetrized

_DEPTH = 3  # of the call of `symmetrize`


def measure_part(module: Symmetrized, x: Tensor) -> EquivarianceError:
    """Measure the generators' errors on samples, and warn if they are more than rounding.

    Args:
        module: to measure.
        x: samples, shape `(n, *shape)`.
    """
    found = error_of(module, module, x)
    if found.error > TOLERANCES[_dtype(x)]:
        warnings.warn(
            printable(
                f"A mean over {module.members} elements is not exact: its equivariance error is "
                f"{found}, as a share of the spread of the outputs; more members make it smaller, "
                "and method='canonical' or 'average' is exact where the group allows it."
            ),
            UserWarning,
            stacklevel=_DEPTH,
        )
    return found


def error_of(module: nn.Module, claimed: Symmetrized, x: Tensor) -> EquivarianceError:
    """Measure a module's equivariance errors.

    Args:
        module: what is measured: `claimed` or an exported copy.
        claimed: says what the symmetries are.
        x: samples, shape `(n, *shape)`.
    """
    group = claimed.group(x)
    pairs = list(zip(group.names, group.generators, strict=True))
    inputs = {name: one.points for name, one in pairs}
    outputs = {name: one.outputs for name, one in pairs}
    dtype = _dtype(x)
    is_signed = any(one.points.is_signed for _, one in pairs)
    if not x.is_floating_point() and not is_signed:
        module = _OfIntegers(module, x.dtype)
    return equivariance_error(module, x, inputs, outputs, dtype)


class _OfIntegers(nn.Module):
    """A module that takes floats in the place of integers."""

    def __init__(self, module: nn.Module, dtype: torch.dtype) -> None:
        super().__init__()
        self.module, self.dtype = module, dtype

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.module(x.to(self.dtype))
        return y


def _dtype(x: Tensor) -> torch.dtype:
    return x.dtype if x.dtype in TOLERANCES else torch.float32
