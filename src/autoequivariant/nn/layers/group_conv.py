"""Convolution that is equivariant to a point group: a dense one whose kernel shares weights.

Axis letters: `o` and `c` output and input channels, `g` the elements of the group; `...` stands for
the one to three axes of the domain. Feature maps have the shape `(n, c * g, ...)`, channels
outermost: they are ordinary maps of `c * g` channels, and pointwise functions act on them as on any
others.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from autoequivariant.errors import SettingsError
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.groups.point_group.kernel import kernel_orbits
from autoequivariant.nn.layers.gathering import Gathering

_CONVOLUTIONS: tuple[Callable[..., Tensor], ...] = (
    functional.conv1d,
    functional.conv2d,
    functional.conv3d,
)


class GroupConv(nn.Module):
    """Convolution of samples (lifting) or feature maps to feature maps, equivariant to a group.

    Maps `(n, in_channels * g, ...)`, or samples `(n, in_channels, ...)`, to
    `(n, out_channels * g, ...)` with `g = group.order`. The weights are the kernel of the group's
    identity, shape `(o, c / groups, g * side**d)` on a domain of `d` axes; the rest follows by the
    orbits of `kernel_orbits` (Cohen and Welling, 2016, arXiv 1602.07576, equations 10 and 11). If
    it lifts and the group moves channels, they are `(o, 1, c * side**d)`.

    Args:
        group: the point group; its domain has 1 to 3 axes.
        in_channels, out_channels: numbers of channels, each with `g` maps (one in a sample).
        kernel_size: length of the kernel along each axis.
        lifting: the input is a sample. The group acts on its channels, if on any.
        padding: number of positions at each end of all axes, or of each. Axes of `group.circular`
            continue with the values of the other end, so that they keep their length; others with
            zeros. Default: 0.
        dilation: distance between the positions that a kernel reads, along all axes or each.
            Default: 1.
        groups: as in `torch.nn.Conv2d`; it divides channels.
        bias: whether to add a number to each output channel.
        generator: source of the initial weights. Default: a new one with seed 0.

    Raises:
        SettingsError: an argument is out of range.

    There are no strides: on an even side they would not be equivariant to reflections.

    Weights start as `N(0, 2 / fan_in)` (He et al., 2015, arXiv 1502.01852) with the fan-in of the
    dense kernel, `c / groups * g * side**d`, so that each output has the same variance whatever the
    group.

    In evaluation without gradients the dense kernel and bias are kept between calls, and made again
    when the weights have changed. A change through `weight.data` goes unnoticed until the next
    `train()` or change of device or type.
    """

    kernel_index: Tensor
    kernel_signs: Tensor | None
    bias: nn.Parameter | None

    def __init__(
        self,
        group: PointGroup,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        *,
        lifting: bool = False,
        padding: int | tuple[int, ...] = 0,
        dilation: int | tuple[int, ...] = 1,
        groups: int = 1,
        bias: bool = True,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.group, self.lifting = group, lifting
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size, self.groups = kernel_size, groups
        self.padding, self.dilation = (self._by_axis(value) for value in (padding, dilation))
        self._refuse_bad_settings()
        orbits = kernel_orbits(group, kernel_size, lifting)
        # Not in the state dict: they follow from the group, so a file holds weights only.
        index = torch.from_numpy(orbits.labels.reshape(-1)).long()
        self.register_buffer("kernel_index", index, persistent=False)
        is_signed = orbits.signs is not None and (orbits.signs < 0).any()
        signs = torch.tensor(orbits.signs).reshape(-1).float() if is_signed else None
        self.register_buffer("kernel_signs", signs, persistent=False)
        source = torch.Generator().manual_seed(0) if generator is None else generator
        blocks = 1 if self._moves_channels else in_channels // groups
        shape = (out_channels, blocks, orbits.count)
        scale = math.sqrt(2 / (shape[1] * shape[2]))
        self.weight = nn.Parameter(torch.randn(shape, generator=source) * scale)
        self.register_parameter("bias", nn.Parameter(torch.zeros(out_channels)) if bias else None)
        self._kept: _Kept | None = None
        self._gathering: Gathering | None = None

    @property
    def _moves_channels(self) -> bool:
        return self.lifting and self.group.moved_channels > 0

    def _by_axis(self, value: int | tuple[int, ...]) -> tuple[int, ...]:
        return (value,) * self.group.dimensions if isinstance(value, int) else tuple(value)

    def _refuse_bad_settings(self) -> None:
        channels, troubles, group = (self.in_channels, self.out_channels), [], self.group
        if min(*channels, self.kernel_size, self.groups, *self.dilation) < 1:
            troubles.append("channels, kernel_size, dilation and groups must be at least 1")
        elif any(count % self.groups for count in channels):
            troubles.append(f"groups={self.groups} must divide {channels[0]} and {channels[1]}")
        if self._moves_channels and group.moved_channels != channels[0]:
            troubles.append(
                f"{group} moves {group.moved_channels} channels, not in_channels={channels[0]}"
            )
        if self._moves_channels and self.groups > 1:
            troubles.append(f"groups must be 1, as {group} moves channels; got {self.groups}")
        if {len(self.padding), len(self.dilation)} != {group.dimensions}:
            troubles.append(f"padding and dilation must have {group.dimensions} entries or be one")
        elif min(self.padding) < 0:
            troubles.append(f"padding must be at least 0; got {min(self.padding)}")
        elif any(2 * self.padding[axis] != self._reach(axis) for axis in group.circular):
            troubles.append(
                "padding must be half of dilation * (kernel_size - 1) along circular axes"
            )
        if troubles:
            raise SettingsError(f"GroupConv cannot be made: {'; '.join(troubles)}.")

    def _reach(self, axis: int) -> int:
        """Distance between the first and the last position that a kernel reads."""
        return self.dilation[axis] * (self.kernel_size - 1)

    def dense_weight(self) -> Tensor:
        """Return the kernel that is applied, shape `(o * g, c / groups * g, side, ...)`, or with
        `c` for `c * g` where it lifts.
        """
        out, inp, free = self.weight.shape
        sides = (self.kernel_size,) * self.group.dimensions
        if self.group.order == 1:
            return self.weight.view(out, -1, *sides)
        # The index is the same for each pair of channels: one gather in all, then the order of
        # axes that convolutions need.
        gathered = self._gathered(self.weight.reshape(out * inp, free))
        if self.kernel_signs is not None:
            gathered = gathered * self.kernel_signs
        blocks = gathered.view(out, inp, self.group.order, free).transpose(1, 2)
        return blocks.reshape(out * self.group.order, -1, *sides)

    def _gathered(self, rows: Tensor) -> Tensor:
        """Gather the entries of the dense kernel from the free ones of each pair of channels."""
        if not rows.is_cuda or torch.compiler.is_compiling():
            return rows.index_select(1, self.kernel_index)
        if self._gathering is None or self._gathering.index is not self.kernel_index:
            self._gathering = Gathering(self.kernel_index, rows.shape[1])
        return self._gathering(rows)

    def dense_bias(self) -> Tensor | None:
        """Return the bias that is added, shape `(o * g,)`; None where there is none."""
        return None if self.bias is None else self.bias.repeat_interleave(self.group.order)

    @property
    def wrapped(self) -> tuple[int, ...]:
        """How many values of the other end each axis continues with, as `padding`."""
        axes = range(self.group.dimensions)
        return tuple(self.padding[a] if a in self.group.circular else 0 for a in axes)

    @property
    def zeros(self) -> tuple[int, ...]:
        """How many zeros each axis continues with, as `padding`."""
        axes = range(self.group.dimensions)
        return tuple(0 if a in self.group.circular else self.padding[a] for a in axes)

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, c * g, ...)` to `(n, o * g, ...)`.

        Raises:
            SettingsError: the input has another number of maps or axes, has sides that differ
                although the group exchanges them, or is too short to continue circularly.
        """
        self._refuse_bad_input(x)
        kernel, bias = self._dense()
        if any(self.wrapped):
            ends = [count for count in reversed(self.wrapped) for _ in range(2)]
            x = functional.pad(x, ends, mode="circular")
        convolve = _CONVOLUTIONS[self.group.dimensions - 1]
        return convolve(
            x, kernel, bias, padding=self.zeros, dilation=self.dilation, groups=self.groups
        )

    def _refuse_bad_input(self, x: Tensor) -> None:
        maps = self.in_channels * (1 if self.lifting else self.group.order)
        _, found, *sides = x.shape
        shape = "x".join(map(str, sides))
        if found != maps or len(sides) != self.group.dimensions:
            raise SettingsError(
                f"GroupConv for {self.group} expects {maps} maps with {self.group.dimensions} "
                f"axes; got {found} maps of {shape}."
            )
        if not self.group.fits(sides):
            raise SettingsError(
                f"GroupConv is not equivariant to {self.group} on {shape}: make the sides equal "
                "that the group exchanges, or use a group that does not exchange them."
            )
        if any(count > side for count, side in zip(self.wrapped, sides, strict=True)):
            raise SettingsError(
                f"GroupConv cannot continue {shape} circularly by {self.wrapped}: use a smaller "
                "kernel_size or dilation."
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

    def train(self, mode: bool = True) -> GroupConv:
        """Set the mode, as every module does; the kept kernel is dropped."""
        self._kept = None
        return super().train(mode)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> GroupConv:
        self._kept = None  # a conversion replaces the weights without counting their version up
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_kept": None, "_gathering": None}  # a copy makes its own

    def extra_repr(self) -> str:
        """Sizes, for `print(module)`."""
        kind = "lifting, " if self.lifting else ""
        return (
            f"{self.group}, {self.in_channels} -> {self.out_channels}, {kind}"
            f"kernel_size={self.kernel_size}, padding={self.padding}, dilation={self.dilation}"
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
