"""What each named symmetry does to each kind of domain: the one table of actions.

An entry turns a domain and its parameters into a `Permutation`, or raises `SymmetryError`. A grid's
picture is moved as a whole: `rot90` turns it counter-clockwise as `numpy.rot90` does,
`translate_x:4` shifts it 4 columns to the right and lets the last columns re-enter on the left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.permutation import Permutation

DNA = "ACGT"
"""Order of the channels of one-hot strings: the complement of each letter is the one opposite."""

Indices = NDArray[Any]
Move = Callable[[Indices, tuple[int, ...]], Indices]


@dataclass(frozen=True)
class Action:
    """One row of the table.

    Attributes:
        description: what it does to the data, in a few words.
        moves: for each kind of domain, a function that moves an array of that shape as the symmetry
            does.
        parameters: names of its integer parameters, as in `translate_x:STEP`.
        negates: `moves` says where values go; this adds a sign of -1 at the indices it returns.
        axis: the axis along which the parameter is a length, counted from the last (-1); such a
            length shrinks with a coarser domain. None where the parameters are no lengths.
        channels: moves an array of channel numbers as the symmetry does. None where all channels
            stay.
    """

    description: str
    moves: Mapping[str, Move]
    parameters: tuple[str, ...] = ()
    negates: Callable[[int, tuple[int, ...]], Indices] | None = None
    axis: int | None = None
    channels: Callable[[Indices], Indices] | None = None


def text_of(name: str, parameters: tuple[int, ...]) -> str:
    """Return the text form: `rot90`, `translate_x:4`, `swap:0-3`."""
    return ":".join([name, "-".join(map(str, parameters))]) if parameters else name


def permutation_of(name: str, parameters: tuple[int, ...], domain: Domain) -> Permutation:
    """Return the action of the symmetry `name` with its parameters on `domain`.

    Raises:
        SymmetryError: it is not defined there; the message says why.
    """
    action = ACTIONS[name]
    text = text_of(name, parameters)
    if domain.kind not in action.moves:
        kinds = " and ".join(action.moves)
        raise SymmetryError(
            f"{text} is not defined on {domain}: it acts on domains of kind {kinds}."
        )
    indices = np.arange(domain.size).reshape(domain.shape)
    try:
        moved = action.moves[domain.kind](indices, parameters).reshape(-1)
    except _UndefinedError as reason:
        raise SymmetryError(f"{text} is not defined on {domain}: {reason}.") from None
    image = np.empty(domain.size, np.int64)
    image[moved] = np.arange(domain.size)
    signs = np.ones(domain.size, np.int8)
    if action.negates is not None:
        signs[action.negates(domain.size, parameters)] = -1
    return Permutation(image, signs)


def channel_permutation_of(name: str, channels: int) -> Permutation | None:
    """Return how the symmetry `name` moves the channels; None where they all stay.

    Raises:
        SymmetryError: it needs another number of channels.
    """
    moves = ACTIONS[name].channels
    if moves is None:
        return None
    try:
        moved = moves(np.arange(channels))
    except _UndefinedError as reason:
        raise SymmetryError(f"{name} is not defined on {channels} channels: {reason}.") from None
    image = np.empty(channels, np.int64)
    image[moved] = np.arange(channels)
    return Permutation(image)


class _UndefinedError(Exception):
    """Why an action does not exist on a shape; always turned into a `SymmetryError`."""


def _rotate(axes: tuple[int, int], quarters: int) -> Move:
    def move(x: Indices, _: tuple[int, ...]) -> Indices:
        if quarters % 2 and x.shape[axes[0]] != x.shape[axes[1]]:
            raise _UndefinedError("a quarter turn needs two equal sides")
        return np.rot90(x, quarters, axes)

    return move


def _flip(axis: int) -> Move:
    return lambda x, _: np.flip(x, axis)


def _transpose(x: Indices, _: tuple[int, ...]) -> Indices:
    if x.shape[0] != x.shape[1]:
        raise _UndefinedError("a transposition needs two equal sides")
    return x.T


def _antitranspose(x: Indices, _: tuple[int, ...]) -> Indices:
    return np.rot90(_transpose(x, ()), 2)


def _roll(axis: int) -> Move:
    def move(x: Indices, parameters: tuple[int, ...]) -> Indices:
        step, side = parameters[0], x.shape[axis]
        if not 1 <= step < side:
            raise _UndefinedError(f"a step must lie between 1 and {side - 1} on a side of {side}")
        return np.roll(x, step, axis)

    return move


def _halves(axis: int, within: int | None = None, second: bool = False) -> Move:
    """Swap the halves along `axis`; with `within`, only in the first (or second) half of that."""

    def move(x: Indices, _: tuple[int, ...]) -> Indices:
        for cut in (axis, within):
            if cut is not None and x.shape[cut] % 2:
                raise _UndefinedError(f"a side of {x.shape[cut]} has no two equal halves")
        swapped = np.roll(x, x.shape[axis] // 2, axis)
        if within is None:
            return swapped
        keep = np.arange(x.shape[within]) < x.shape[within] // 2
        keep = np.expand_dims(keep == second, [a for a in range(x.ndim) if a != within])
        return np.where(keep, x, swapped)

    return move


def _cycle_quadrants(x: Indices, _: tuple[int, ...]) -> Indices:
    if x.shape[0] % 2 or x.shape[1] % 2:
        raise _UndefinedError("quadrants need two even sides")
    h, w = x.shape[0] // 2, x.shape[1] // 2
    return np.block([[x[h:, :w], x[:h, :w]], [x[h:, w:], x[:h, w:]]])


def _swap_two(x: Indices, parameters: tuple[int, ...]) -> Indices:
    first, second = parameters
    if first == second or max(first, second) >= x.size:
        raise _UndefinedError(f"it needs two different columns from 0 to {x.size - 1}")
    swapped = x.copy()
    swapped[[first, second]] = x[[second, first]]
    return swapped


def _stay(x: Indices, _: tuple[int, ...]) -> Indices:
    return x


def _stay_at_column(x: Indices, parameters: tuple[int, ...]) -> Indices:
    if parameters[0] >= x.size:
        raise _UndefinedError(f"its column must lie between 0 and {x.size - 1}")
    return x


def _complement(channels: Indices) -> Indices:
    if channels.size != len(DNA):
        raise _UndefinedError(f"it needs the four letters {', '.join(DNA)}, one channel each")
    return channels[::-1]


def _all_indices(size: int, _: tuple[int, ...]) -> Indices:
    return np.arange(size)


def _one_index(_: int, parameters: tuple[int, ...]) -> Indices:
    return np.array(parameters)


def _action(description: str, **moves: Move) -> Action:
    return Action(description, moves)


def _shift(description: str, axis: int, *kinds: str) -> Action:
    return Action(description, dict.fromkeys(kinds, _roll(axis)), parameters=("step",), axis=axis)


ACTIONS: Mapping[str, Action] = MappingProxyType(
    {
        "rot90": _action("turn by 90 degrees, counter-clockwise", grid=_rotate((0, 1), 1)),
        "rot180": _action("turn by 180 degrees", grid=_rotate((0, 1), 2)),
        "hflip": _action("mirror left and right", grid=_flip(1)),
        "vflip": _action("mirror top and bottom", grid=_flip(0)),
        "transpose": _action("mirror in the main diagonal", grid=_transpose),
        "antitranspose": _action("mirror in the other diagonal", grid=_antitranspose),
        "translate_x": _shift("shift right, cyclically", -1, "grid", "volume"),
        "translate_y": _shift("shift down, cyclically", -2, "grid", "volume"),
        "translate_z": _shift("shift in depth, cyclically", -3, "volume"),
        "cycle_quadrants": _action("move the quadrants round, clockwise", grid=_cycle_quadrants),
        "swap_left_right": _action("swap left and right half", grid=_halves(1)),
        "swap_top_bottom": _action("swap top and bottom half", grid=_halves(0)),
        "swap_top_bottom_left": _action(
            "swap top and bottom in the left half", grid=_halves(0, within=1)
        ),
        "swap_top_bottom_right": _action(
            "swap top and bottom in the right half", grid=_halves(0, within=1, second=True)
        ),
        "swap_left_right_top": _action(
            "swap left and right in the top half", grid=_halves(1, within=0)
        ),
        "swap_left_right_bottom": _action(
            "swap left and right in the bottom half", grid=_halves(1, within=0, second=True)
        ),
        "rot90_xy": _action("quarter turn about z", volume=_rotate((1, 2), 1)),
        "rot90_yz": _action("quarter turn about x", volume=_rotate((0, 1), 1)),
        "rot90_xz": _action("quarter turn about y", volume=_rotate((0, 2), 1)),
        "flip_x": _action("mirror along x", volume=_flip(2)),
        "flip_y": _action("mirror along y", volume=_flip(1)),
        "flip_z": _action("mirror along z", volume=_flip(0)),
        "reverse": _action("read backwards", sequence=_flip(0), features=_flip(0)),
        "shift": _shift("shift forward, cyclically", -1, "sequence", "features"),
        "reverse_complement": Action(
            "read the other strand of DNA, backwards (channels A, C, G, T)",
            {"sequence": _flip(0)},
            channels=_complement,
        ),
        "swap_halves": _action(
            "swap first and second half", sequence=_halves(0), features=_halves(0)
        ),
        "swap": Action("swap two columns", {"features": _swap_two}, parameters=("first", "second")),
        "negate": Action(
            "change the sign of every value",
            dict.fromkeys(("grid", "volume", "sequence", "features"), _stay),
            negates=_all_indices,
        ),
        "negate_column": Action(
            "change the sign of one column",
            {"features": _stay_at_column},
            parameters=("column",),
            negates=_one_index,
        ),
    }
)
