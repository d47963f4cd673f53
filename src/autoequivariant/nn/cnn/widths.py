"""How many channels the levels of a group CNN have, so that all have about as many parameters.

A group of order `g` has `g` maps for each channel, so it gets about `1 / sqrt(g)` as many channels
(arXiv 2104.04848, section 5.2). Groups of more than `MOST_MAPS ** 2` elements get fewer:
`MOST_MAPS` times the baseline's maps, so that none costs much more than `MOST_MAPS ** 2` times the
baseline.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

MOST_MAPS = 3
_MISFIT = 0.03  # share of the baseline's parameters that makes no difference


@dataclass(frozen=True)
class Widths:
    """Channels by level; a channel has a map for each element of the level's group.

    Attributes:
        orders: of the groups of the levels, then that of the head.
        pairs: for each level, channels of the first layers and of the others.
    """

    orders: tuple[int, ...]
    pairs: tuple[tuple[int, int], ...]

    @classmethod
    def uniform(cls, orders: tuple[int, ...], first: int, other: int) -> Widths:
        """The same channels on all levels."""
        return cls(orders, ((first, other),) * (len(orders) - 1))

    def into(self, level: int, channels: int) -> int:
        """Return how many channels of the next level, or of the head, a level's maps are."""
        return channels * self.orders[level] // self.orders[level + 1]


def find_widths(width: int, orders: tuple[int, ...], count: Callable[[Widths], int]) -> Widths:
    """Return channels with which a network has about as many parameters as the baseline.

    Args:
        width: channels of the baseline's first layers.
        orders: as of `Widths`.
        count: returns the parameters of a network.
    """
    trivial = (1,) * len(orders)
    plain = Widths.uniform(trivial, width, 2 * width)
    if orders == trivial:
        return plain
    if len(set(orders)) == 1:
        return _uniform(width, orders, count, count(plain))
    return _of_chain(width, orders, count, count(plain))


def _uniform(
    width: int, orders: tuple[int, ...], count: Callable[[Widths], int], baseline: int
) -> Widths:
    """Within 3% of the baseline, the channels whose ratio is nearest to the baseline's. Where that
    would be too many maps, as many channels as `MOST_MAPS` allows.
    """
    order = orders[0]
    if order > MOST_MAPS**2:
        first = max(1, round(MOST_MAPS * width / order))
        return Widths.uniform(orders, first, 2 * first)
    about = width / order**0.5
    pairs = [
        (first, other)
        for first in range(max(1, int(about) - 1), int(about) + 3)
        for other in range(max(1, int(2 * about) - 2), int(2 * about) + 4)
    ]

    def misfit(pair: tuple[int, int]) -> tuple[float, float]:
        off = abs(count(Widths.uniform(orders, *pair)) - baseline) / baseline
        return max(off, _MISFIT), abs(pair[1] / pair[0] - 2)

    return Widths.uniform(orders, *min(pairs, key=misfit))


def _of_chain(
    width: int, orders: tuple[int, ...], count: Callable[[Widths], int], baseline: int
) -> Widths:
    """As many maps on each level as its group has alone, times a factor that is the same on all.

    The layers after a restriction read more maps, so the factor is mostly below 1.
    """

    def scaled(percent: int) -> Widths:
        shares = [min(order**-0.5, MOST_MAPS / order) * percent / 100 for order in orders[:-1]]
        firsts = [(max(1, round(width * s)), max(1, round(2 * width * s))) for s in shares]
        return Widths(orders, tuple(firsts))

    def misfit(widths: Widths) -> float:
        return max(abs(count(widths) - baseline) / baseline, _MISFIT)

    return min(map(scaled, sorted(range(50, 131), key=lambda p: abs(p - 100))), key=misfit)
