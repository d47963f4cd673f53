"""Small modules of plain PyTorch that stand in an exported network where `torch.nn` has none.

An exported network's source holds this text: import nothing but torch.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Normalise(nn.Module):
    """Samples of any type, `(n, *shape)`, to floats; a side of 1 has one mean and scale for all."""

    mean: Tensor
    scale: Tensor

    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(shape))
        self.register_buffer("scale", torch.ones(shape))

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, channels, ...)` to the same shape."""
        return (x.to(self.mean.dtype) - self.mean) / self.scale

    def extra_repr(self) -> str:
        """The arguments."""
        return ", ".join(map(str, self.mean.shape))


class GroupMax(nn.Module):
    """The largest of the `order` maps that each channel has, one for each element of the group."""

    def __init__(self, order: int) -> None:
        super().__init__()
        self.order = order

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, channels * order, height, width)` to `(n, channels, height, width)`."""
        by_element: Tensor = x.unflatten(1, (-1, self.order))
        return by_element.amax(2)

    def extra_repr(self) -> str:
        """The arguments."""
        return f"{self.order}"


class Residual(nn.Module):
    """Two ways beside each other, added up, and a ReLU."""

    def __init__(self, inner: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.inner = inner
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        """Map what both ways map."""
        return torch.relu(self.inner(x) + self.shortcut(x))
