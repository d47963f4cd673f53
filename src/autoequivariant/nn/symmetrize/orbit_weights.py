"""A small network that gives each moved copy of a sample a weight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

import torch
from torch import Tensor, nn

_WIDTH = 32
_LONGEST_SIDE = 8
"""Longer sides of images, sequences and volumes are pooled to this many positions."""
_POOLS: dict[int, Callable[[tuple[int, ...]], nn.Module]] = {
    1: nn.AdaptiveAvgPool1d,
    2: nn.AdaptiveAvgPool2d,
    3: nn.AdaptiveAvgPool3d,
}


class OrbitWeights(nn.Sequential):
    """Maps samples to `(n, 1)`: standardised, pooled if large, then a layer of 32 units.

    The last layer starts at zero, so that all copies have the same weight.
    """

    @classmethod
    def on(cls, x: Tensor, seed: int) -> Self:
        """Return a network for samples like these.

        Args:
            x: samples, shape `(n, *shape)`; their mean and scale standardise the input.
            seed: of the first layer.
        """
        dtype = x.dtype if x.is_floating_point() else torch.get_default_dtype()
        layers: list[nn.Module] = [Standardise(x.to(dtype))]
        shape = x.shape[1:]
        if len(shape) > 1:  # the first axis may be channels
            sides = [min(side, _LONGEST_SIDE) for side in shape[1:]]
            if tuple(sides) != tuple(shape[1:]):
                layers.append(_POOLS[len(sides)](tuple(sides)))
            shape = torch.Size([shape[0], *sides])
        first, last = nn.Linear(shape.numel(), _WIDTH), nn.Linear(_WIDTH, 1)
        with torch.no_grad():
            generator = torch.Generator().manual_seed(seed)
            first.weight.normal_(0, shape.numel() ** -0.5, generator=generator)
            first.bias.zero_()
            last.weight.zero_()
            last.bias.zero_()
        return cls(*layers, nn.Flatten(), first, nn.Tanh(), last).to(x.device, dtype)


class Standardise(nn.Module):
    """Subtract a mean and divide by a scale: of all values, or of each column of a table.

    Args:
        x: samples, shape `(n, columns)` or `(n, ...)`, whose mean and standard deviation are taken.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, x: Tensor) -> None:
        super().__init__()
        axes = (0,) if x.ndim == 2 and len(x) > 1 else tuple(range(x.ndim))
        mean = x.nanmean(axes, keepdim=True)
        scale = (x - mean).square().nanmean(axes).sqrt()
        self.register_buffer("mean", mean.squeeze(axes))
        self.register_buffer("scale", torch.where(scale > 0, scale, torch.ones_like(scale)))

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, ...)` to the same shape; missing values become the mean."""
        return ((x.to(self.mean.dtype) - self.mean) / self.scale).nan_to_num(0.0)
