"""A saved network as a plain `torch.nn` network with dense weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from autoequivariant.errors import ModelError
from autoequivariant.nn.cnn.network import EquivariantCNN, NormedConv, ResidualBlock
from autoequivariant.nn.export.torch_modules import GroupMax, Normalise, Residual
from autoequivariant.nn.io.model_description import Model
from autoequivariant.nn.layers.group_conv import GroupConv2d
from autoequivariant.nn.layers.group_layers import GroupBatchNorm2d, InvariantHead, SpatialPool2d
from autoequivariant.nn.layers.shared_linear import SharedLinear
from autoequivariant.nn.mlp.network import EquivariantMLP


@torch.no_grad()
def to_dense(model: Model) -> nn.Sequential:
    """Return a network of `torch.nn` layers that computes the same, in evaluation mode.

    It shares nothing with `model`. The normalisation of the samples is its first layer, and each
    shared layer becomes a `Linear` or `Conv2d` with its dense weights; what `torch.nn` has no layer
    for stands in `plain.py`.

    Args:
        model: an MLP or a group CNN, on the CPU.

    Returns:
        A network that takes `(n, channels, *domain.shape)` of any type and returns logits,
        `(n, classes)`, or targets; its last layer is a `Linear`.
    """
    layers = _cnn_layers(model) if isinstance(model, EquivariantCNN) else _mlp_layers(model)
    return nn.Sequential(*layers).eval()


def _mlp_layers(model: EquivariantMLP) -> list[nn.Module]:
    architecture = model.architecture
    domain = architecture.actions.domains[0]
    layers: list[nn.Module] = [_normalise(model, len(domain.shape)), nn.Flatten()]
    shared = [layer for layer in model.layers if isinstance(layer, SharedLinear)]
    for layer in shared[:-1]:
        layers.append(_linear(layer.dense_weight(), layer.dense_bias()))
        layers.append(nn.ReLU())
    return [*layers, _linear(*_scaled(model, shared[-1].dense_weight(), shared[-1].dense_bias()))]


def _cnn_layers(model: EquivariantCNN) -> list[nn.Module]:
    grid = model.architecture.grid
    body, _ = _plain(model.backbone, (grid.height, grid.width))
    return [_normalise(model, 2), *body, *_head(model)]


def _plain(module: nn.Module, sides: tuple[int, int]) -> tuple[list[nn.Module], tuple[int, int]]:
    """Return the plain layers of a part, and the sides of the maps that come out of it."""
    if isinstance(module, nn.Sequential):
        layers = []
        for part in module:
            found, sides = _plain(part, sides)
            layers += found
        return layers, sides
    if isinstance(module, NormedConv):
        return [_conv(module.conv), _norm(module.norm)], sides
    if isinstance(module, ResidualBlock):
        first, second = _plain(module.first, sides)[0], _plain(module.second, sides)[0]
        shortcut = _plain(module.shortcut, sides)[0]
        inner = nn.Sequential(*first, nn.ReLU(), *second)
        return [Residual(inner, nn.Sequential(*shortcut))], sides
    if isinstance(module, SpatialPool2d):
        height, width = (-(-side // 2) for side in sides)
        return [_pool(module, sides)], (height, width)
    if isinstance(module, nn.ReLU | nn.Identity):
        return ([nn.ReLU()] if isinstance(module, nn.ReLU) else []), sides
    raise ModelError(f"{type(module).__name__} has no plain form: it cannot be exported.")


def _normalise(model: Model, sides: int) -> Normalise:
    architecture = model.architecture
    channels = architecture.in_channels
    # Of a table each column has its own; elsewhere each channel.
    own = [len(model.mean) // channels] if len(model.mean) > channels else [1] * sides
    layer = Normalise(channels, *own)
    layer.mean.copy_(model.mean.view_as(layer.mean))
    layer.scale.copy_(model.scale.view_as(layer.scale))
    return layer


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.weight.copy_(weight)
    layer.bias.copy_(bias)
    return layer


def _conv(conv: GroupConv2d) -> nn.Conv2d:
    if conv.padding_mode != "zeros":
        raise ModelError("A network whose convolutions do not pad by zeros cannot be exported.")
    weight, bias = conv.dense_weight(), conv.dense_bias()
    layer = nn.Conv2d(
        weight.shape[1] * conv.groups,
        weight.shape[0],
        conv.kernel_size,
        conv.stride,
        conv.padding,
        conv.dilation,
        conv.groups,
        bias is not None,
    )
    layer.weight.copy_(weight)
    if layer.bias is not None and bias is not None:
        layer.bias.copy_(bias)
    return layer


def _norm(norm: GroupBatchNorm2d) -> nn.BatchNorm2d:
    shared = norm.shared
    layer = nn.BatchNorm2d(shared.num_features * norm.order, shared.eps, shared.momentum)
    state = shared.state_dict()
    every = {
        name: value if value.dim() == 0 else value.repeat_interleave(norm.order)
        for name, value in state.items()
    }
    layer.load_state_dict(every)
    return layer


def _pool(pool: SpatialPool2d, sides: tuple[int, int]) -> nn.Module:
    odd = (sides[0] % 2, sides[1] % 2)
    window = (2 + odd[0], 2 + odd[1])
    if pool.mode == "max":
        return nn.MaxPool2d(window, 2, odd)
    return nn.AvgPool2d(window, 2, odd, count_include_pad=False)


def _scaled(model: Model, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """The final layer with the scale of the targets in it."""
    if model.output_mean is None or model.output_scale is None:
        return weight, bias
    factor = model.output_scale
    return weight * factor[:, None], bias * factor + model.output_mean


def _head(model: EquivariantCNN) -> list[nn.Module]:
    head: InvariantHead = model.head
    if head.pool.mode != "max":
        raise ModelError("A network that pools its group by the mean cannot be exported.")
    largest = [] if head.pool.order == 1 else [GroupMax(head.pool.order)]
    return [
        *largest,
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        _linear(*_scaled(model, head.weight, head.bias)),
    ]
