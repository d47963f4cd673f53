"""From orbits to weight sharing: which free weight each entry of a dense weight matrix holds.

Axis letters in this package: `b` children trained together, `n` samples, `r` rows of a weight
matrix (output channel times output index), `c` its columns (input channel times input index).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from autoequivariant.groups.orbits import Orbits
from autoequivariant.nn.layers.shortcuts import Blocks, Merged

MOST_INPUTS = 512
"""A balanced row of more entries is made smaller."""


@dataclass(frozen=True)
class Share:
    """How the entries of an array share free weights.

    Attributes:
        index: the free weight of each entry, any shape; 0 where the entry is forced to zero.
        count: number of free weights.
        signs: factor on each entry, the same shape, +1, -1 or 0, or a smaller one where weights
            are balanced; None where all are +1.
    """

    index: NDArray[np.int32]
    count: int
    signs: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class LayerSharing:
    """Sharing in one layer.

    Attributes:
        weight: of its weight matrix, shape `(r, c)`.
        bias: of its bias, shape `(r,)`.
        shortcut: how to multiply with less arithmetic, where that is faster.
    """

    weight: Share
    bias: Share
    shortcut: Blocks | Merged | None = None

    @property
    def count(self) -> int:
        """Number of parameters of the layer."""
        return self.weight.count + self.bias.count


def share_layer(
    weights: Orbits, biases: Orbits, c_out: int, c_in: int, is_balanced: bool = False
) -> LayerSharing:
    """Return the sharing of an equivariant linear layer with channels.

    Args:
        weights: orbits of its (output, input) pairs, labels of shape `(n_out, n_in)`.
        biases: orbits of its outputs, labels of shape `(n_out,)`.
        c_out, c_in: channels on each domain; each pair of channels has its own weights.
        is_balanced: a weight multiplies the sum of its inputs divided by the square root of their
            number, not the sum (`_balanced`).

    Returns:
        Sharing of a matrix of shape `(c_out * n_out, c_in * n_in)`, channels outermost.
    """
    pairs, points = share_orbits(weights), share_orbits(biases)
    pairs = _balanced(pairs, c_in) if is_balanced else pairs
    blocks = np.arange(c_out * c_in, dtype=np.int32).reshape(c_out, 1, c_in, 1) * pairs.count
    n_out, n_in = pairs.index.shape
    index = (pairs.index[None, :, None, :] + blocks).reshape(c_out * n_out, c_in * n_in)
    signs = None if pairs.signs is None else np.tile(pairs.signs, (c_out, c_in))
    offsets = np.arange(c_out, dtype=np.int32)[:, None] * points.count
    bias_signs = None if points.signs is None else np.tile(points.signs, c_out)
    return LayerSharing(
        Share(index, pairs.count * c_out * c_in, signs),
        Share((points.index[None] + offsets).reshape(-1), points.count * c_out, bias_signs),
    )


def _balanced(share: Share, channels: int) -> Share:
    """Divide the entries of each weight in a row by the square root of their number.

    Otherwise a weight that multiplies the sum of many inputs outweighs one that multiplies a single
    input, at the start and in each step. For the same reason all entries of a row with more than
    `MOST_INPUTS` are divided by the square root of how many times that it is: large layers of pairs
    did not learn at the rates of others.
    """
    inputs = channels * share.index.shape[1]
    rows = np.arange(len(share.index))[:, np.newaxis]
    _, inverse, counts = np.unique(
        share.index + rows * share.count, return_inverse=True, return_counts=True
    )
    numbers = counts[inverse].reshape(share.index.shape) * max(1, inputs / MOST_INPUTS)
    factors = (1 / np.sqrt(numbers)).astype(np.float32)
    if (factors == 1).all():
        return share
    return replace(share, signs=factors if share.signs is None else share.signs * factors)


def share_orbits(orbits: Orbits) -> Share:
    """Return the sharing of a single channel: one free weight for each orbit that is not forced to
    zero.
    """
    free = orbits.free
    if orbits.signs is None or free.all() and not (orbits.signs < 0).any():
        return Share(orbits.labels, orbits.count)
    number = np.where(free, np.cumsum(free) - 1, 0).astype(np.int32)
    return Share(number[orbits.labels], int(free.sum()), orbits.signs.astype(np.float32))
