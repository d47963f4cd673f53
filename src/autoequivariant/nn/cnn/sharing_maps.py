"""Pictures of the weights that the kernels of a group CNN share."""

from __future__ import annotations

import numpy as np

from autoequivariant.groups.point_group import PointGroup, kernel_orbits
from autoequivariant.nn.cnn.architecture import KERNEL
from autoequivariant.nn.sharing_map import SharingMap, tiled


def sharing_maps(group: PointGroup) -> tuple[SharingMap, ...]:
    """Return pictures of a lifting kernel and of a later one."""
    order = group.order
    lifting = kernel_orbits(group, KERNEL, lifting=True)
    inner = kernel_orbits(group, KERNEL)
    first = lifting.labels.reshape(order, 1, KERNEL, KERNEL).astype(np.int64)
    later = inner.labels.reshape(order, order, KERNEL, KERNEL).astype(np.int64)
    kernels = "1 kernel" if order == 1 else f"{order} kernels"
    return (
        SharingMap(
            "first layer",
            tiled([list(first[:, 0])]),
            f"{kernels} of one channel, one for each element of the group "
            f"({', '.join(group.elements)}); equal colours are one weight, {lifting.count} in all.",
        ),
        SharingMap(
            "later layers",
            tiled([list(row) for row in later]),
            "A row of kernels for each output element of the group, a column for each input "
            f"element; {order * order * KERNEL**2} entries share {inner.count} weights.",
        ),
    )
