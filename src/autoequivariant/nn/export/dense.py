"""A network as a plain `torch.nn` network with dense weights, and what its layers are made of."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from autoequivariant.nn.export.torch_modules import Normalise
from autoequivariant.nn.network import Network


@torch.no_grad()
def to_dense(network: Network) -> nn.Sequential:
    """Return a network of `torch.nn` layers that computes the same, in evaluation mode.

    It shares no memory with `network`. Its first layer normalises the samples, and each shared
    layer becomes a `Linear` or `Conv2d` with dense weights; modules that `torch.nn` lacks come from
    `torch_modules.py`.

    Args:
        network: on the CPU.

    Returns:
        A network that takes `(n, channels, *domain.shape)` of any type and returns logits,
        `(n, classes)`, or targets; its last layer is a `Linear`.

    Raises:
        ModelError: this kind of network cannot be exported.
    """
    return nn.Sequential(*network.dense_layers()).eval()


def normalise(network: Network, channels: int, shape: tuple[int, ...]) -> Normalise:
    """Return the first layer: the normalisation of samples of shape `(channels, *shape)`."""
    # Each index of a table or of pairs has its own mean and scale; otherwise each channel has.
    layer = Normalise(channels, *(shape if len(network.mean) > channels else [1] * len(shape)))
    layer.mean.copy_(network.mean.view_as(layer.mean))
    layer.scale.copy_(network.scale.view_as(layer.scale))
    return layer


def linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    """Return a layer with these weights, shape `(out, in)`, and biases."""
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.weight.copy_(weight)
    layer.bias.copy_(bias)
    return layer


def final_linear(network: Network, weight: Tensor, bias: Tensor) -> nn.Linear:
    """Return the last layer, with the scale of the targets in it."""
    if network.output_mean is None or network.output_scale is None:
        return linear(weight, bias)
    factor = network.output_scale
    return linear(weight * factor[:, None], bias * factor + network.output_mean)
