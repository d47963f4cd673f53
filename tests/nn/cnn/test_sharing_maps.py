"""Pictures of shared kernels: an element of the group turns one into another."""

import numpy as np

from autoequivariant.nn.cnn.sharing_maps import sharing_maps
from autoequivariant.nn.sharing_map import GAP

from ..point_groups import group_of


def test_kernels_of_rotations() -> None:
    group = group_of("rot90")
    first, later = sharing_maps(group)
    assert first.index.shape == (3, 4 * 3 + 3)
    assert later.index.shape == (4 * 3 + 3, 4 * 3 + 3)
    assert set(np.unique(first.index)) == {GAP, *range(9)}
    assert np.array_equal(np.rot90(first.index[:, :3]), first.index[:, 4:7])
