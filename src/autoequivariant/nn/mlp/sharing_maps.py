"""Pictures of the weights that the layers of an MLP share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from autoequivariant.groups.domain import Grid
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.nn.sharing_map import ZERO, SharingMap, tiled

MOST_SIDE = 400
"""Most rows and columns of a matrix that are drawn."""
_UNITS = 4


def sharing_maps(
    architecture: MLPArchitecture, generators: Sequence[int], outputs: str
) -> tuple[SharingMap, ...]:
    """Return pictures of each layer between single channels.

    Args:
        architecture: of the network.
        generators: numbers of the candidates that generate its state.
        outputs: what the outputs are called.
    """
    hidden = len(architecture.hidden_channels)
    single = replace(architecture, in_channels=1, hidden_channels=(1,) * hidden, expansion=None)
    actions = architecture.actions
    names = [*map(str, actions.domains), outputs]
    found = []
    for number, layer in enumerate(single.sharings(generators), 1):
        index = layer.weight.index.astype(np.int64)
        if layer.weight.signs is not None:
            index = np.where(layer.weight.signs == 0, ZERO, index)
        title = f"layer {number}: {names[number - 1]} to {names[number]}"
        found.append(_matrix(title, index, layer.weight.count))
        domain = actions.domains[number - 1]
        if isinstance(domain, Grid) and number <= hidden:
            moves = [actions.permutations[g][number].image for g in generators]
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
    units = "1 unit" if len(some) == 1 else f"{len(some)} units"
    others = len(some) - 1
    images = f" and of {others} image{'s' * (others > 1)} of it under the symmetries"
    caption = (
        f"The weights of one unit{images * (others > 0)}, drawn on {domain}: pixels of one colour "
        "share a weight, also across pictures."
    )
    return SharingMap(f"layer {number}, {units}", tiled([tiles]), caption)
