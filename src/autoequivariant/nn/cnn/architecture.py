"""What all group CNNs of a search have in common; how wide each is, `widths.py` says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count

from autoequivariant.errors import SettingsError
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.orbits import point_orbits
from autoequivariant.groups.point_group.chain import GroupChain, chain_of
from autoequivariant.groups.point_group.element import KINDS
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.nn.cnn.widths import Widths, find_widths

BACKBONES = ("pyramid", "paper", "residual")
SIZES = {"small": 16, "medium": 24, "large": 32}
"""Channels of the baseline's first layers, by name: about 17,000, 37,000 and 66,000 parameters with
the paper's backbone and 10 classes.
"""
KERNEL = 3
SEQUENCE_KERNEL = 7
"""Side of a pyramid's kernels on sequences, which have fewer positions than grids."""
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

    @property
    def levels(self) -> tuple[int, ...]:
        """The levels of a pyramid, by how often the sample is halved before them. A group may be
        kept up to any of them; up to the last, all but the head has it.
        """
        return tuple(range(*_ends(self)))

    def channels(self, groups: PointGroup | GroupChain) -> tuple[int, int]:
        """Return the channels of the first layers, and of the others on the last level."""
        pairs = _widths_for(self, groups).pairs
        return pairs[0][0], pairs[-1][1]

    def head_channels(self, groups: PointGroup | GroupChain) -> int:
        """Return the channels that the head reads."""
        return _head_channels(self, _widths_for(self, groups))

    def convs(self, groups: PointGroup | GroupChain) -> list[Conv]:
        """Return the convolutions in order, that of a shortcut after the two that it skips."""
        return _convs(self, _widths_for(self, groups))

    def count_parameters(self, groups: PointGroup | GroupChain) -> int:
        """Return the number of parameters of a group's network, without building it."""
        group = chain_of(groups).whole
        moves = [element.output_action(self.classes) for element in group.generators]
        forced = self.classes - int(point_orbits(moves, self.classes).free.sum())
        return _count(self, _widths_for(self, groups)) - forced

    def activations(self, groups: PointGroup | GroupChain) -> int:
        """Return how many numbers the maps after all convolutions hold for one sample."""
        chain = chain_of(groups)
        with_groups = [(conv, chain.at(conv.halvings)) for conv in self.convs(chain)]
        return sum(
            conv.out * group.order * math.prod(self.sides(group, conv.halvings))
            for conv, group in with_groups
        )

    def sides(self, group: PointGroup, halvings: int) -> tuple[int, ...]:
        """Return the sides of the maps after so many halvings."""
        return tuple(
            side if axis in group.circular else -(-side // 2**halvings)
            for axis, side in enumerate(self.domain.shape)
        )


def _ends(architecture: CNNArchitecture) -> tuple[int, int]:
    """The first level, and one more than the last."""
    domain = architecture.domain
    if architecture.backbone != "pyramid":
        return 0, 3
    most = architecture.most_positions
    start = next(n for n in count() if math.prod(_halved(domain.shape, n)) <= most)
    last = start + 1
    while min(_halved(domain.shape, last + 1)) >= LAST_SIDES[domain.kind]:
        last += 1
    return start, last + 1


def _convs(architecture: CNNArchitecture, widths: Widths) -> list[Conv]:
    if architecture.backbone == "pyramid":
        return _pyramid(architecture, widths)
    into, (first, other) = architecture.in_channels, widths.pairs[0]
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


def _pyramid(architecture: CNNArchitecture, widths: Widths) -> list[Conv]:
    side = SEQUENCE_KERNEL if architecture.domain.kind == "sequence" else KERNEL
    start, *others = architecture.levels
    before = widths.pairs[start][0]
    convs = [Conv(architecture.in_channels, before, side, start, lifting=True)]
    for level in others:
        first, other = widths.pairs[level]
        before = widths.into(level - 1, before)
        after = first if level == others[0] < others[-1] else other
        convs += [Conv(before, after, side, level), Conv(after, after, side, level)]
        if before != after:
            convs.append(Conv(before, after, 1, level))
        before = after
    return convs


def _halved(sides: Sequence[int], halvings: int) -> tuple[int, ...]:
    return tuple(-(-side // 2**halvings) for side in sides)


def _head_channels(architecture: CNNArchitecture, widths: Widths) -> int:
    return widths.into(architecture.levels[-1], _convs(architecture, widths)[-1].out)


def _count(architecture: CNNArchitecture, widths: Widths) -> int:
    dimensions = len(architecture.domain.shape)
    return sum(
        conv.count_parameters(widths.orders[conv.halvings], dimensions)
        for conv in _convs(architecture, widths)
    ) + ((_head_channels(architecture, widths) + 1) * architecture.classes)


def _widths_for(architecture: CNNArchitecture, groups: PointGroup | GroupChain) -> Widths:
    chain = chain_of(groups)
    if chain.early and architecture.backbone != "pyramid":
        raise SettingsError(
            f"{chain} is kept in some layers only, which the backbone {architecture.backbone} "
            "cannot: use pyramid."
        )
    levels = range(architecture.levels[-1] + 1)
    orders = (*(chain.at(level).order for level in levels), chain.whole.order)
    return _widths(architecture, orders)


@lru_cache(maxsize=1024)
def _widths(architecture: CNNArchitecture, orders: tuple[int, ...]) -> Widths:
    return find_widths(architecture.width, orders, lambda widths: _count(architecture, widths))
