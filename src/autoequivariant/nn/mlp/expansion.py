"""How an MLP reads the values of pairs: each as several, one for each segment of their range.

A layer that sums over pairs then sums nonlinear functions of them, as energies do: a linear map of
the segments is any function that is linear between the knots (Gorishniy et al., 2022, arXiv
2203.05556, section 3.2).
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from autoequivariant.groups.domain import Pairs
from autoequivariant.nn.export.torch_modules import Segments

_ROWS = 256


@dataclass(frozen=True)
class Expansion:
    """The segments that values are expanded into, the same for all pairs that a symmetry exchanges.

    Attributes:
        domain: of the samples.
        knots: the ends of the segments, in increasing order: for each channel those of an item with
            itself, then those of two items.
    """

    domain: Pairs
    knots: tuple[tuple[float, ...], ...]

    @property
    def segments(self) -> int:
        """Number of channels that each channel becomes."""
        return max(1, *(len(own) - 1 for own in self.knots))

    def module(self) -> Segments:
        """Return the module that maps samples to `(n, channels * segments, items, items)`."""
        return Segments(self.domain.count, *self.knots)

    def expand(self, x: Tensor) -> Tensor:
        """Return expanded samples, shape `(n, channels * segments, items, items)`."""
        module, count = self.module().to(x.device), self.domain.count
        channels = x[:1].numel() // count**2 * self.segments
        expanded = x.new_empty((len(x), channels, count, count), dtype=module.start.dtype)
        for part, whole in zip(x.split(_ROWS), expanded.split(_ROWS), strict=True):
            whole.copy_(module(part))  # each part needs several times its memory
        return expanded
