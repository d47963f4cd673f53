"""Sums over orbits in a fixed order, for processors that add in whatever order threads arrive."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

FAN_IN = 8
"""Entries that are added at a time; more leave more places of a table empty."""


class OrbitSums:
    """Sums the entries of a vector by orbit, by a tree of additions.

    `scatter_add_` on a GPU rounds differently in each run, and waits where many entries have one
    orbit. Here the entries of an orbit are gathered into columns of `FAN_IN`, each column is
    added, and so are the sums, until each orbit has one.

    Args:
        index: the orbit of each entry, shape `(n,)`, whole numbers below `count`.
        count: number of orbits; one without entries has the sum 0.
    """

    def __init__(self, index: Tensor, count: int) -> None:
        self.count = count
        order = torch.argsort(index, stable=True)
        counts = torch.bincount(index, minlength=count)
        self._tables: list[Tensor] = []
        while not self._tables or int(counts.max()) > 1:
            sums = torch.clamp(-(-counts // FAN_IN), min=1)
            self._tables.append(_table(order, counts, sums))
            counts, order = sums, torch.arange(int(sums.sum()), device=index.device)

    def __call__(self, values: Tensor, out: Tensor) -> None:
        """Write the sums.

        Args:
            values: shape `(n + 1,)`; the last one must be 0.
            out: where to write, shape `(count,)`.
        """
        for table in self._tables[:-1]:
            gathered = values.index_select(0, table.view(-1)).view(table.shape)
            values = values.new_zeros(table.shape[1] + 1)
            torch.sum(gathered, 0, out=values[:-1])
        table = self._tables[-1]
        torch.sum(values.index_select(0, table.view(-1)).view(table.shape), 0, out=out)

    def along_last_axis(self, values: Tensor) -> Tensor:
        """Return the sums of values of shape `(..., n)`, with one axis or two: `(..., count)`."""
        for table in self._tables:
            padded = functional.pad(values, (0, 1))
            gathered = padded.index_select(values.dim() - 1, table.view(-1))
            values = gathered.view(*values.shape[:-1], *table.shape).sum(-2)
        return values


def _table(order: Tensor, counts: Tensor, sums: Tensor) -> Tensor:
    """Return which entries are added, shape `(FAN_IN, total of sums)`, orbit by orbit.

    Args:
        order: the entries, by orbit.
        counts, sums: of each orbit, the number of its entries and that of its sums.

    Places that are left over have the number of entries, which is no entry.
    """
    n, device = len(order), order.device
    first = torch.repeat_interleave(counts.cumsum(0) - counts, counts)
    rank = torch.arange(n, device=device) - first
    column = torch.repeat_interleave(sums.cumsum(0) - sums, counts) + rank // FAN_IN
    dtype = torch.int32 if n < 2**31 else torch.int64
    table = torch.full((FAN_IN, int(sums.sum())), n, dtype=dtype, device=device)
    table[rank % FAN_IN, column] = order.to(dtype)
    return table
