"""An equivariant linear layer: a dense layer whose entries share weights by orbits."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from autoequivariant.nn.layers.sharing import LayerSharing, Share


class SharedLinear(nn.Module):
    """Linear map, equivariant to the actions whose orbits its sharing comes from (law 2).

    Acts on the last axis: `(n, c_in * n_in)` to `(n, c_out * n_out)`, channels outermost.

    Args:
        sharing: how its matrix and bias share weights (`share_layer`).
        generator: source of the initial weights. Default: a new one with seed 0.

    Weights start as `N(0, 2 / fan_in)` (He et al., 2015, arXiv 1502.01852) with the dense fan-in,
    whatever the group: for inputs that are uncorrelated with mean 0 and variance 1, each output
    then has variance 2 times the share of its entries that are not forced to zero, in every state.
    `BatchedMLP.calibrate` does the same exactly for real, correlated inputs.
    """

    weight_index: Tensor
    weight_signs: Tensor | None
    bias_index: Tensor
    bias_signs: Tensor | None

    def __init__(self, sharing: LayerSharing, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.rows, self.columns = sharing.weight.index.shape
        source = torch.Generator().manual_seed(0) if generator is None else generator
        scale = math.sqrt(2 / self.columns)
        self.weight = nn.Parameter(torch.randn(sharing.weight.count, generator=source) * scale)
        self.bias = nn.Parameter(torch.zeros(sharing.bias.count))
        self._keep("weight", sharing.weight)
        self._keep("bias", sharing.bias)

    def _keep(self, name: str, share: Share) -> None:
        # Not in the state dict: it follows from the group, so a file holds weights only.
        self.register_buffer(
            f"{name}_index", torch.from_numpy(share.index).long(), persistent=False
        )
        signs = None if share.signs is None else torch.from_numpy(share.signs)
        self.register_buffer(f"{name}_signs", signs, persistent=False)

    def dense_weight(self) -> Tensor:
        """Return the matrix that the layer applies, shape `(c_out * n_out, c_in * n_in)`."""
        return _expand(self.weight, self.weight_index, self.weight_signs)

    def dense_bias(self) -> Tensor:
        """Return the bias that the layer adds, shape `(c_out * n_out,)`."""
        return _expand(self.bias, self.bias_index, self.bias_signs)

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, columns)` to `(n, rows)`."""
        return functional.linear(x, self.dense_weight(), self.dense_bias())

    def extra_repr(self) -> str:
        """Sizes, for `print(module)`."""
        shared = f"{self.weight.numel()} + {self.bias.numel()} parameters"
        return f"{self.columns} -> {self.rows}, {shared} for {self.rows * (self.columns + 1)}"


def _expand(weights: Tensor, index: Tensor, signs: Tensor | None) -> Tensor:
    if weights.numel() == 0:
        return torch.zeros(index.shape, dtype=weights.dtype, device=weights.device)
    dense = weights[index]
    return dense if signs is None else dense * signs.to(dense.dtype)
