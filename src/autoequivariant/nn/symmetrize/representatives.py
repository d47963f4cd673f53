"""One representative of each orbit, in the manner of canonicalisation (Kaba et al. 2023,
https://arxiv.org/abs/2211.06489), chosen by comparisons instead of a trained network.

Permutations and changes of sign are exact in floating point, so equal orbits have equal
representatives, bit by bit.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from autoequivariant.groups.sorted_blocks import SortedBlocks
from autoequivariant.nn.symmetrize.orbit import Orbit, signed


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
    parts = list(orbit.parts(x, False))
    winners = torch.cat([_largest(_keys(orbit, x, part)) for part in parts], dim=1)
    largest = _largest(winners)
    return torch.cat([(_keys(orbit, x, part) == largest).all(2) for part in parts], dim=1)


def _keys(orbit: Orbit, x: Tensor, part: slice) -> Tensor:
    """Return moved copies to compare; missing values, which equal nothing, are the smallest."""
    copies = orbit.moved(x, part)
    return copies.masked_fill(copies.isnan(), -torch.inf) if x.is_floating_point() else copies


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
