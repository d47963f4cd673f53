"""Which weights a network shares, layer by layer, as arrays of weight numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import singledispatch

import numpy as np
from numpy.typing import NDArray

from autoequivariant.groups.domain import Grid
from autoequivariant.groups.point_group import PointGroup, kernel_orbits
from autoequivariant.nn.cnn.architecture import KERNEL
from autoequivariant.report.render.formatting import counted
from autoequivariant.training.child import Child
from autoequivariant.training.families.cnn import CNNFamily
from autoequivariant.training.families.family import Family
from autoequivariant.training.families.mlp import MLPFamily

MOST_SIDE = 400
"""Most rows and columns of a matrix that are drawn."""
GAP, ZERO = -1, -2
"""In place of a weight number: a gap between pictures; an entry that is forced to zero."""
_UNITS = 4
_OUTPUTS = {"classification": "classes", "regression": "targets"}


@dataclass(frozen=True, eq=False)
class SharingMap:
    """A picture of one layer's weights.

    Attributes:
        title: the layer, or a part of it.
        index: number of the free weight at each entry, `GAP` or `ZERO`, shape `(rows, columns)`.
        caption: what it shows, in a sentence.
    """

    title: str
    index: NDArray[np.int64]
    caption: str


@singledispatch
def sharing_maps(family: Family, child: Child) -> tuple[SharingMap, ...]:
    """Return the pictures of a child's layers; none unless a kind of network registers some."""
    return ()


@sharing_maps.register
def _of_mlp(family: MLPFamily, child: Child) -> tuple[SharingMap, ...]:
    architecture, outputs = family.architecture, _OUTPUTS[family.task.name]
    hidden = len(architecture.hidden_channels)
    single = replace(architecture, in_channels=1, hidden_channels=(1,) * hidden)
    generators = tuple(child.generators)
    domains = [str(domain) for domain in architecture.actions.domains]
    sides = [*zip(domains, domains[1:], strict=False), (domains[-1], outputs)]
    found = []
    for number, (layer, (before, after)) in enumerate(
        zip(single.sharings(generators), sides, strict=True), 1
    ):
        index = layer.weight.index.astype(np.int64)
        if layer.weight.signs is not None:
            index = np.where(layer.weight.signs == 0, ZERO, index)
        found.append(_matrix(f"layer {number}: {before} to {after}", index, layer.weight.count))
        domain = architecture.actions.domains[min(number, hidden + 1) - 1]
        if isinstance(domain, Grid) and number <= hidden:
            moves = [architecture.actions.permutations[g][number].image for g in generators]
            found.append(_units(number, index, domain, moves))
    return tuple(found)


def _matrix(title: str, index: NDArray[np.int64], count: int) -> SharingMap:
    rows, columns = index.shape
    shown = index[:MOST_SIDE, :MOST_SIDE]
    cut = "" if shown.size == index.size else f" (the first {shown.shape[0]} by {shown.shape[1]})"
    each = "One row for the output" if rows == 1 else f"A row for each of {rows:,} outputs"
    caption = (
        f"{each}, a column for each of {columns:,} inputs{cut}; equal colours are one weight; "
        f"{index.size:,} entries share {count:,} weights."
    )
    return SharingMap(title, shown, caption)


def _units(
    number: int, index: NDArray[np.int64], domain: Grid, moves: Sequence[NDArray[np.int64]]
) -> SharingMap:
    """The weight rows of a unit and of its images, each as a picture of the input domain."""
    some = [len(index) // 5]
    for unit in some:  # grows during the loop
        some += [u for move in moves if (u := int(move[unit])) not in some][: _UNITS - len(some)]
    # With moved channels or signs an index occurs several times; the first is drawn.
    tiles = [index[unit, : domain.size].reshape(domain.shape) for unit in some]
    images = f" and of {counted(len(some) - 1, 'image')} of it under the symmetries"
    caption = (
        f"The weights of one unit{images * (len(some) > 1)}, drawn on {domain}: pixels of one "
        "colour share a weight, also across pictures."
    )
    return SharingMap(f"layer {number}, {counted(len(some), 'unit')}", _tiled([tiles]), caption)


@sharing_maps.register
def _of_cnn(family: CNNFamily, child: Child) -> tuple[SharingMap, ...]:
    return kernel_maps(family.states.group(child.members))


def kernel_maps(group: PointGroup) -> tuple[SharingMap, ...]:
    """Return the pictures of the kernels of a group CNN."""
    order = group.order
    lifting = kernel_orbits(group, KERNEL, lifting=True)
    inner = kernel_orbits(group, KERNEL)
    first = lifting.labels.reshape(order, 1, KERNEL, KERNEL).astype(np.int64)
    later = inner.labels.reshape(order, order, KERNEL, KERNEL).astype(np.int64)
    elements = ", ".join(group.elements)
    return (
        SharingMap(
            "first layer",
            _tiled([[first[g, 0] for g in range(order)]]),
            f"{counted(order, 'kernel')} of one channel, one for each element of the group "
            f"({elements}); equal colours are one weight, {lifting.count} in all.",
        ),
        SharingMap(
            "later layers",
            _tiled([[later[g, h] for h in range(order)] for g in range(order)]),
            "A row of kernels for each output element of the group, a column for each input "
            f"element; {order * order * KERNEL**2} entries share {inner.count} weights.",
        ),
    )


def _tiled(rows: list[list[NDArray[np.int64]]]) -> NDArray[np.int64]:
    """Pictures in a grid, with gaps."""
    bands = []
    for row in rows:
        gap = np.full((row[0].shape[0], 1), GAP)
        parts = [part for tile in row for part in (tile, gap)][:-1]
        band = np.concatenate(parts, axis=1)
        bands += [band, np.full((1, band.shape[1]), GAP)]
    return np.concatenate(bands[:-1])
