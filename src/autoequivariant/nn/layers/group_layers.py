"""Layers between and after group convolutions that respect the group axis.

Feature maps have the shape `(n, c * g, ...)`, channels outermost, with `g` the group's order; `...`
stands for the one to three axes of the domain.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from autoequivariant.errors import SettingsError
from autoequivariant.groups.orbits import Orbits, pair_orbits, point_orbits
from autoequivariant.groups.point_group.group import PointGroup

_POOLS: tuple[Callable[..., Tensor], ...] = (
    functional.max_pool1d,
    functional.max_pool2d,
    functional.max_pool3d,
)
_MEAN_POOLS: tuple[Callable[..., Tensor], ...] = (
    functional.avg_pool1d,
    functional.avg_pool2d,
    functional.avg_pool3d,
)


class GroupBatchNorm(nn.Module):
    """Batch normalisation with statistics, scale and shift shared over the group axis.

    Args:
        channels: number of channels, each with `order` maps.
        order: the group's order.
    """

    def __init__(self, channels: int, order: int) -> None:
        super().__init__()
        self.order = order
        self.shared = nn.BatchNorm1d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, c * g, ...)` to the same shape."""
        # A channel's maps are adjacent, so a view as one long map copies nothing.
        long = x.reshape(len(x), x.shape[1] // self.order, -1)
        normed: Tensor = self.shared(long)
        return normed.view(x.shape)


class GroupDropout(nn.Module):
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
        """Map `(n, c * g, ...)` to the same shape."""
        if not self.training or self.probability == 0:
            return x
        keep = 1 - self.probability
        # Drawn on the CPU: the same masks on every device.
        mask = torch.empty(len(x), x.shape[1] // self.order)
        mask = mask.bernoulli_(keep, generator=self.generator) / keep
        every = mask.repeat_interleave(self.order, 1)
        return x * every.view(*every.shape, *[1] * (x.dim() - 2)).to(x.device, x.dtype)

    def extra_repr(self) -> str:
        """Settings, for `print(module)`."""
        return f"order={self.order}, probability={self.probability}"


class GroupPool(nn.Module):
    """Maximum over parts of the group axis. Over all of it, feature maps become maps that move as
    samples do.

    Args:
        count: number of adjacent maps of which one maximum is taken.
    """

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, maps, ...)` to `(n, maps / count, ...)`."""
        if self.count == 1:
            return x
        parts: Tensor = x.unflatten(1, (-1, self.count))
        return parts.amax(2)

    def extra_repr(self) -> str:
        """Settings, for `print(module)`."""
        return f"count={self.count}"


class SpatialPool(nn.Module):
    """Maximum or mean over windows that lie symmetrically, which respects every point group.

    Halves each side: windows of 2 with stride 2 where it is even; where it is odd, windows of 3
    with stride 2 around every second position, the first and the last among them, which gives
    `(n + 1) / 2`. Sides of 1 stay.

    Args:
        kept: numbers of axes that are not pooled. Default: none.
        mean: whether to take the mean of a window's positions, without those beyond the border.
    """

    def __init__(self, kept: Iterable[int] = (), mean: bool = False) -> None:
        super().__init__()
        self.kept, self.mean = tuple(kept), mean

    def windows(self, sides: Sequence[int]) -> tuple[tuple[int, ...], ...]:
        """Return window, stride and padding along each axis, for maps of these sides."""
        kept = [axis in self.kept or side < 2 for axis, side in enumerate(sides)]
        pairs = list(zip(kept, sides, strict=True))
        return (
            tuple(1 if keep else 2 + side % 2 for keep, side in pairs),
            tuple(1 if keep else 2 for keep, _ in pairs),
            tuple(0 if keep else side % 2 for keep, side in pairs),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, c, ...)` to maps of half the sides, rounded up."""
        sides = x.shape[2:]
        if len(sides) == len(self.kept):
            return x
        windows = self.windows(sides)
        if self.mean:
            return _MEAN_POOLS[len(sides) - 1](x, *windows, count_include_pad=False)
        return _POOLS[len(sides) - 1](x, *windows)

    def extra_repr(self) -> str:
        """Settings, for `print(module)`."""
        return f"kept={self.kept}, mean={self.mean}"


class GroupHead(nn.Module):
    """From feature maps to outputs, equivariant: the maximum over the elements that leave outputs
    in place and over each of their cosets, the mean over all positions, then a linear layer.

    Where the group moves no outputs, there is one coset and the outputs are invariant. Otherwise
    the orbits of (output, coset) share the weights of the linear layer, and those of the outputs
    its biases (law 2), with signs.

    Args:
        channels: number of channels, each with a map for each element of the group.
        group: the point group.
        outputs: number of outputs.
        generator: source of the initial weights, `N(0, 1 / fan_in)`. Default: a new one, seed 0.

    Raises:
        SymmetryError: the group moves another number of outputs.
    """

    weight_index: Tensor
    weight_signs: Tensor
    bias_index: Tensor
    bias_signs: Tensor

    def __init__(
        self,
        channels: int,
        group: PointGroup,
        outputs: int,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.outputs, self.cosets = outputs, group.order // group.stable_order
        self.pool = GroupPool(group.stable_order)
        on_outputs = [element.output_action(outputs) for element in group.generators]
        on_cosets = [group.coset_action(element) for element in group.generators]
        weights = pair_orbits(on_outputs, on_cosets, outputs, self.cosets, signed=True)
        biases = point_orbits(on_outputs, outputs, signed=True)
        self._register("weight", weights)
        self._register("bias", biases)
        source = torch.Generator().manual_seed(0) if generator is None else generator
        scale = math.sqrt(1 / (channels * self.cosets))
        drawn = torch.randn(int(weights.free.sum()), channels, generator=source)
        self.weight = nn.Parameter(drawn * scale)
        self.bias = nn.Parameter(torch.zeros(int(biases.free.sum())))

    def _register(self, name: str, orbits: Orbits) -> None:
        """Keep which free value each entry has, and its sign; 0 where it is forced to zero."""
        numbers = np.maximum(np.cumsum(orbits.free) - 1, 0)
        index = torch.from_numpy(numbers[orbits.labels].reshape(-1))
        signs = torch.tensor(orbits.signs).reshape(-1).float()
        self.register_buffer(f"{name}_index", index, persistent=False)
        self.register_buffer(f"{name}_signs", signs, persistent=False)

    def dense_weight(self) -> Tensor:
        """Return the weights of the linear layer, shape `(outputs, channels * cosets)`."""
        if self.cosets == 1:
            return self.weight
        every = self.weight.index_select(0, self.weight_index) * self.weight_signs[:, None]
        return every.view(self.outputs, self.cosets, -1).transpose(1, 2).flatten(1)

    def dense_bias(self) -> Tensor:
        """Return the biases of the linear layer, shape `(outputs,)`."""
        if self.cosets == 1:
            return self.bias
        if not len(self.bias):
            return self.bias.new_zeros(self.outputs)
        return self.bias.index_select(0, self.bias_index) * self.bias_signs

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, c * g, ...)` to outputs `(n, outputs)`."""
        pooled = self.pool(x)
        means = pooled.mean(tuple(range(2, x.dim())))
        return functional.linear(means, self.dense_weight(), self.dense_bias())
