"""How the fit of a network may differ from the recipe: longer, wider, with another decay."""

from __future__ import annotations

from dataclasses import dataclass, replace

from autoequivariant.training.loop import Training

SIZES = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0)
"""Widths of a fit, in units of the search's."""
MOST_DOUBLINGS = 6
MOST_DECAYS = 3
_DECAY = 4.0


@dataclass(frozen=True)
class Variant:
    """How a fit differs from the recipe.

    Attributes:
        doublings: how often the number of epochs is doubled. Default: 0.
        size: index of the width in `SIZES`. Default: 0, the search's.
        decays: weights decay by 4 to the power of this as much. Default: 0.
    """

    doublings: int = 0
    size: int = 0
    decays: int = 0

    def __add__(self, other: Variant) -> Variant:
        return Variant(
            self.doublings + other.doublings, self.size + other.size, self.decays + other.decays
        )

    @property
    def is_possible(self) -> bool:
        """Whether it is within bounds."""
        return (
            0 <= self.doublings <= MOST_DOUBLINGS
            and 0 <= self.size < len(SIZES)
            and abs(self.decays) <= MOST_DECAYS
        )

    @property
    def number(self) -> int:
        """A number that no other possible variant has, from 0 to 999."""
        decays = 2 * MOST_DECAYS + 1
        return (self.doublings * len(SIZES) + self.size) * decays + self.decays + MOST_DECAYS

    @property
    def cost(self) -> float:
        """Approximate time of a training, beside that of the recipe."""
        return float(2**self.doublings * SIZES[self.size] ** 2)

    def width(self, width: int) -> int:
        """Return the width of the fit, given the search's."""
        return round(width * SIZES[self.size])

    def of(self, training: Training) -> Training:
        """Return the training, given the recipe's."""
        longer = training.of_length(training.epochs * 2**self.doublings)
        return replace(longer, weight_decay=longer.weight_decay * _DECAY**self.decays)


LONGER = Variant(doublings=1)
WIDER, TWICE_AS_WIDE = Variant(size=1), Variant(size=2)
MORE_DECAY, LESS_DECAY = Variant(decays=1), Variant(decays=-1)
