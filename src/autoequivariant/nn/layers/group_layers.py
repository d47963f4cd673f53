"""Layers between and after group convolutions that respect the group axis.

Feature maps have the shape `(n, c * g, h, w)`, channels outermost, with `g` the group's order.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from autoequivariant.errors import SettingsError


class GroupBatchNorm2d(nn.Module):
    """Batch normalisation with statistics, scale and shift shared over the group axis.

    Args:
        channels: number of channels, each with `order` maps.
        order: the group's order.
    """

    def __init__(self, channels: int, order: int) -> None:
        super().__init__()
        self.order = order
        self.shared = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, c * g, h, w)` to the same shape."""
        _, maps, height, width = x.shape
        # A channel's maps are adjacent, so a view as one tall map copies nothing.
        tall = x.reshape(-1, maps // self.order, self.order * height, width)
        normed: Tensor = self.shared(tall)
        return normed.view(x.shape)


class GroupDropout2d(nn.Module):
    """Dropout of channels: all maps of a channel are dropped together.

    Args:
        order: the group's order.
        probability: share of channels that is set to zero in training; the others are scaled up.
        generator: a number drawn from it seeds the masks. Default: a new one, seed 0.

    Raises:
        SettingsError: the probability is not in [0, 1).
    """

    def __init__(
        self, order: int, probability: float, generator: torch.Generator | None = None
    ) -> None:
        super().__init__()
        if not 0 <= probability < 1:
            raise SettingsError(f"The dropout must be in [0, 1); got {probability}.")
        self.order, self.probability = order, probability
        source = torch.Generator().manual_seed(0) if generator is None else generator
        seed = int(torch.randint(2**62, (1,), generator=source, device=source.device))
        self.generator = torch.Generator().manual_seed(seed)

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, c * g, h, w)` to the same shape."""
        if not self.training or self.probability == 0:
            return x
        keep = 1 - self.probability
        # Drawn on the CPU: the same masks on every device.
        mask = torch.empty(len(x), x.shape[1] // self.order)
        mask = mask.bernoulli_(keep, generator=self.generator) / keep
        every = mask.repeat_interleave(self.order, 1)[:, :, None, None]
        return x * every.to(x.device, x.dtype)

    def extra_repr(self) -> str:
        """Settings, for `print(module)`."""
        return f"order={self.order}, probability={self.probability}"


class GroupPool(nn.Module):
    """Maximum over the group axis: feature maps become maps that move as images do.

    Args:
        order: the group's order.
    """

    def __init__(self, order: int) -> None:
        super().__init__()
        self.order = order

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, c * g, h, w)` to `(n, c, h, w)`."""
        if self.order == 1:
            return x
        by_element: Tensor = x.unflatten(1, (-1, self.order))
        return by_element.amax(2)

    def extra_repr(self) -> str:
        """Settings, for `print(module)`."""
        return f"order={self.order}"


class SpatialPool2d(nn.Module):
    """Maximum over windows that lie symmetrically, which respects every point group.

    Halves each side: windows of 2 with stride 2 where it is even; where it is odd, windows of 3
    with stride 2 around every second pixel, the first and the last among them, which gives
    `(n + 1) / 2`.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, c, h, w)` to `(n, c, ceil(h / 2), ceil(w / 2))`."""
        odd = (x.shape[-2] % 2, x.shape[-1] % 2)
        largest: Tensor = functional.max_pool2d(x, (2 + odd[0], 2 + odd[1]), 2, odd)
        return largest


class InvariantHead(nn.Module):
    """From feature maps to classes, invariant: the maximum over the group, the mean over all
    pixels, then a linear layer.

    Args:
        channels: number of channels, each with `order` maps.
        order: the group's order.
        classes: number of outputs.
        generator: source of the initial weights, `N(0, 1 / channels)`. Default: a new one, seed 0.
    """

    def __init__(
        self,
        channels: int,
        order: int,
        classes: int,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.pool = GroupPool(order)
        source = torch.Generator().manual_seed(0) if generator is None else generator
        scale = math.sqrt(1 / channels)
        self.weight = nn.Parameter(torch.randn(classes, channels, generator=source) * scale)
        self.bias = nn.Parameter(torch.zeros(classes))

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, c * g, h, w)` to logits `(n, classes)`."""
        return functional.linear(self.pool(x).mean((2, 3)), self.weight, self.bias)
