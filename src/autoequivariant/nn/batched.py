"""Many children at once: networks whose layers have the same shapes, trained as one batched model.

All free weights of a layer, of all children, stand in one vector. A step gathers them into dense
matrices, a few children at a time so that a matrix is still in the cache when it is multiplied, and
scatters the dense gradients back. No dense matrix outlives the product it was made for.

On a CPU in one thread, every number of a child comes from the same operations in the same order
whatever it is trained with, so its weights are the same bit by bit. That is why sums by orbits are
`scatter_add_` (a sparse matrix product rounds by where a row happens to lie), and why the vectors
are padded (`_padded`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from autoequivariant.nn.networks import activate
from autoequivariant.nn.sharing import Architecture, LayerSharing, Share

# Dense weights made at a time on a CPU: about what its second-level cache holds.
_TILE_BYTES = 2**21
_BYTES_PER_ENTRY = 12  # of a dense matrix: which free weight it is, and its sign


@dataclass(frozen=True)
class _Tile:
    """Neighbouring children whose dense matrices are made together.

    Attributes:
        children: their place among all children.
        weights: the place of their free weights in the layer's vector.
        index: the free weight of each entry, counted from the tile's first; shape `(t * r * c,)`.
            None where every entry is a weight of its own: then the weights are the matrices.
        signs: factor on each entry, or None.
    """

    children: slice
    weights: slice
    index: Tensor | None
    signs: Tensor | None


class _LayerPlan:
    """One layer of all children: which entries share, and buffers to work in."""

    def __init__(self, shares: Sequence[Share], device: torch.device) -> None:
        self.rows, self.columns = shares[0].index.shape
        self.children = len(shares)
        self.count = sum(share.count for share in shares)
        entries = self.rows * self.columns
        together = self.children
        if device.type == "cpu":
            together = max(1, min(self.children, _TILE_BYTES // (4 * entries)))
        self.tiles = []
        start = 0
        for first in range(0, self.children, together):
            some = shares[first : first + together]
            self.tiles.append(_make_tile(some, first, start, device))
            start += sum(share.count for share in some)
        self._buffer = torch.empty(together * entries, device=device)

    def dense(self, weights: Tensor, tile: _Tile) -> Tensor:
        """The dense matrices of a tile, shape `(t, r, c)`: in the buffer, or the weights' own."""
        free = weights[tile.weights]
        if tile.index is None:
            return free.view(-1, self.rows, self.columns)
        out = self._buffer[: tile.index.numel()]
        if free.numel() == 0:
            return out.zero_().view(-1, self.rows, self.columns)
        torch.index_select(free, 0, tile.index, out=out)
        if tile.signs is not None:
            out *= tile.signs
        return out.view(-1, self.rows, self.columns)

    def sum_up(self, gradient: Tensor, x: Tensor, tile: _Tile, free: Tensor) -> None:
        """Write the gradient of a tile's free weights into `free`, which holds zeros.

        Args:
            gradient: that of its outputs, shape `(t, n, r)`.
            x: its inputs, shape `(n, c)` or `(t, n, c)`.
        """
        flat = free if tile.index is None else self._buffer[: tile.index.numel()]
        dense = flat.view(-1, self.rows, self.columns)
        if len(dense) == 1:
            torch.mm(gradient[0].T, x.view(x.shape[-2:]), out=dense[0])
        else:
            torch.bmm(gradient.transpose(1, 2), x.expand(len(dense), *x.shape[-2:]), out=dense)
        if tile.index is not None:
            if tile.signs is not None:
                flat *= tile.signs
            free.scatter_add_(0, tile.index, flat)


def _make_tile(shares: Sequence[Share], first: int, start: int, device: torch.device) -> _Tile:
    offsets = np.cumsum([0] + [share.count for share in shares])
    index = np.concatenate(
        [
            share.index.reshape(-1) + offset
            for share, offset in zip(shares, offsets[:-1], strict=True)
        ]
    )
    of_children = slice(first, first + len(shares))
    of_weights = slice(start, start + int(offsets[-1]))
    signed = any(share.signs is not None for share in shares)
    if not signed and np.array_equal(index, np.arange(offsets[-1])):
        return _Tile(of_children, of_weights, None, None)
    # A child whose weights are all forced to zero has index 0, maybe past the end; signs are 0 too.
    index = np.minimum(index, max(0, int(offsets[-1]) - 1)).astype(np.int64)
    signs = None
    if signed:
        ones = np.float32(1)
        per_child = [
            np.broadcast_to(ones if s.signs is None else s.signs, s.index.shape).ravel()
            for s in shares
        ]
        signs = torch.from_numpy(np.concatenate(per_child)).to(device)
    return _Tile(of_children, of_weights, torch.from_numpy(index).to(device), signs)


class _SharedMatmul(torch.autograd.Function):
    """`out[b] = x[b] @ dense(weights)[b].T`; `x` is `(n, c)` where all children read the same, else
    `(b, n, c)`.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weights: Tensor, plan: _LayerPlan) -> Tensor:
        out = x.new_empty(plan.children, x.shape[-2], plan.rows)
        for tile in plan.tiles:
            dense = plan.dense(weights, tile)
            source = x if x.dim() == 2 else x[tile.children]
            if len(dense) == 1:
                torch.mm(source.view(x.shape[-2:]), dense[0].T, out=out[tile.children.start])
            else:
                expanded = source.expand(len(dense), *x.shape[-2:])
                torch.bmm(expanded, dense.transpose(1, 2), out=out[tile.children])
        ctx.save_for_backward(x, weights)
        ctx.plan = plan
        return out

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor, None]:
        x, weights = ctx.saved_tensors
        plan: _LayerPlan = ctx.plan
        gradient = gradients[0].contiguous()
        to_weights = torch.zeros_like(weights)
        to_x = x.new_empty(plan.children, *x.shape[-2:]) if ctx.needs_input_grad[0] else None
        for tile in plan.tiles:
            part = gradient[tile.children]
            if to_x is not None:
                torch.bmm(part, plan.dense(weights, tile), out=to_x[tile.children])
            source = x if x.dim() == 2 else x[tile.children]
            free = to_weights[tile.weights]
            if free.numel():
                plan.sum_up(part, source, tile, free)
        return to_x if to_x is None or x.dim() == 3 else to_x.sum(0), to_weights, None


class BatchedMLP(nn.Module):
    """Children of one architecture, as one model; child `b` is the network of `states[b]`.

    Takes `(n, c)`, the same samples for all; returns logits `(b, n, classes)`. A child's weights
    start from its own seed, so it does not matter which others are trained with it.

    Args:
        architecture: what the children have in common.
        sharings: for each child the sharing of every layer (`Architecture.sharings`).
        seeds: for each child the seed of its initial weights.
        device: where to keep and train them. Default: CPU.
    """

    def __init__(
        self,
        architecture: Architecture,
        sharings: Sequence[Sequence[LayerSharing]],
        seeds: Sequence[Sequence[int]],
        device: torch.device | str = "cpu",
    ) -> None:
        super().__init__()
        self.architecture = architecture
        self.children_count = len(sharings)
        place = torch.device(device)
        by_layer = list(zip(*sharings, strict=True))
        self._plans = [_LayerPlan([s.weight for s in layer], place) for layer in by_layer]
        self._bias_plans = [_bias_plan([s.bias for s in layer], place) for layer in by_layer]
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

    @property
    def weight_counts(self) -> list[int]:
        """Number of trainable numbers of each child, biases included."""
        counts = zip(*self._counts, *self._bias_counts, strict=True)
        return [sum(of_child) for of_child in counts]

    def forward(self, x: Tensor) -> Tensor:
        """Return logits of every child, shape `(b, n, classes)`, for samples of shape `(n, c)`."""
        h = x
        for layer in range(len(self._plans)):
            if layer:
                h = activate(h, self.architecture.activation)
            h = self._linear(layer, h)
        return h

    def _linear(self, layer: int, h: Tensor) -> Tensor:
        if layer == len(self._plans) - 1 and self.architecture.pools_magnitudes:
            h = h.abs()
        product: Callable[..., Tensor] = _SharedMatmul.apply
        out = product(h, self.weights[layer], self._plans[layer])
        index, signs = self._bias_plans[layer]
        dense: Tensor = self.biases[layer].index_select(0, index)
        if signs is not None:
            dense = dense * signs
        return out + dense.view(self.children_count, 1, -1)

    @torch.no_grad()
    def calibrate(self, x: Tensor, logit_scale: float = 1.0) -> None:
        """Scale each layer of each child so that its outputs on `x` have root mean square 1.

        With it every state starts with the same activation scale on the data at hand, however its
        weights are shared (after Mishkin and Matas, 2016, arXiv 1511.06422). One factor for a whole
        layer keeps equivariance.

        Args:
            x: samples, shape `(n, c)`.
            logit_scale: root mean square of the final layer's outputs instead of 1.
        """
        h = x
        for layer in range(len(self._plans)):
            if layer:
                h = activate(h, self.architecture.activation)
            out = self._linear(layer, h)
            wanted = logit_scale if layer == len(self._plans) - 1 else 1.0
            # In float64, so that the rounded result does not depend on how the sum was divided.
            rms = out.square().mean(dim=(1, 2), dtype=torch.float64).sqrt().to(out.dtype)
            factor = torch.where(rms > 0, wanted / rms, torch.ones_like(rms))
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
    """With 1 to 64 zeros that nothing uses: fused Adam rounds the odd end of a vector otherwise."""
    return functional.pad(values, (0, 64 - len(values) % 64))


def _of_child(values: Tensor, counts: Sequence[int], child: int) -> Tensor:
    start = sum(counts[:child])
    return values[start : start + counts[child]]


def _bias_plan(shares: Sequence[Share], device: torch.device) -> tuple[Tensor, Tensor | None]:
    offsets = np.cumsum([0] + [share.count for share in shares])[:-1]
    index = np.concatenate([s.index + o for s, o in zip(shares, offsets, strict=True)])
    # A child whose biases are all forced to zero may point to those after it; its signs are 0.
    signs = None
    if any(share.signs is not None for share in shares):
        ones = np.float32(1)
        signs = np.concatenate(
            [np.broadcast_to(ones if s.signs is None else s.signs, s.index.shape) for s in shares]
        )
    placed = None if signs is None else torch.from_numpy(signs.astype(np.float32)).to(device)
    return torch.from_numpy(index.astype(np.int32)).to(device), placed


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


def bytes_per_child(architecture: Architecture, batch_size: int) -> int:
    """Return about how much memory one child takes while it trains, in bytes."""
    widths = architecture.widths
    entries = sum(a * b for a, b in zip(widths, widths[1:], strict=False))
    weights = 5 * 4 * entries  # at most: value, gradient, two moments, and one copy
    return entries * _BYTES_PER_ENTRY + weights + 4 * 4 * batch_size * sum(widths)
