"""Pictures of the weights that the kernels of a group CNN share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autoequivariant.groups.point_group.chain import GroupChain, chain_of
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.groups.point_group.kernel import kernel_orbits
from autoequivariant.nn.cnn.architecture import KERNEL
from autoequivariant.nn.sharing_map import SharingMap, tiled

MOST_NAMED = 8
"""Of larger groups the generators are named."""


def sharing_maps(groups: PointGroup | GroupChain) -> tuple[SharingMap, ...]:
    """Return pictures of a lifting kernel and of a later one. The layers of a kernel of three axes
    stand side by side. Of groups that get smaller from level to level, those of the first one.
    """
    chain = chain_of(groups)
    group, order = chain.first, chain.first.order
    lifting = kernel_orbits(group, KERNEL, lifting=True)
    inner = kernel_orbits(group, KERNEL)
    first, later = (_pictures(orbits.labels, group.dimensions) for orbits in (lifting, inner))
    kernels = "1 kernel" if order == 1 else f"{order} kernels"
    channels = "all channels, a row for each" if group.moved_channels else "one channel"
    signs = ", whose sign may differ" if group.moved_channels and lifting.signs is not None else ""
    names = ", ".join(map(group.name, group.elements)) if order <= MOST_NAMED else str(group)
    return (
        SharingMap(
            "first layer",
            tiled([[one[row] for one in first] for row in range(group.moved_channels or 1)]),
            f"{kernels} of {channels}, one for each element of the group ({names}); equal colours "
            f"are one weight{signs}, {lifting.count} in all.",
        ),
        SharingMap(
            f"layers up to level {chain.early[0][0]}" if chain.early else "later layers",
            tiled([list(row) for row in later]),
            "A row of kernels for each output element of the group, a column for each input "
            f"element; {inner.labels.size} entries share {inner.count} weights.",
        ),
    )


def _pictures(labels: NDArray[np.int32], dimensions: int) -> NDArray[np.int64]:
    """The picture of each kernel, shape `(kernels, kernels in a row, rows, columns)`."""
    depth, height, width = [1] * (3 - dimensions) + [KERNEL] * dimensions
    parts = labels.astype(np.int64).reshape(len(labels), -1, depth, height, width)
    return parts.swapaxes(2, 3).reshape(len(labels), -1, height, depth * width)
