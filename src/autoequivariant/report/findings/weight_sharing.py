"""Which weights of the chosen network are one, layer by layer, as arrays of their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from autoequivariant.groups.domain import Grid
from autoequivariant.groups.point_group import PointGroup, kernel_orbits
from autoequivariant.nn.cnn.architecture import KERNEL
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.report.render.formatting import counted
from autoequivariant.searching.problem import Problem
from autoequivariant.training.child import Child
from autoequivariant.training.families.cnn import CNNFamily
from autoequivariant.training.families.mlp import MLPFamily

MOST_SIDE = 400
"""Rows and columns of a matrix that are shown."""
GAP, ZERO = -1, -2
"""Instead of a weight's number: nothing is there; the entry is forced to zero."""
_UNITS = 4
_OUTPUTS = {"classification": "classes", "regression": "targets"}


@dataclass(frozen=True, eq=False)
class SharingMap:
    """A picture of one layer's weights.

    Attributes:
        title: which layer, or which part of it.
        index: the number of the free weight at each entry, `GAP` or `ZERO`, shape `(rows,
            columns)`.
        caption: what is seen, in a sentence.
    """

    title: str
    index: NDArray[np.int64]
    caption: str


def sharing_maps(problem: Problem, child: Child) -> tuple[SharingMap, ...]:
    """Return the pictures of a child's layers; none for a kind of network that has no such rule."""
    family = problem.family
    if isinstance(family, CNNFamily):
        return _of_cnn(family.states.group(child.members))
    if isinstance(family, MLPFamily):
        return _of_mlp(family.architecture, child, _OUTPUTS[family.task.name])
    return ()


def _of_mlp(architecture: MLPArchitecture, child: Child, outputs: str) -> tuple[SharingMap, ...]:
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
        f"{each}, a column for each of {columns:,} inputs{cut}; equal colours are one weight: "
        f"{index.size:,} entries share {count:,} weights."
    )
    return SharingMap(title, shown, caption)


def _units(
    number: int, index: NDArray[np.int64], domain: Grid, moves: Sequence[NDArray[np.int64]]
) -> SharingMap:
    """The rows of a unit and of those that it is moved to, each as a picture of what it reads."""
    some = [len(index) // 5]
    for unit in some:  # grows while it is read
        some += [u for move in moves if (u := int(move[unit])) not in some][: _UNITS - len(some)]
    # Where channels move or signs change, each index stands several times: the first is shown.
    tiles = [index[unit, : domain.size].reshape(domain.shape) for unit in some]
    who = "one unit reads"
    if len(some) > 1:
        who = f"one unit reads, and {counted(len(some) - 1, 'unit')} that symmetries move it to"
    caption = (
        f"What {who}, as a picture of {domain}: pixels of one colour have one weight, also in "
        "different pictures."
    )
    return SharingMap(f"layer {number}, {counted(len(some), 'unit')}", _tiled([tiles]), caption)


def _of_cnn(group: PointGroup) -> tuple[SharingMap, ...]:
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
            f"({elements}): equal colours are one weight, {lifting.count} in all.",
        ),
        SharingMap(
            "later layers",
            _tiled([[later[g, h] for h in range(order)] for g in range(order)]),
            f"A row of kernels for each element of the group that comes out, a column for each "
            f"that goes in: {order * order * KERNEL**2} entries share {inner.count} weights.",
        ),
    )


def _tiled(rows: list[list[NDArray[np.int64]]]) -> NDArray[np.int64]:
    """Pictures beside and below each other, with gaps."""
    bands = []
    for row in rows:
        gap = np.full((row[0].shape[0], 1), GAP)
        parts = [part for tile in row for part in (tile, gap)][:-1]
        band = np.concatenate(parts, axis=1)
        bands += [band, np.full((1, band.shape[1]), GAP)]
    return np.concatenate(bands[:-1])
