"""Many children at once: networks whose layers have the same shapes, trained as one batched model.

The free weights of a layer, of all children, are one vector; `shared_matmul.py` multiplies with it.
On a CPU in one thread, a child's weights are the same bit by bit whatever it is trained with; that
is why the vectors (`_padded`) and the samples (`_ALIGNED`) are padded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from autoequivariant.nn.layers.gathering import Gathering
from autoequivariant.nn.layers.shared_matmul import LayerPlan, SharedMatmul
from autoequivariant.nn.layers.sharing import LayerSharing, Share
from autoequivariant.nn.mlp.architecture import MLPArchitecture

_ALIGNED = 16
"""Samples are padded to a multiple of this, so that every row of a product is aligned for vector
instructions: otherwise a product rounds by the position of a child.
"""
_BYTES_PER_ENTRY = 12  # of a dense matrix: which free weight it is, and its sign


@dataclass(frozen=True, eq=False)
class Scaling:
    """A factor and a shift of each value, for each child: shape `(b, values)`."""

    factor: Tensor
    shift: Tensor

    def apply(self, values: Tensor) -> Tensor:
        """Scale values, shape `(values, n)` or `(b, values, n)`; return the latter."""
        return values * self.factor[:, :, None] + self.shift[:, :, None]


class BatchedMLP(nn.Module):
    """Children of one architecture, as one model; child `b` is the network of `states[b]`.

    Takes `(n, c)`, the same samples for all; returns logits `(b, n, classes)`. A child's weights
    start from its own seed, whichever others are trained with it.

    Args:
        architecture: what the children have in common.
        sharings: for each child the sharing of every layer (`MLPArchitecture.sharings`).
        seeds: for each child the seed of its initial weights.
        device: where to keep and train them. Default: CPU.
        inputs: how each child scales samples. Default: not at all.
        outputs: how each scales its outputs. Default: not at all.
    """

    def __init__(
        self,
        architecture: MLPArchitecture,
        sharings: Sequence[Sequence[LayerSharing]],
        seeds: Sequence[Sequence[int]],
        device: torch.device | str = "cpu",
        inputs: Scaling | None = None,
        outputs: Scaling | None = None,
    ) -> None:
        super().__init__()
        self.architecture = architecture
        self.inputs, self.outputs = inputs, outputs
        self.children_count = len(sharings)
        place = torch.device(device)
        by_layer = list(zip(*sharings, strict=True))
        self._plans = [LayerPlan(layer, place) for layer in by_layer]
        self._counts = [[s.weight.count for s in layer] for layer in by_layer]
        self._bias_counts = [[s.bias.count for s in layer] for layer in by_layer]
        draws = [_draw(child, seed) for child, seed in zip(sharings, seeds, strict=True)]
        self.weights = nn.ParameterList(
            _padded(torch.cat([draw[layer] for draw in draws])).to(place)
            for layer in range(len(by_layer))
        )
        self.biases = nn.ParameterList(
            _padded(torch.zeros(sum(counts))).to(place) for counts in self._bias_counts
        )
        self._bias_plans = [
            _bias_plan([s.bias for s in layer], len(free), place)
            for layer, free in zip(by_layer, self.biases, strict=True)
        ]

    @property
    def n_parameters_per_child(self) -> list[int]:
        """Number of parameters of each child, biases included."""
        counts = zip(*self._counts, *self._bias_counts, strict=True)
        return [sum(of_child) for of_child in counts]

    def forward(self, x: Tensor) -> Tensor:
        """Return logits of every child, shape `(b, n, classes)`, for samples of shape `(n, c)`."""
        h = self._scaled(x)
        for layer in range(len(self._plans)):
            if layer:
                h = torch.relu_(h)
            h = self._linear(layer, h)
        h = h[:, :, : len(x)]
        return (h if self.outputs is None else self.outputs.apply(h)).transpose(1, 2)

    def _scaled(self, x: Tensor) -> Tensor:
        """Samples as the first layers take them, padded: `(c, n)`, or `(b, c, n)` where children
        differ.
        """
        h = functional.pad(x.T, (0, -len(x) % _ALIGNED)).contiguous()
        return h if self.inputs is None else self.inputs.apply(h)

    def _linear(self, layer: int, h: Tensor) -> Tensor:
        """One layer, from `(c, n)` or `(b, c, n)` to `(b, r, n)`: units before samples."""
        product: Callable[..., Tensor] = SharedMatmul.apply
        out = product(h, self.weights[layer], self._plans[layer])
        gathering, signs = self._bias_plans[layer]
        dense: Tensor = gathering(self.biases[layer])
        if signs is not None:
            dense = dense * signs
        return out.add_(dense.view(self.children_count, -1, 1))

    @torch.no_grad()
    def calibrate(self, x: Tensor, logit_scale: float = 1.0) -> None:
        """Scale each layer of each child so that its outputs on `x` have root mean square 1.

        Every state then starts with the same activation scale on the data, however its weights are
        shared (after Mishkin and Matas, 2016, arXiv 1511.06422). One factor for a whole layer keeps
        equivariance.

        Args:
            x: samples, shape `(n, c)`.
            logit_scale: root mean square of the final layer's outputs instead of 1.
        """
        h = self._scaled(x)
        for layer in range(len(self._plans)):
            if layer:
                h = torch.relu(h)
            out = self._linear(layer, h)
            target = logit_scale if layer == len(self._plans) - 1 else 1.0
            # In float64, so that the rounded result does not depend on how the sum was divided.
            squares = out[:, :, : len(x)].square()
            rms = squares.mean(dim=(1, 2), dtype=torch.float64).sqrt().to(out.dtype)
            factor = torch.where(rms > 0, target / rms, torch.ones_like(rms))
            counts = torch.tensor(self._counts[layer], device=x.device)
            self.weights[layer][: counts.sum()] *= factor.repeat_interleave(counts)
            h = out * factor[:, None, None]

    def child_weights(self, child: int) -> list[tuple[Tensor, Tensor]]:
        """Return (weights, biases) of every layer of one child, as `SharedLinear` holds them."""
        found = []
        for layer in range(len(self._plans)):
            w = _of_child(self.weights[layer].detach(), self._counts[layer], child)
            b = _of_child(self.biases[layer].detach(), self._bias_counts[layer], child)
            found.append((w.clone(), b.clone()))
        return found


def _padded(values: Tensor) -> Tensor:
    """Append 1 to 64 unused zeros: fused Adam rounds the odd end of a vector differently."""
    return functional.pad(values, (0, 64 - len(values) % 64))


def _of_child(values: Tensor, counts: Sequence[int], child: int) -> Tensor:
    start = sum(counts[:child])
    return values[start : start + counts[child]]


def _bias_plan(
    shares: Sequence[Share], count: int, device: torch.device
) -> tuple[Gathering, Tensor | None]:
    """How dense biases are gathered from `count` free ones, and their signs."""
    offsets = np.cumsum([0] + [share.count for share in shares])[:-1]
    index = np.concatenate([s.index + o for s, o in zip(shares, offsets, strict=True)])
    # A child whose biases are all forced to zero may point past them; its signs are 0.
    signs = None
    if any(share.signs is not None for share in shares):
        ones = np.float32(1)
        signs = np.concatenate(
            [np.broadcast_to(ones if s.signs is None else s.signs, s.index.shape) for s in shares]
        )
    placed = None if signs is None else torch.from_numpy(signs.astype(np.float32)).to(device)
    return Gathering(torch.from_numpy(index.astype(np.int32)).to(device), count), placed


def _draw(sharings: Sequence[LayerSharing], seed: Sequence[int]) -> list[Tensor]:
    """Initial weights of one child, layer by layer, `N(0, 2 / fan_in)`: see `SharedLinear`."""
    rng = np.random.default_rng(seed)
    return [
        torch.from_numpy(
            (rng.standard_normal(s.weight.count) * math.sqrt(2 / s.weight.index.shape[1])).astype(
                np.float32
            )
        )
        for s in sharings
    ]


def bytes_per_child(architecture: MLPArchitecture, batch_size: int) -> int:
    """Estimate the memory that one child takes while it trains, in bytes."""
    widths = architecture.widths
    entries = sum(a * b for a, b in zip(widths, widths[1:], strict=False))
    weights = 5 * 4 * entries  # at most: value, gradient, two moments, and one copy
    return entries * _BYTES_PER_ENTRY + weights + 4 * 4 * batch_size * sum(widths)
