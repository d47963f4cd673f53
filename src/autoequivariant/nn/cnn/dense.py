"""The layers of a group CNN as plain `torch.nn` layers with dense weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from autoequivariant.errors import ModelError
from autoequivariant.nn.cnn.backbone import NormedConv, ResidualBlock
from autoequivariant.nn.export.torch_modules import CircularPad, Reorder, Residual
from autoequivariant.nn.layers.group_conv import GroupConv
from autoequivariant.nn.layers.group_layers import GroupBatchNorm, SpatialPool
from autoequivariant.nn.layers.restriction import Restriction

CONVOLUTIONS: tuple[Callable[..., Any], ...] = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
NORMALISATIONS: tuple[Callable[..., nn.Module], ...] = (
    nn.BatchNorm1d,
    nn.BatchNorm2d,
    nn.BatchNorm3d,
)
MAX_POOLS: tuple[Callable[..., nn.Module], ...] = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)
AVERAGE_POOLS: tuple[Callable[..., nn.Module], ...] = (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)
MEAN_POOLS: tuple[Callable[..., nn.Module], ...] = (
    nn.AdaptiveAvgPool1d,
    nn.AdaptiveAvgPool2d,
    nn.AdaptiveAvgPool3d,
)
"""Layers by number of axes."""


def dense_backbone(
    module: nn.Module, sides: tuple[int, ...]
) -> tuple[list[nn.Module], tuple[int, ...]]:
    """Return the plain layers of a part of the backbone.

    Args:
        module: the part.
        sides: of the maps that it reads.

    Returns:
        The layers, and the sides of the maps that they return.

    Raises:
        ModelError: a layer has no plain form.
    """
    if isinstance(module, nn.Sequential):
        layers = []
        for part in module:
            found, sides = dense_backbone(part, sides)
            layers += found
        return layers, sides
    if isinstance(module, NormedConv):
        return [*_conv(module.conv), _norm(module.norm, len(sides))], sides
    if isinstance(module, ResidualBlock):
        parts = (module.first, module.second, module.shortcut)
        first, second, shortcut = (dense_backbone(part, sides)[0] for part in parts)
        inner = nn.Sequential(*first, nn.ReLU(), *second)
        return [Residual(inner, nn.Sequential(*shortcut))], sides
    if isinstance(module, SpatialPool):
        if len(module.kept) == len(sides):
            return [], sides
        window, stride, padding = module.windows(sides)
        if module.mean:
            average = AVERAGE_POOLS[len(sides) - 1]
            pool = average(window, stride, padding, count_include_pad=False)
        else:
            pool = MAX_POOLS[len(sides) - 1](window, stride, padding)
        return [pool], tuple(-(-side // step) for side, step in zip(sides, stride, strict=True))
    if isinstance(module, Restriction):
        return [Reorder(*module.index.tolist())], sides
    if isinstance(module, nn.ReLU):
        return [nn.ReLU()], sides
    if isinstance(module, nn.Identity):
        return [], sides
    raise ModelError(f"{type(module).__name__} has no plain form: it cannot be exported.")


def _conv(conv: GroupConv) -> list[nn.Module]:
    weight, bias = conv.dense_weight(), conv.dense_bias()
    layer = CONVOLUTIONS[conv.group.dimensions - 1](
        weight.shape[1] * conv.groups,
        weight.shape[0],
        conv.kernel_size,
        padding=conv.zeros,
        dilation=conv.dilation,
        groups=conv.groups,
        bias=bias is not None,
    )
    layer.weight.copy_(weight)
    if layer.bias is not None and bias is not None:
        layer.bias.copy_(bias)
    return [CircularPad(*conv.wrapped), layer] if any(conv.wrapped) else [layer]


def _norm(norm: GroupBatchNorm, dimensions: int) -> nn.Module:
    shared = norm.shared
    make = NORMALISATIONS[dimensions - 1]
    layer = make(shared.num_features * norm.order, shared.eps, shared.momentum)
    every = {
        name: value if value.dim() == 0 else value.repeat_interleave(norm.order)
        for name, value in shared.state_dict().items()
    }
    layer.load_state_dict(every)
    return layer
