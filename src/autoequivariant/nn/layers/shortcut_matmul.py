"""Products of one child's shared weights by a shortcut: see `shortcuts.py` and `Piece`."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.linalg import hadamard
from torch import Tensor

from autoequivariant.nn.layers.sharing import Share
from autoequivariant.nn.layers.shortcuts import Blocks, Merged

Kept = tuple[Tensor, Tensor]
"""Samples and weights in the form in which a product reads them, for its gradients."""


class BlockProduct:
    """One child whose matrix is a convolution on a group of `g` commuting involutions.

    Entry `(a.i, b.j)` of the matrix is entry `(i, j)` of the kernel's matrix `a b`. The characters
    of the group, columns of a Hadamard matrix, turn samples, kernel and products into `g` blocks.

    Args:
        child: its position among all children.
        of_weights: the position of its free weights in the layer's vector.
        share: which free weight each entry of its matrix holds.
        blocks: rows and columns by the group's orbits.
    """

    def __init__(self, child: int, of_weights: slice, share: Share, blocks: Blocks) -> None:
        self.child = child
        self.of_weights = of_weights
        self.order = len(blocks.rows)
        kernel = share.index[blocks.rows[:, :, None], blocks.columns[0]]
        self._index = torch.from_numpy(kernel.reshape(-1).astype(np.int64))
        self._shape = kernel.shape
        self._characters = torch.from_numpy(hadamard(self.order, dtype=np.float32))
        self._scaled_characters = self._characters / self.order  # the inverse
        self._rows, self._row_positions = _order_and_positions(blocks.rows)
        self._columns, self._column_positions = _order_and_positions(blocks.columns)

    def multiply(self, x: Tensor, weights: Tensor, out: Tensor) -> Kept:
        """See `Piece`."""
        source = self._to_blocks(x if x.dim() == 2 else x[self.child], self._columns)
        kernel = weights[self.of_weights].index_select(0, self._index).view(self.order, -1)
        blocks = self._characters.mm(kernel).view(self._shape)
        self._from_blocks(torch.bmm(blocks, source), self._row_positions, out[self.child])
        return source, blocks

    def differentiate(
        self, gradient: Tensor, kept: Kept, to_weights: Tensor, to_x: Tensor | None
    ) -> None:
        """See `Piece`."""
        source, blocks = kept
        part = self._to_blocks(gradient[self.child], self._rows)
        kernel = torch.bmm(part, source.transpose(1, 2)).view(self.order, -1)
        flat = self._scaled_characters.mm(kernel).view(-1)
        to_weights[self.of_weights].scatter_add_(0, self._index, flat)
        if to_x is not None:
            product = torch.bmm(blocks.transpose(1, 2), part)
            self._from_blocks(product, self._column_positions, to_x[self.child])

    def _to_blocks(self, x: Tensor, order: Tensor) -> Tensor:
        """Turn `(size, n)` into `(g, size / g, n)`, one block for each character."""
        by_element = x.index_select(0, order).view(self.order, -1)
        return self._characters.mm(by_element).view(self.order, -1, x.shape[1])

    def _from_blocks(self, blocks: Tensor, positions: Tensor, out: Tensor) -> None:
        """Undo `_to_blocks`, into `out` of shape `(size, n)`."""
        by_element = self._scaled_characters.mm(blocks.view(self.order, -1))
        torch.index_select(by_element.view(out.shape), 0, positions, out=out)


def _order_and_positions(arrangement: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
    order = arrangement.reshape(-1)
    return torch.from_numpy(order.copy()), torch.from_numpy(np.argsort(order))


class MergedProduct:
    """One child whose matrix has few distinct rows and columns: sums samples over equal columns,
    multiplies, and copies the products to equal rows.

    Args:
        child: its position among all children.
        of_weights: the position of its free weights in the layer's vector.
        share: which free weight each entry of its matrix holds.
        merged: which rows and which columns are equal.
    """

    def __init__(self, child: int, of_weights: slice, share: Share, merged: Merged) -> None:
        self.child = child
        self.of_weights = of_weights
        distinct = share.index[merged.rows[:, :1], merged.columns[:, 0]]
        self._index = torch.from_numpy(distinct.reshape(-1).astype(np.int64))
        self._shape = distinct.shape
        self._rows, self._row_classes = _order_and_classes(merged.rows)
        self._columns, self._column_classes = _order_and_classes(merged.columns)

    def multiply(self, x: Tensor, weights: Tensor, out: Tensor) -> Kept:
        """See `Piece`."""
        source = _sums(x if x.dim() == 2 else x[self.child], self._columns, self._shape[1])
        distinct = weights[self.of_weights].index_select(0, self._index).view(self._shape)
        torch.index_select(distinct.mm(source), 0, self._row_classes, out=out[self.child])
        return source, distinct

    def differentiate(
        self, gradient: Tensor, kept: Kept, to_weights: Tensor, to_x: Tensor | None
    ) -> None:
        """See `Piece`."""
        source, distinct = kept
        part = _sums(gradient[self.child], self._rows, self._shape[0])
        to_weights[self.of_weights].scatter_add_(0, self._index, part.mm(source.T).view(-1))
        if to_x is not None:
            product = distinct.T.mm(part)
            torch.index_select(product, 0, self._column_classes, out=to_x[self.child])


def _sums(x: Tensor, order: Tensor, classes: int) -> Tensor:
    """Sum `(size, n)` over classes: `(classes, n)`."""
    return x.index_select(0, order).view(classes, -1, x.shape[1]).sum(1)


def _order_and_classes(members: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
    of_each = np.empty(members.size, np.int64)
    of_each[members] = np.arange(len(members))[:, None]
    return torch.from_numpy(members.reshape(-1).copy()), torch.from_numpy(of_each)
