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
        expanded: Tensor = self.module().to(x.device)(x)
        return expanded
