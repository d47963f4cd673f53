"""One representative of each orbit, in the manner of canonicalisation (Kaba et al. 2023,
https://arxiv.org/abs/2211.06489), chosen by comparisons instead of a trained network.

Permutations and changes of sign are exact in floating point, so equal orbits have equal
representatives, bit by bit.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from autoequivariant.groups.sorted_blocks import SortedBlocks
from autoequivariant.nn.symmetrize.orbit import Orbit, signed

_FIRST_VALUES = 64  # of a copy, that are compared before all others
_MOST_KEYS = 2**23  # values that are compared at once


@torch.no_grad()
def to_representative(orbit: Orbit, x: Tensor) -> Tensor:
    """Return which elements take each sample to the lexicographically largest of its moved copies.

    There are several where elements fix the sample.

    Args:
        orbit: the whole group.
        x: samples, shape `(n, *shape)`.

    Returns:
        Shape `(n, elements)`, boolean.
    """
    reaches = torch.ones((x.shape[0], len(orbit)), dtype=torch.bool, device=x.device)
    size = math.prod(orbit.shape)
    if torch.compiler.is_compiling():
        return _narrowed(orbit, x, reaches, slice(0, size))
    rows, start, stop = torch.arange(x.shape[0], device=x.device), 0, _FIRST_VALUES
    while len(rows) and start < size:  # a few values decide on most samples
        own = _narrowed(orbit, x[rows], reaches[rows], slice(start, stop))
        reaches[rows] = own
        rows = rows[own.sum(1) > 1]
        start, stop = stop, 4 * stop
    return reaches


def _narrowed(orbit: Orbit, x: Tensor, reaches: Tensor, values: slice) -> Tensor:
    """Return which of the elements that `reaches` names have the largest copy in some values."""
    parts = [slice(0, len(orbit))]
    if not torch.compiler.is_compiling():
        parts = list(
            orbit.parts_of(_MOST_KEYS // max(1, x.shape[0] * (values.stop - values.start)))
        )
    winners = [_largest(_keys(orbit, x, part, values, reaches)) for part in parts]
    largest = _largest(torch.cat(winners, dim=1))
    equal = [(_keys(orbit, x, part, values, reaches) == largest).all(2) for part in parts]
    return torch.cat(equal, dim=1) & reaches


def _keys(orbit: Orbit, x: Tensor, part: slice, values: slice, reaches: Tensor) -> Tensor:
    """Return moved copies to compare, the smallest for elements that are out of question.

    Missing values, which equal nothing, are the smallest, too.
    """
    copies = orbit.moved(x, part, values)
    if copies.dtype == torch.bool:
        return copies & reaches[:, part, None]
    if not copies.is_floating_point():
        least = torch.iinfo(copies.dtype).min
        return copies.masked_fill(~reaches[:, part, None], least)
    return copies.masked_fill(~reaches[:, part, None] | copies.isnan(), -torch.inf)


def _largest(copies: Tensor) -> Tensor:
    """Return the lexicographically largest row, by a tournament; `(n, rows, values)` to `(n, 1,
    values)`.
    """
    while (count := copies.shape[1]) > 1:
        half = count // 2
        first, second, rest = copies.split([half, half, count - 2 * half], dim=1)
        where = (first != second).int().argmax(dim=2, keepdim=True)  # the first difference
        wins = first.gather(2, where) >= second.gather(2, where)
        copies = torch.cat([torch.where(wins, first, second), rest], dim=1)
    return copies


class Sorting(nn.Module):
    """Sort blocks of values, and take absolute values where signs are free.

    Args:
        blocks: the structure of the group.
        shape: of a sample.
    """

    free_signs: Tensor | None
    place: Tensor

    def __init__(self, blocks: SortedBlocks, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.shape, self.order = shape, blocks.order
        size = len(blocks.free_signs)
        free = torch.from_numpy(blocks.free_signs) if blocks.free_signs.any() else None
        self.register_buffer("free_signs", free, persistent=False)
        self._count = len(blocks.families)
        moved = torch.zeros(size, dtype=torch.bool)
        for number, family in enumerate(map(torch.from_numpy, blocks.families)):
            self.register_buffer(f"family_{number}", family, persistent=False)
            moved[family.flatten()] = True
        still = torch.arange(size)[~moved]
        self.register_buffer("still", still, persistent=False)
        every = torch.cat([still, *(family.flatten() for family in self._families())])
        self.register_buffer("place", every.argsort(), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the representative of each sample's orbit, shape `(n, *shape)`."""
        values = x.flatten(1)
        if self.free_signs is not None:
            values = signed(values)
            values = torch.where(self.free_signs, values.abs(), values)
        parts = [values[:, self.get_buffer("still")]]
        parts += [_sorted(values[:, family]).flatten(1) for family in self._families()]
        shaped: Tensor = torch.cat(parts, dim=1)[:, self.place].unflatten(1, self.shape)
        return shaped

    def extra_repr(self) -> str:
        """The number of elements of the group, and the shape."""
        return f"group of {self.order:,} elements on samples of shape {self.shape}"

    def _families(self) -> list[Tensor]:
        return [self.get_buffer(f"family_{number}") for number in range(self._count)]


def _sorted(blocks: Tensor) -> Tensor:
    """Return blocks, shape `(n, blocks, width)`, in lexicographic order, the largest first."""
    width = blocks.shape[2]
    if width == 1:
        return blocks.sort(dim=1, descending=True).values
    order = torch.arange(blocks.shape[1], device=blocks.device).expand(blocks.shape[0], -1)
    for column in reversed(range(width)):  # the last key first, as each sort keeps ties in order
        keys = blocks[:, :, column].detach().gather(1, order)
        order = order.gather(1, keys.sort(dim=1, descending=True, stable=True).indices)
    return blocks.gather(1, order[:, :, None].expand(-1, -1, width))
