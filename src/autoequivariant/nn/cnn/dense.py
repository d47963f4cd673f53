"""The layers of a group CNN as plain `torch.nn` layers with dense weights."""

from __future__ import annotations

from torch import nn

from autoequivariant.errors import ModelError
from autoequivariant.nn.cnn.backbone import NormedConv, ResidualBlock
from autoequivariant.nn.export.torch_modules import Residual
from autoequivariant.nn.layers.group_conv import GroupConv2d
from autoequivariant.nn.layers.group_layers import GroupBatchNorm2d, SpatialPool2d


def dense_backbone(
    module: nn.Module, sides: tuple[int, int]
) -> tuple[list[nn.Module], tuple[int, int]]:
    """Return the plain layers of a part of the backbone.

    Args:
        module: the part.
        sides: height and width of the maps that it reads.

    Returns:
        The layers, and height and width of the maps that they return.

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
        return [_conv(module.conv), _norm(module.norm)], sides
    if isinstance(module, ResidualBlock):
        parts = (module.first, module.second, module.shortcut)
        first, second, shortcut = (dense_backbone(part, sides)[0] for part in parts)
        inner = nn.Sequential(*first, nn.ReLU(), *second)
        return [Residual(inner, nn.Sequential(*shortcut))], sides
    if isinstance(module, SpatialPool2d):
        odd = (sides[0] % 2, sides[1] % 2)
        pool = nn.MaxPool2d((2 + odd[0], 2 + odd[1]), 2, odd)
        return [pool], (-(-sides[0] // 2), -(-sides[1] // 2))
    if isinstance(module, nn.ReLU):
        return [nn.ReLU()], sides
    if isinstance(module, nn.Identity):
        return [], sides
    raise ModelError(f"{type(module).__name__} has no plain form: it cannot be exported.")


def _conv(conv: GroupConv2d) -> nn.Conv2d:
    weight, bias = conv.dense_weight(), conv.dense_bias()
    layer = nn.Conv2d(
        weight.shape[1] * conv.groups,
        weight.shape[0],
        conv.kernel_size,
        padding=conv.padding,
        groups=conv.groups,
        bias=bias is not None,
    )
    layer.weight.copy_(weight)
    if layer.bias is not None and bias is not None:
        layer.bias.copy_(bias)
    return layer


def _norm(norm: GroupBatchNorm2d) -> nn.BatchNorm2d:
    shared = norm.shared
    layer = nn.BatchNorm2d(shared.num_features * norm.order, shared.eps, shared.momentum)
    every = {
        name: value if value.dim() == 0 else value.repeat_interleave(norm.order)
        for name, value in shared.state_dict().items()
    }
    layer.load_state_dict(every)
    return layer
