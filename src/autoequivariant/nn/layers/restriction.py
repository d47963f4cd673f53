"""Restriction of feature maps to a subgroup: the layers after it need not respect the others."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from autoequivariant.groups.point_group.chain import restriction
from autoequivariant.groups.point_group.group import PointGroup


class Restriction(nn.Module):
    """Feature maps of a group as those of a subgroup: the same maps in another order.

    A channel becomes one for each right coset of the subgroup, `group.order // subgroup.order` of
    them. No value changes and nothing is lost.

    Args:
        group: of the feature maps.
        subgroup: that the layers after it respect.

    Raises:
        SymmetryError: it is no subgroup.
    """

    index: Tensor

    def __init__(self, group: PointGroup, subgroup: PointGroup) -> None:
        super().__init__()
        self.group, self.subgroup = group, subgroup
        # Not in the state dict: it follows from the groups.
        index = torch.tensor(restriction(group, subgroup))
        self.register_buffer("index", index, persistent=False)

    def order(self, maps: int) -> Tensor:
        """Return which of so many maps comes at each place, shape `(maps,)`."""
        channels = torch.arange(0, maps, self.group.order, device=self.index.device)
        return (channels[:, None] + self.index).flatten()

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, c * g, ...)` to `(n, c * g / h * h, ...)`, with `h` the subgroup's order."""
        return x.index_select(1, self.order(x.shape[1]))

    def extra_repr(self) -> str:
        """The groups, for `print(module)`."""
        return f"{self.group} -> {self.subgroup}"
