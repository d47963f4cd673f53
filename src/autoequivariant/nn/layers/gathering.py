"""Gathering of shared weights, with gradients that are the same in each run on a GPU, too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from autoequivariant.nn.layers.orbit_sums import OrbitSums


class Gathering:
    """Gathers entries along the last axis: `values[..., index]`.

    Its gradients are sums over the entries with one index, on a GPU by `OrbitSums`.

    Args:
        index: which entries, shape `(m,)`, on the device of the values.
        count: length of the last axis of the values, at least 1.
    """

    def __init__(self, index: Tensor, count: int) -> None:
        self.index = index
        self._sums = OrbitSums(index, count) if index.is_cuda else None

    def __call__(self, values: Tensor) -> Tensor:
        """Return the gathered entries, shape `(..., m)`; values have one axis or two."""
        if self._sums is None:
            return values.index_select(values.dim() - 1, self.index)
        gather: Callable[..., Tensor] = _Gather.apply
        return gather(values, self.index, self._sums)


class _Gather(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: Tensor, index: Tensor, sums: OrbitSums) -> Tensor:
        ctx.sums = sums
        return values.index_select(values.dim() - 1, index)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        return ctx.sums.along_last_axis(gradients[0]), None, None
