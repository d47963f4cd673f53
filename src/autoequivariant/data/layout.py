"""The meaning of axes: from `(n, ...)` to a domain and `(n, channels, *domain.shape)`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.messages import check_choice
from autoequivariant.errors import DataError, SettingsError
from autoequivariant.groups.domain import Domain, Pairs, make_domain

KINDS = ("grid", "sequence", "features", "volume", "pairs")

_SIDES = {"features": 1, "sequence": 1, "grid": 2, "volume": 3, "pairs": 2}
FEWEST_ITEMS = 3
"""Of smaller symmetric matrices there are too many that are something else."""
_ROUNDING = 1e-5  # of the largest value: a difference that is none
_AT_ONCE = 2**20  # values

# Greyscale, two planes, colour, colour with alpha: an axis this short at either end is channels.
_MOST_USUAL_CHANNELS = 4


def arrange(
    x: NDArray[Any], kind: str | None, origin: str, channels_first: bool = False
) -> tuple[Domain, NDArray[Any]]:
    """Return the domain of samples and the samples as `(n, channels, *domain.shape)`, contiguous.

    Without a `kind` the number of axes decides: `(n, f)` is features; `(n, h, w)` a grid; 4 axes
    are a grid with channels where the last axis or axis 1 has a length of 1 to 4, else a volume;
    5 axes are a volume with channels. A `kind` overrides this.

    The channel axis is the last if that has a length of 1 to 4, else axis 1 if that has, else the
    one without which all sides are equal (12 planes of an 8x8 board), else the shorter of the two,
    the last where they tie. For a sequence it is the shorter of the two, the last where they tie,
    since sensors often have more than 4 channels. For pairs it is the one without which two sides
    are equal.

    Args:
        x: samples, shape `(n, ...)`.
        kind: `grid`, `sequence`, `features`, `volume`, `pairs` or None.
        origin: the data set's name or path, for messages.
        channels_first: channels are the first axis of a sample if there are any; samples of 3 axes
            without a kind are then images, however many channels they have.

    Raises:
        SettingsError: an unknown kind, or one that does not fit the number of axes.
        DataError: without a kind, fewer than 2 or more than 5 axes.
    """
    check_choice("kind", kind, KINDS)
    sides = x.shape[1:]
    if kind is None and channels_first and len(sides) == 3:
        kind = "grid"
    kind = kind or _usual_kind(sides, origin)
    extra = len(sides) - _SIDES[kind]
    if extra == 0:
        return _domain(kind, sides, origin), np.ascontiguousarray(x[:, np.newaxis])
    if extra != 1 or kind == "features":
        axes = f"{_SIDES[kind] + 1}" + ("" if kind == "features" else f" or {_SIDES[kind] + 2}")
        raise SettingsError(
            f"{origin} cannot be read as {kind}: that needs arrays of {axes} axes, samples first, "
            f"but its samples have shape {('n', *sides)}, so choose another kind or reshape them."
        )
    axis = 0 if channels_first else _channel_axis(sides, kind)
    moved = np.ascontiguousarray(np.moveaxis(x, 1 + axis, 1))
    return _domain(kind, moved.shape[2:], origin), moved


def are_symmetric(x: NDArray[Any]) -> bool:
    """Whether all samples, shape `(n, ..., k, k)`, are symmetric matrices, up to rounding."""
    step = max(1, _AT_ONCE // max(1, x[:1].size))
    parts = (x[start : start + step] for start in range(0, len(x), step))
    return all(map(_are_symmetric, parts))


def are_pairs(x: NDArray[Any]) -> bool:
    """Whether samples of unknown kind, shape `(n, ...)`, are matrices of pairs.

    Symmetric matrices of `FEWEST_ITEMS` or more rows are: hardly any picture is its own reflection
    across the diagonal. What is its own left and right reflection, too, may be a picture.
    """
    is_square = x.ndim == 3 and x.shape[1] == x.shape[2] >= FEWEST_ITEMS
    return is_square and are_symmetric(x) and not np.array_equal(x, x[:, :, ::-1])


def pairs_note(domain: Domain, kind: str | None) -> tuple[str, ...]:
    """Return a note if samples were read as pairs since they are symmetric matrices.

    Args:
        domain: of the samples.
        kind: what they were to be read as; no note unless it is None.
    """
    if kind is not None or not isinstance(domain, Pairs):
        return ()
    return (
        f"The samples are symmetric matrices, so they are read as pairs of {domain.count} items, "
        "whose rows and columns move together: --kind grid reads them as images.",
    )


def _are_symmetric(x: NDArray[Any]) -> bool:
    turned = x.swapaxes(-1, -2)
    if x.dtype == np.uint8:
        return np.array_equal(x, turned)
    return bool((np.abs(x - turned) <= _ROUNDING * np.abs(x).max(initial=0)).all())


def _domain(kind: str, sides: tuple[int, ...], origin: str) -> Domain:
    if kind == Pairs.kind and len(set(sides)) > 1:
        raise SettingsError(
            f"{origin} cannot be read as pairs: its matrices need as many rows as columns, but are "
            f"{'x'.join(map(str, sides))}, so choose another kind."
        )
    return make_domain(kind, sides)


def _usual_kind(sides: tuple[int, ...], origin: str) -> str:
    if len(sides) == 3:
        few = min(sides[0], sides[-1]) <= _MOST_USUAL_CHANNELS
        return "grid" if few else "volume"
    kinds = {1: "features", 2: "grid", 4: "volume"}
    if len(sides) not in kinds:
        raise DataError(
            f"The samples of {origin} have {len(sides) + 1} axes: give 2 (a table), 3 or 4 "
            "(images) or 4 or 5 (volumes), samples first."
        )
    return kinds[len(sides)]


def _channel_axis(sides: tuple[int, ...], kind: str) -> int:
    """Return 0 or the last of the axes after the sample axis."""
    last = len(sides) - 1
    if kind == Pairs.kind and len(set(sides)) > 1:
        return 0 if sides[1] == sides[2] else last
    if kind != "sequence":
        for axis in (last, 0):
            if sides[axis] <= _MOST_USUAL_CHANNELS:
                return axis
        if len(set(sides[1:])) == 1 and len(set(sides[:-1])) > 1:
            return 0
        if len(set(sides[:-1])) == 1:
            return last
    return 0 if sides[0] < sides[last] else last
