"""The product of samples with the shared weights of many children, and its gradients.

Two ways, layer by layer and child by child. A tile gathers the dense matrices of neighbouring
children from their free weights, a few at a time so that a matrix is still in the cache when it is
multiplied, and scatters the dense gradients back. A large matrix that commuting involutions make a
convolution (`groups.involutions`) is gathered as its kernel instead, and multiplied block by block:
the same map, in a fraction of the arithmetic. No matrix outlives the product it was made for.

On a CPU in one thread, every number of a child comes from the same operations in the same order
whatever it is trained with, so its weights are the same bit by bit. That is why sums by orbits are
`scatter_add_` (a sparse matrix product rounds by where a row happens to lie).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.linalg import hadamard
from torch import Tensor

from autoequivariant.nn.sharing import LayerSharing

# Dense weights made at a time on a CPU: about what its second-level cache holds.
_TILE_BYTES = 2**21


class Piece(Protocol):
    """Neighbouring children whose products are made together."""

    def multiply(self, x: Tensor, weights: Tensor, out: Tensor) -> None:
        """Write the products of these children into their part of `out`, shape `(b, r, n)`.

        Args:
            x: samples `(c, n)` where all children read the same, else `(b, c, n)`.
            weights: the layer's vector of free weights.
        """

    def differentiate(
        self, gradient: Tensor, x: Tensor, weights: Tensor, to_weights: Tensor, to_x: Tensor | None
    ) -> None:
        """Write the gradients of these children's weights and samples.

        Args:
            gradient: that of the products, shape `(b, r, n)`.
            x, weights: as they were multiplied.
            to_weights: where to write, like `weights`; holds zeros.
            to_x: where to write, shape `(b, c, n)`; None where nobody needs it.
        """


class LayerPlan:
    """One layer of all children, as pieces.

    Args:
        sharings: the layer's sharing in each child.
        device: where the children are.
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
        buffer = torch.empty(together * self.rows * self.columns, device=device)
        self.pieces: list[Piece] = []
        child = start = 0
        for blocked, group in groupby(sharings, lambda s: on_cpu and s.blocks is not None):
            alike = list(group)
            for first in range(0, len(alike), 1 if blocked else together):
                some = alike[first : first + (1 if blocked else together)]
                count = sum(sharing.weight.count for sharing in some)
                self.pieces.append(
                    _Blocked(child, slice(start, start + count), some[0])
                    if blocked
                    else _Tile(child, slice(start, start + count), some, buffer)
                )
                child, start = child + len(some), start + count


class _Tile:
    """Children whose dense matrices are gathered.

    Args:
        first: the place of the first of them among all children.
        of_weights: the place of their free weights in the layer's vector.
        sharings: of the layer in each of them.
        buffer: room for their dense matrices.
    """

    def __init__(
        self, first: int, of_weights: slice, sharings: Sequence[LayerSharing], buffer: Tensor
    ) -> None:
        shares = [sharing.weight for sharing in sharings]
        self.children = slice(first, first + len(shares))
        self.of_weights = of_weights
        self.shape = (len(shares), *shares[0].index.shape)
        offsets = np.cumsum([0] + [share.count for share in shares])
        parts = zip(shares, offsets[:-1], strict=True)
        index = np.concatenate([share.index.reshape(-1) + offset for share, offset in parts])
        signed = any(share.signs is not None for share in shares)
        self._index: Tensor | None = None
        self._signs: Tensor | None = None
        if not signed and np.array_equal(index, np.arange(offsets[-1])):
            return  # every entry is a weight of its own: the weights are the matrices
        # A child whose weights are all forced to zero has index 0, maybe past the end; its signs
        # are 0 too.
        index = np.minimum(index, max(0, int(offsets[-1]) - 1)).astype(np.int64)
        self._index = torch.from_numpy(index).to(buffer.device)
        self._buffer = buffer[: len(index)]
        if signed:
            ones = np.float32(1)
            per_child = [
                np.broadcast_to(ones if s.signs is None else s.signs, s.index.shape).ravel()
                for s in shares
            ]
            self._signs = torch.from_numpy(np.concatenate(per_child)).to(buffer.device)

    def multiply(self, x: Tensor, weights: Tensor, out: Tensor) -> None:
        """See `Piece`."""
        dense = self._dense(weights)
        source = x if x.dim() == 2 else x[self.children]
        if len(dense) == 1:
            torch.mm(dense[0], source.view(x.shape[-2:]), out=out[self.children.start])
        else:
            expanded = source.expand(len(dense), *x.shape[-2:])
            torch.bmm(dense, expanded, out=out[self.children])

    def differentiate(
        self, gradient: Tensor, x: Tensor, weights: Tensor, to_weights: Tensor, to_x: Tensor | None
    ) -> None:
        """See `Piece`."""
        part = gradient[self.children]
        if to_x is not None:
            torch.bmm(self._dense(weights).transpose(1, 2), part, out=to_x[self.children])
        free = to_weights[self.of_weights]
        if free.numel():
            self._sum_up(part, x if x.dim() == 2 else x[self.children], free)

    def _dense(self, weights: Tensor) -> Tensor:
        """The dense matrices, shape `(t, r, c)`: in the buffer, or the weights' own."""
        free = weights[self.of_weights]
        if self._index is None:
            return free.view(self.shape)
        out = self._buffer
        if free.numel() == 0:
            return out.zero_().view(self.shape)
        torch.index_select(free, 0, self._index, out=out)
        if self._signs is not None:
            out *= self._signs
        return out.view(self.shape)

    def _sum_up(self, gradient: Tensor, x: Tensor, free: Tensor) -> None:
        flat = free if self._index is None else self._buffer
        dense = flat.view(self.shape)
        if len(dense) == 1:
            torch.mm(gradient[0], x.view(x.shape[-2:]).T, out=dense[0])
        else:
            expanded = x.expand(len(dense), *x.shape[-2:])
            torch.bmm(gradient, expanded.transpose(1, 2), out=dense)
        if self._index is not None:
            if self._signs is not None:
                flat *= self._signs
            free.scatter_add_(0, self._index, flat)


class _Blocked:
    """One child whose matrix is a convolution on a group of `g` commuting involutions.

    Entry `(a.i, b.j)` of the matrix is entry `(i, j)` of the kernel's matrix `a b`. The characters
    of the group, columns of a Hadamard matrix, turn samples, kernel and products into `g` blocks.

    Args:
        child: its place among all children.
        of_weights: the place of its free weights in the layer's vector.
        sharing: of the layer in it, with blocks.
    """

    def __init__(self, child: int, of_weights: slice, sharing: LayerSharing) -> None:
        blocks = sharing.blocks
        if blocks is None:
            raise ValueError("this layer has no blocks")
        self.child = child
        self.of_weights = of_weights
        self.order = len(blocks.rows)
        kernel = sharing.weight.index[blocks.rows[:, :, None], blocks.columns[0]]
        self._index = torch.from_numpy(kernel.reshape(-1).astype(np.int64))
        self._shape = kernel.shape
        self._characters = torch.from_numpy(hadamard(self.order, dtype=np.float32))
        self._scaled_characters = self._characters / self.order  # the inverse
        self._rows, self._row_places = _order_and_places(blocks.rows)
        self._columns, self._column_places = _order_and_places(blocks.columns)

    def multiply(self, x: Tensor, weights: Tensor, out: Tensor) -> None:
        """See `Piece`."""
        source = self._to_blocks(x if x.dim() == 2 else x[self.child], self._columns)
        product = torch.bmm(self._kernel(weights), source)
        self._from_blocks(product, self._row_places, out[self.child])

    def differentiate(
        self, gradient: Tensor, x: Tensor, weights: Tensor, to_weights: Tensor, to_x: Tensor | None
    ) -> None:
        """See `Piece`."""
        part = self._to_blocks(gradient[self.child], self._rows)
        source = self._to_blocks(x if x.dim() == 2 else x[self.child], self._columns)
        kernel = torch.bmm(part, source.transpose(1, 2)).view(self.order, -1)
        flat = self._scaled_characters.mm(kernel).view(-1)
        to_weights[self.of_weights].scatter_add_(0, self._index, flat)
        if to_x is not None:
            product = torch.bmm(self._kernel(weights).transpose(1, 2), part)
            self._from_blocks(product, self._column_places, to_x[self.child])

    def _kernel(self, weights: Tensor) -> Tensor:
        """The blocks of the matrix, shape `(g, r / g, c / g)`."""
        kernel = weights[self.of_weights].index_select(0, self._index).view(self.order, -1)
        return self._characters.mm(kernel).view(self._shape)

    def _to_blocks(self, x: Tensor, order: Tensor) -> Tensor:
        """Turn `(size, n)` into `(g, size / g, n)`, one block for each character."""
        by_element = x.index_select(0, order).view(self.order, -1)
        return self._characters.mm(by_element).view(self.order, -1, x.shape[1])

    def _from_blocks(self, blocks: Tensor, places: Tensor, out: Tensor) -> None:
        """Undo `_to_blocks`, into `out` of shape `(size, n)`."""
        by_element = self._scaled_characters.mm(blocks.view(self.order, -1))
        torch.index_select(by_element.view(out.shape), 0, places, out=out)


def _order_and_places(arrangement: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
    order = arrangement.reshape(-1)
    return torch.from_numpy(order.copy()), torch.from_numpy(np.argsort(order))


class SharedMatmul(torch.autograd.Function):
    """`out[b] = dense(weights)[b] @ x[b]`; `x` is `(c, n)` where all children read the same, else
    `(b, c, n)`.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weights: Tensor, plan: LayerPlan) -> Tensor:
        """Multiply piece by piece."""
        out = x.new_empty(plan.children, plan.rows, x.shape[-1])
        for piece in plan.pieces:
            piece.multiply(x, weights, out)
        ctx.save_for_backward(x, weights)
        ctx.plan = plan
        return out

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor, None]:
        """Differentiate piece by piece."""
        x, weights = ctx.saved_tensors
        plan: LayerPlan = ctx.plan
        gradient = gradients[0].contiguous()
        to_weights = torch.zeros_like(weights)
        to_x = x.new_empty(plan.children, *x.shape[-2:]) if ctx.needs_input_grad[0] else None
        for piece in plan.pieces:
            piece.differentiate(gradient, x, weights, to_weights, to_x)
        return to_x if to_x is None or x.dim() == 3 else to_x.sum(0), to_weights, None
