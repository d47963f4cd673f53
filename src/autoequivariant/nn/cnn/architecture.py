"""What all group CNNs of a search have in common, and how wide each is.

All groups get about the same number of parameters, as in arXiv 2104.04848, section 5.2: a group of
order `g` has `g` maps for each channel, so it gets about `1 / sqrt(g)` as many channels. Groups of
more than `MOST_MAPS ** 2` elements get fewer: `MOST_MAPS` times the baseline's maps, so that none
costs much more than `MOST_MAPS ** 2` times the baseline.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count

from autoequivariant.errors import SettingsError
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.orbits import point_orbits
from autoequivariant.groups.point_group.element import KINDS
from autoequivariant.groups.point_group.group import PointGroup

BACKBONES = ("pyramid", "paper", "residual")
SIZES = {"small": 16, "medium": 24, "large": 32}
"""Channels of the baseline's first layers, by name: about 17,000, 37,000 and 66,000 parameters with
the paper's backbone and 10 classes.
"""
KERNEL = 3
SEQUENCE_KERNEL = 7
"""Side of a pyramid's kernels on sequences, which have fewer positions than grids."""
MOST_MAPS = 3
MOST_POSITIONS = 64**2
"""Where a pyramid starts: larger samples are averaged first, images above 64x64 and volumes above
16x16x16, as full resolution there costs most of the time.
"""
MOST_PROXY_PIXELS = 32**2
"""Where the pyramid of an image's proxy starts, in a search."""
LAST_SIDES = {"sequence": 12, "grid": 4, "volume": 4}
"""Where a pyramid ends: its maps are halved as long as their shortest side stays this long."""
LEAST_SIDE = 4


@dataclass(frozen=True)
class Conv:
    """One convolution of a backbone.

    Attributes:
        into, out: number of channels before and after.
        side: of its kernel, odd.
        halvings: how often the sample is halved before it.
        lifting: whether it reads the sample itself.
    """

    into: int
    out: int
    side: int
    halvings: int
    lifting: bool = False

    def count_parameters(self, order: int, dimensions: int) -> int:
        """Return its number of parameters, with those of the normalisation after it."""
        inner = self.into * (1 if self.lifting else order)
        return self.out * inner * int(self.side**dimensions) + 2 * self.out

    def dilation(self, domain: Domain, group: PointGroup) -> tuple[int, ...]:
        """Return the distance between the positions that its kernel reads, along each axis.

        Circular axes are not halved, which would be exact for some shifts only. Their kernels widen
        instead, as long as no kernel reads a position twice.
        """
        most = [max(1, (side - 1) // max(1, self.side - 1)) for side in domain.shape]
        return tuple(
            min(2**self.halvings, most[axis]) if axis in group.circular else 1
            for axis in range(len(domain.shape))
        )


@dataclass(frozen=True)
class CNNArchitecture:
    """A group CNN before a group is chosen.

    `pyramid`: a convolution, then a max pool and a residual block of two convolutions for each
    level (He et al., 2016, arXiv 1512.03385), with twice the channels in all blocks but the first
    of several. There are as many levels as the sample's sides allow: the last maps are 4 to 7 wide,
    those of sequences 12 to 23.

    `paper`: four convolutions with kernels of side 3 (arXiv 2104.04848, section 5.2), a max
    pool after the first and the second, twice the channels in the third and fourth. Pooling this
    early gives the last maps a receptive field of 26 positions a side and makes training cheap.
    `residual`: a convolution and three residual blocks of two each, pooled before the second and
    third. In all, batch normalisation follows each
    convolution, so that the maps of all groups start at the same scale and train at the same rate;
    the final layer pools the group and all positions, which makes the network equivariant (the
    paper's flattens, and is not).

    Attributes:
        in_channels: channels of the samples.
        domain: a sequence, a grid or a volume.
        classes: number of outputs.
        backbone: `pyramid`, `paper` or `residual`.
        width: channels of the baseline's first layers; `SIZES` has some by name.
        dropout: share of channels dropped before the final layer. Default: 0, as augmentation and
            symmetry regularise already.
        most_positions: samples of more positions are averaged first, in a pyramid. Default:
            `MOST_POSITIONS`.

    Raises:
        SettingsError: a value is out of range.
    """

    in_channels: int
    domain: Domain
    classes: int
    backbone: str = "pyramid"
    width: int = SIZES["small"]
    dropout: float = 0.0
    most_positions: int = MOST_POSITIONS

    @property
    def proxy(self) -> CNNArchitecture:
        """The same for proxies in a search: large images are averaged to smaller ones."""
        if self.domain.kind != "grid":
            return self
        return replace(self, most_positions=MOST_PROXY_PIXELS)

    def __post_init__(self) -> None:
        troubles = []
        if self.backbone not in BACKBONES:
            troubles.append(
                f"its backbone must be one of {', '.join(BACKBONES)}; got {self.backbone!r}"
            )
        counts = (self.in_channels, self.classes, self.width)
        if min(counts) < 1:
            troubles.append(f"channels, classes and width must be at least 1; got {counts}")
        if self.domain.kind not in KINDS.values():
            kinds = "its domain must be a sequence, a grid or a volume"
            troubles.append(f"{kinds}; got {self.domain}")
        elif min(self.domain.shape) < LEAST_SIDE:
            least = f"samples need at least {LEAST_SIDE} positions a side"
            troubles.append(f"{least}; got {self.domain}")
        if troubles:
            raise SettingsError(f"A group CNN cannot be made: {'; '.join(troubles)}.")

    def channels(self, group: PointGroup) -> tuple[int, int]:
        """Return the channels of the first layers and of the others."""
        return _channels(self, group.order)

    def convs(self, group: PointGroup) -> list[Conv]:
        """Return the convolutions in order, that of a shortcut after the two that it skips."""
        return _convs(self, *self.channels(group))

    def count_parameters(self, group: PointGroup) -> int:
        """Return the number of parameters of a group's network, without building it."""
        moves = [element.output_action(self.classes) for element in group.generators]
        forced = self.classes - int(point_orbits(moves, self.classes).free.sum())
        return _count(self, group.order, *self.channels(group)) - forced

    def activations(self, group: PointGroup) -> int:
        """Return how many numbers the maps after all convolutions hold for one sample."""
        return sum(
            conv.out * group.order * math.prod(self.sides(group, conv.halvings))
            for conv in self.convs(group)
        )

    def sides(self, group: PointGroup, halvings: int) -> tuple[int, ...]:
        """Return the sides of the maps after so many halvings."""
        return tuple(
            side if axis in group.circular else -(-side // 2**halvings)
            for axis, side in enumerate(self.domain.shape)
        )


def _convs(architecture: CNNArchitecture, first: int, other: int) -> list[Conv]:
    into = architecture.in_channels
    if architecture.backbone == "pyramid":
        return _pyramid(architecture, into, first, other)
    lift = Conv(into, first, KERNEL, 0, lifting=True)
    if architecture.backbone == "paper":
        return [
            lift,
            Conv(first, first, KERNEL, 1),
            Conv(first, other, KERNEL, 2),
            Conv(other, other, KERNEL, 2),
        ]
    return [
        lift,
        *(Conv(first, first, KERNEL, 0) for _ in range(2)),
        Conv(first, other, KERNEL, 1),
        Conv(other, other, KERNEL, 1),
        Conv(first, other, 1, 1),
        *(Conv(other, other, KERNEL, 2) for _ in range(2)),
    ]


def _pyramid(architecture: CNNArchitecture, into: int, first: int, other: int) -> list[Conv]:
    domain, most = architecture.domain, architecture.most_positions
    side = SEQUENCE_KERNEL if domain.kind == "sequence" else KERNEL
    start = next(n for n in count() if math.prod(_halved(domain.shape, n)) <= most)
    last = start + 1
    while min(_halved(domain.shape, last + 1)) >= LAST_SIDES[domain.kind]:
        last += 1
    convs, before = [Conv(into, first, side, start, lifting=True)], first
    for level in range(start + 1, last + 1):
        after = first if level == start + 1 < last else other
        convs += [Conv(before, after, side, level), Conv(after, after, side, level)]
        if before != after:
            convs.append(Conv(before, after, 1, level))
        before = after
    return convs


def _halved(sides: Sequence[int], halvings: int) -> tuple[int, ...]:
    return tuple(-(-side // 2**halvings) for side in sides)


def _count(architecture: CNNArchitecture, order: int, first: int, other: int) -> int:
    convs = _convs(architecture, first, other)
    dimensions = len(architecture.domain.shape)
    head = (convs[-1].out + 1) * architecture.classes
    return sum(conv.count_parameters(order, dimensions) for conv in convs) + head


@lru_cache(maxsize=1024)
def _channels(architecture: CNNArchitecture, order: int) -> tuple[int, int]:
    """Channels with which a network of this order has about as many parameters as the baseline;
    within 3% of that, those whose ratio is nearest to the baseline's. Where that would be too many
    maps, as many channels as `MOST_MAPS` allows.
    """
    width = architecture.width
    if order == 1:
        return width, 2 * width
    baseline = _count(architecture, 1, width, 2 * width)
    if order > MOST_MAPS**2:
        first = max(1, round(MOST_MAPS * width / order))
        return first, 2 * first
    about = width / order**0.5
    pairs = [
        (first, other)
        for first in range(max(1, int(about) - 1), int(about) + 3)
        for other in range(max(1, int(2 * about) - 2), int(2 * about) + 4)
    ]

    def misfit(pair: tuple[int, int]) -> tuple[float, float]:
        off = abs(_count(architecture, order, *pair) - baseline) / baseline
        return max(off, 0.03), abs(pair[1] / pair[0] - 2)

    return min(pairs, key=misfit)
