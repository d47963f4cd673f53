"""Convolution that is equivariant to a point group: a dense one whose kernel shares weights.

Axis letters: `o` and `c` output and input channels, `g` the elements of the group, `y` and `x` rows
and columns. Feature maps have the shape `(n, c * g, y, x)`, channels outermost: they are ordinary
maps of `c * g` channels, and pointwise functions act on them as on any others.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from autoequivariant.errors import SettingsError
from autoequivariant.groups.point_group import PointGroup, kernel_orbits


class GroupConv2d(nn.Module):
    """Convolution of images (lifting) or feature maps to feature maps, equivariant to a group.

    Maps `(n, in_channels * g, h, w)`, or images `(n, in_channels, h, w)`, to
    `(n, out_channels * g, h', w')` with `g = group.order`. The weights are the kernel of the
    group's identity, shape `(o, c / groups, g * side * side)`; the rest follows by the orbits of
    `kernel_orbits` (Cohen and Welling, 2016, arXiv 1602.07576, equations 10 and 11).

    Args:
        group: the point group.
        in_channels, out_channels: numbers of channels, each with `g` maps (one in an image).
        kernel_size: side of the square kernel.
        lifting: the input is an image, on whose channels the group does not act.
        padding: number of zeros on each side.
        groups: as in `torch.nn.Conv2d`; it divides channels.
        bias: whether to add a number to each output channel.
        generator: source of the initial weights. Default: a new one with seed 0.

    Raises:
        SettingsError: an argument is out of range.

    Weights start as `N(0, 2 / fan_in)` (He et al., 2015, arXiv 1502.01852) with the fan-in of the
    dense kernel, `c / groups * g * side * side`, so that each output has the same variance whatever
    the group.

    In evaluation without gradients the dense kernel and bias are kept between calls, and made again
    when the weights have changed. A change through `weight.data` goes unnoticed until the next
    `train()` or change of device or type.
    """

    kernel_index: Tensor
    bias: nn.Parameter | None

    def __init__(
        self,
        group: PointGroup,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        *,
        lifting: bool = False,
        padding: int = 0,
        groups: int = 1,
        bias: bool = True,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.group, self.lifting = group, lifting
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size, self.padding, self.groups = kernel_size, padding, groups
        self._refuse_bad_settings()
        orbits = kernel_orbits(group, kernel_size, lifting)
        # Not in the state dict: it follows from the group, so a file holds weights only.
        index = torch.from_numpy(orbits.labels.reshape(-1)).long()
        self.register_buffer("kernel_index", index, persistent=False)
        source = torch.Generator().manual_seed(0) if generator is None else generator
        shape = (out_channels, in_channels // groups, orbits.count)
        scale = math.sqrt(2 / (shape[1] * shape[2]))
        self.weight = nn.Parameter(torch.randn(shape, generator=source) * scale)
        self.register_parameter("bias", nn.Parameter(torch.zeros(out_channels)) if bias else None)
        self._kept: _Kept | None = None

    def _refuse_bad_settings(self) -> None:
        channels, troubles = (self.in_channels, self.out_channels), []
        if min(*channels, self.kernel_size, self.groups) < 1:
            troubles.append("channels, kernel_size and groups must be at least 1")
        elif any(count % self.groups for count in channels):
            troubles.append(f"groups={self.groups} must divide {channels[0]} and {channels[1]}")
        if self.padding < 0:
            troubles.append(f"padding must be at least 0; got {self.padding}")
        if troubles:
            raise SettingsError(f"GroupConv2d cannot be made: {'; '.join(troubles)}.")

    def dense_weight(self) -> Tensor:
        """Return the kernel that is applied, shape `(o * g, c / groups * g, side, side)`, or with
        `c` for `c * g` where it lifts.
        """
        out, inp, free = self.weight.shape
        side = self.kernel_size
        if self.group.order == 1:
            return self.weight.view(out, inp, side, side)
        # The index is the same for each pair of channels: one gather in all, then the order of
        # axes that conv2d needs.
        gathered = self.weight.reshape(out * inp, free).index_select(1, self.kernel_index)
        blocks = gathered.view(out, inp, self.group.order, free).transpose(1, 2)
        return blocks.reshape(out * self.group.order, -1, side, side)

    def dense_bias(self) -> Tensor | None:
        """Return the bias that is added, shape `(o * g,)`; None where there is none."""
        return None if self.bias is None else self.bias.repeat_interleave(self.group.order)

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, c * g, h, w)` to `(n, o * g, h', w')`.

        Raises:
            SettingsError: the input has another number of maps, or is not square although the
                group exchanges rows and columns.
        """
        self._refuse_bad_input(x)
        kernel, bias = self._dense()
        return functional.conv2d(x, kernel, bias, padding=self.padding, groups=self.groups)

    def _refuse_bad_input(self, x: Tensor) -> None:
        maps = self.in_channels * (1 if self.lifting else self.group.order)
        _, found, height, width = x.shape
        if found != maps:
            raise SettingsError(
                f"GroupConv2d for {self.group} expects shape (n, {maps}, height, width); got "
                f"{found} maps."
            )
        if self.group.needs_square and height != width:
            raise SettingsError(
                f"GroupConv2d is not equivariant to {self.group} on {height}x{width}: use square "
                "maps, or a group that does not exchange rows and columns."
            )

    def _dense(self) -> tuple[Tensor, Tensor | None]:
        """Kernel and bias that are applied, kept where no change can go unnoticed."""
        if self.training or torch.is_grad_enabled() or torch.compiler.is_compiling():
            self._kept = None  # an optimizer may follow
            return self.dense_weight(), self.dense_bias()
        weight, bias = self.weight, self.bias
        if self._kept is None or not self._kept.is_of(weight, bias):
            made = self.dense_weight(), self.dense_bias()
            if weight.is_inference() or (bias is not None and bias.is_inference()):
                return made  # they have no version that would show a change
            self._kept = _Kept(weight, bias, *made)
        return self._kept.dense_weight, self._kept.dense_bias

    def train(self, mode: bool = True) -> GroupConv2d:
        """Set the mode, as every module does; the kept kernel is dropped."""
        self._kept = None
        return super().train(mode)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> GroupConv2d:
        self._kept = None  # a conversion replaces the weights without counting their version up
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_kept": None}  # a copy makes its own kernel

    def extra_repr(self) -> str:
        """Sizes, for `print(module)`."""
        kind = "lifting, " if self.lifting else ""
        return (
            f"{self.group}, {self.in_channels} -> {self.out_channels}, {kind}"
            f"kernel_size={self.kernel_size}, padding={self.padding}"
        )


class _Kept:
    """A dense kernel and bias, with the parameters and versions that they were made from."""

    def __init__(
        self, weight: Tensor, bias: Tensor | None, dense_weight: Tensor, dense_bias: Tensor | None
    ) -> None:
        self.weight, self.version = weight, weight._version
        self.bias, self.bias_version = bias, None if bias is None else bias._version
        self.dense_weight, self.dense_bias = dense_weight, dense_bias

    def is_of(self, weight: Tensor, bias: Tensor | None) -> bool:
        """Whether making them again would give the same."""
        return (
            self.weight is weight
            and self.version == weight._version
            and self.bias is bias
            and (bias is None or self.bias_version == bias._version)
        )
