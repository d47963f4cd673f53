"""Small CNNs and images for them."""

import torch

from autoequivariant.groups.domain import Grid

from ..point_groups import GROUPS

PLAIN = GROUPS[0]


def pictures(grid: Grid, n: int = 2, channels: int = 2, seed: int = 1) -> torch.Tensor:
    source = torch.Generator().manual_seed(seed)
    return torch.randn(n, channels, *grid.shape, dtype=torch.float64, generator=source)
