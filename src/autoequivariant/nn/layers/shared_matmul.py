"""The product of samples with the shared weights of many children, and its gradients.

Each layer is a list of pieces. A tile gathers the dense matrices of neighbouring children from
their free weights, few enough at a time that a matrix is still in the cache when it is multiplied,
and scatters the dense gradients back. A large matrix takes a shortcut where it has one
(`shortcut_matmul.py`). No dense matrix outlives the product that it was made for.

On a CPU in one thread, every number of a child comes from the same operations in the same order
whatever it is trained with, so its weights are the same bit by bit. That is why sums over orbits
use `scatter_add_`: a sparse matrix product rounds by the position of a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from autoequivariant.nn.layers.orbit_sums import OrbitSums
from autoequivariant.nn.layers.sharing import LayerSharing
from autoequivariant.nn.layers.shortcut_matmul import BlockProduct, Kept, MergedProduct
from autoequivariant.nn.layers.shortcuts import Blocks, Merged

# Dense weights made at a time on a CPU: about what its second-level cache holds.
_TILE_BYTES = 2**21


class Piece(Protocol):
    """Neighbouring children whose products are made together."""

    def multiply(self, x: Tensor, weights: Tensor, out: Tensor) -> Kept:
        """Write the products of these children into their part of `out`, shape `(b, r, n)`.

        Args:
            x: samples, `(c, n)` where all children read the same, otherwise `(b, c, n)`.
            weights: the layer's vector of free weights.

        Returns:
            What the gradients need.
        """

    def differentiate(
        self, gradient: Tensor, kept: Kept, to_weights: Tensor, to_x: Tensor | None
    ) -> None:
        """Write the gradients of these children's weights and samples.

        Args:
            gradient: of the products, shape `(b, r, n)`.
            kept: what `multiply` returned.
            to_weights: where to write, like `weights`; holds zeros.
            to_x: where to write, shape `(b, c, n)`; None where it is not needed.
        """


class LayerPlan:
    """One layer of all children, as pieces.

    Args:
        sharings: the layer's sharing in each child.
        device: where the children live.
    """

    def __init__(self, sharings: Sequence[LayerSharing], device: torch.device) -> None:
        self.rows, self.columns = sharings[0].weight.index.shape
        self.children = len(sharings)
        # A GPU is better served by few large products than by many small ones.
        on_cpu = device.type == "cpu"
        together = self.children
        if on_cpu:
            entries = self.rows * self.columns
            together = max(1, min(self.children, _TILE_BYTES // (4 * entries)))
        buffer = torch.zeros(together * self.rows * self.columns + 1, device=device)
        self.pieces: list[Piece] = []
        child = start = 0
        for alone, group in groupby(sharings, lambda s: on_cpu and s.shortcut is not None):
            alike = list(group)
            for first in range(0, len(alike), 1 if alone else together):
                some = alike[first : first + (1 if alone else together)]
                count = sum(sharing.weight.count for sharing in some)
                of_weights = slice(start, start + count)
                self.pieces.append(
                    _shortcut(child, of_weights, some[0])
                    if alone
                    else _Tile(child, of_weights, some, buffer)
                )
                child, start = child + len(some), start + count


def _shortcut(child: int, of_weights: slice, sharing: LayerSharing) -> Piece:
    match sharing.shortcut:
        case Blocks() as blocks:
            return BlockProduct(child, of_weights, sharing.weight, blocks)
        case Merged() as merged:
            return MergedProduct(child, of_weights, sharing.weight, merged)
    raise ValueError("this layer has no shortcut")


class _Tile:
    """Children whose dense matrices are gathered.

    Args:
        first: the position of the first of them among all children.
        of_weights: the position of their free weights in the layer's vector.
        sharings: the layer's sharing in each of them.
        buffer: memory for their dense matrices.
    """

    def __init__(
        self, first: int, of_weights: slice, sharings: Sequence[LayerSharing], buffer: Tensor
    ) -> None:
        shares = [sharing.weight for sharing in sharings]
        self.children = slice(first, first + len(shares))
        self.of_weights = of_weights
        self.shape = (len(shares), *shares[0].index.shape)
        counts = torch.tensor([share.count for share in shares])
        offsets = (counts.cumsum(0) - counts).int().to(buffer.device)
        total = int(counts.sum())
        labels = np.concatenate([share.index.reshape(-1) for share in shares])
        index = torch.from_numpy(labels).to(buffer.device).view(len(shares), -1)
        index = (index + offsets[:, None]).view(-1)
        signed = any(share.signs is not None for share in shares)
        self._index: Tensor | None = None
        self._signs: Tensor | None = None
        self._sums: OrbitSums | None = None
        if not signed and len(index) == total and torch.equal(index, torch.arange(total).to(index)):
            return  # every entry is its own weight: the weights are the matrices
        # A child whose weights are all forced to zero has index 0, maybe past the end; its signs
        # are 0 too.
        index = index.clamp_(max=max(0, total - 1))
        self._index = index.long() if index.device.type == "cpu" else index
        self._buffer = buffer[: len(index) + 1]
        if index.device.type != "cpu" and total:
            self._sums = OrbitSums(index, total)
        if signed:
            ones = np.float32(1)
            per_child = [
                np.broadcast_to(ones if s.signs is None else s.signs, s.index.shape).ravel()
                for s in shares
            ]
            self._signs = torch.from_numpy(np.concatenate(per_child)).to(buffer.device)

    def multiply(self, x: Tensor, weights: Tensor, out: Tensor) -> Kept:
        """See `Piece`."""
        free = weights[self.of_weights]
        dense = self._dense(free)
        source = x if x.dim() == 2 else x[self.children]
        if len(dense) == 1:
            torch.mm(dense[0], source.view(x.shape[-2:]), out=out[self.children.start])
        else:
            expanded = source.expand(len(dense), *x.shape[-2:])
            torch.bmm(dense, expanded, out=out[self.children])
        return source, free

    def differentiate(
        self, gradient: Tensor, kept: Kept, to_weights: Tensor, to_x: Tensor | None
    ) -> None:
        """See `Piece`."""
        source, free = kept
        part = gradient[self.children]
        if to_x is not None:
            torch.bmm(self._dense(free).transpose(1, 2), part, out=to_x[self.children])
        if free.numel():
            self._sum_up(part, source, to_weights[self.of_weights])

    def _dense(self, free: Tensor) -> Tensor:
        """The dense matrices, shape `(t, r, c)`: in the buffer, or the weights' own."""
        if self._index is None:
            return free.view(self.shape)
        out = self._buffer[:-1]
        if free.numel() == 0:
            return out.zero_().view(self.shape)
        torch.index_select(free, 0, self._index, out=out)
        if self._signs is not None:
            out *= self._signs
        return out.view(self.shape)

    def _sum_up(self, gradient: Tensor, x: Tensor, free: Tensor) -> None:
        flat = free if self._index is None else self._buffer[:-1]
        dense = flat.view(self.shape)
        if len(dense) == 1:
            torch.mm(gradient[0], x.view(x.shape[-2:]).T, out=dense[0])
        else:
            expanded = x.expand(len(dense), *x.shape[-2:])
            torch.bmm(gradient, expanded.transpose(1, 2), out=dense)
        if self._index is None:
            return
        if self._signs is not None:
            flat *= self._signs
        if self._sums is None:
            free.scatter_add_(0, self._index, flat)
        else:
            self._sums(self._buffer, free)


class SharedMatmul(torch.autograd.Function):
    """`out[b] = dense(weights)[b] @ x[b]`; `x` is `(c, n)` where all children read the same,
    otherwise `(b, c, n)`.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weights: Tensor, plan: LayerPlan) -> Tensor:
        """Multiply piece by piece."""
        out = x.new_empty(plan.children, plan.rows, x.shape[-1])
        kept = [piece.multiply(x, weights, out) for piece in plan.pieces]
        ctx.save_for_backward(x, weights, *(tensor for pair in kept for tensor in pair))
        ctx.plan = plan
        return out

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor, None]:
        """Differentiate piece by piece."""
        x, weights, *kept = ctx.saved_tensors
        plan: LayerPlan = ctx.plan
        # Flattened, so that a single row or sample has the strides of any other: the order of
        # operations in a product depends on them.
        gradient = gradients[0].reshape(-1).view(gradients[0].shape)
        to_weights = torch.zeros_like(weights)
        to_x = x.new_empty(plan.children, *x.shape[-2:]) if ctx.needs_input_grad[0] else None
        pairs = zip(kept[::2], kept[1::2], strict=True)
        for piece, pair in zip(plan.pieces, pairs, strict=True):
            piece.differentiate(gradient, pair, to_weights, to_x)
        return to_x if to_x is None or x.dim() == 3 else to_x.sum(0), to_weights, None
