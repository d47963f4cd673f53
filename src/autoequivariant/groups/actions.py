"""The table `ACTIONS`: how each named symmetry acts on each kind of domain.

An entry maps a domain and integer parameters to a `Permutation`, or raises `SymmetryError`. Actions
move the whole image: `rot90` rotates it counter-clockwise, as `numpy.rot90` does, and
`translate_x:4` shifts it 4 columns to the right, with the last columns re-entering on the left.
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
"""Channel order of one-hot DNA; reversing it maps each base to its complement."""

Indices = NDArray[Any]
Move = Callable[[Indices, tuple[int, ...]], Indices]


@dataclass(frozen=True)
class Action:
    """One entry of the table.

    Attributes:
        description: what it does to a sample, in a few words.
        moves: for each kind of domain, a function that moves an array of the domain's shape.
        parameters: names of the integer parameters, as in `translate_x:STEP`.
        negates: returns the indices whose values change sign. None: no value does.
        axis: the axis along which the parameter is a length, counted from the last (-1); the length
            scales with the domain. None if no parameter is a length.
        channels: a function that moves an array of channel numbers. None: channels stay in place.
    """

    description: str
    moves: Mapping[str, Move]
    parameters: tuple[str, ...] = ()
    negates: Callable[[int, tuple[int, ...]], Indices] | None = None
    axis: int | None = None
    channels: Callable[[Indices], Indices] | None = None


def symmetry_text(name: str, parameters: tuple[int, ...]) -> str:
    """Format a symmetry: `rot90`, `translate_x:4`, `swap:0-3`."""
    return ":".join([name, "-".join(map(str, parameters))]) if parameters else name


def domain_action(name: str, parameters: tuple[int, ...], domain: Domain) -> Permutation:
    """Return how the symmetry `name` with these parameters permutes the indices of `domain`.

    Raises:
        SymmetryError: it is not defined on `domain`, with the reason.
    """
    action = ACTIONS[name]
    text = symmetry_text(name, parameters)
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
    signs = np.ones(domain.size, np.int8)
    if action.negates is not None:
        signs[action.negates(domain.size, parameters)] = -1
    return Permutation(Permutation(moved).inverse().image, signs)


def channel_action(name: str, channels: int) -> Permutation | None:
    """Return how the symmetry `name` permutes the channels; None if they stay in place.

    Raises:
        SymmetryError: it needs a different number of channels.
    """
    moves = ACTIONS[name].channels
    if moves is None:
        return None
    try:
        moved = moves(np.arange(channels))
    except _UndefinedError as reason:
        raise SymmetryError(f"{name} is not defined on {channels} channels: {reason}.") from None
    return Permutation(moved).inverse()


class _UndefinedError(Exception):
    """Why an action is not defined on a shape; the caller turns it into a `SymmetryError`."""


def _rotate(axes: tuple[int, int], quarter_turns: int) -> Move:
    def move(x: Indices, _: tuple[int, ...]) -> Indices:
        if quarter_turns % 2 and x.shape[axes[0]] != x.shape[axes[1]]:
            raise _UndefinedError("a rotation by 90 degrees needs two equal sides")
        return np.rot90(x, quarter_turns, axes)

    return move


def _flip(axis: int) -> Move:
    return lambda x, _: np.flip(x, axis)


def _transpose(x: Indices, _: tuple[int, ...]) -> Indices:
    if x.shape[0] != x.shape[1]:
        raise _UndefinedError("a transpose needs two equal sides")
    return x.T


def _antitranspose(x: Indices, _: tuple[int, ...]) -> Indices:
    return np.rot90(_transpose(x, ()), 2)


def _roll(axis: int) -> Move:
    def move(x: Indices, parameters: tuple[int, ...]) -> Indices:
        step, side = parameters[0], x.shape[axis]
        if not 1 <= step < side:
            raise _UndefinedError(f"the step must be between 1 and {side - 1} on a side of {side}")
        return np.roll(x, step, axis)

    return move


def _halves(axis: int, within: int | None = None, second: bool = False) -> Move:
    """Swap the halves along `axis`, or only in the first or second half of the axis `within`."""

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


def _rows_and_columns(move: Move) -> Move:
    """Move the rows of a matrix, then its columns in the same way."""
    return lambda x, parameters: move(move(x, parameters).T, parameters).T


def _swap_two(x: Indices, parameters: tuple[int, ...]) -> Indices:
    first, second = parameters
    if first == second or max(first, second) >= len(x):
        what = "columns" if x.ndim == 1 else "items"
        raise _UndefinedError(f"it needs two different {what} between 0 and {len(x) - 1}")
    swapped = x.copy()
    swapped[[first, second]] = x[[second, first]]
    return swapped


def _stay(x: Indices, _: tuple[int, ...]) -> Indices:
    return x


def _stay_at_column(x: Indices, parameters: tuple[int, ...]) -> Indices:
    if parameters[0] >= x.size:
        raise _UndefinedError(f"the column must be between 0 and {x.size - 1}")
    return x


def _complement(channels: Indices) -> Indices:
    if channels.size != len(DNA):
        raise _UndefinedError(f"it needs four channels, one for each of {', '.join(DNA)}")
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
        "rot90": _action("rotate by 90 degrees counter-clockwise", grid=_rotate((0, 1), 1)),
        "rot180": _action("rotate by 180 degrees", grid=_rotate((0, 1), 2)),
        "hflip": _action("flip left and right", grid=_flip(1)),
        "vflip": _action("flip top and bottom", grid=_flip(0)),
        "transpose": _action("reflect across the main diagonal", grid=_transpose, pairs=_transpose),
        "antitranspose": _action("reflect across the other diagonal", grid=_antitranspose),
        "translate_x": _shift("shift right cyclically", -1, "grid", "volume"),
        "translate_y": _shift("shift down cyclically", -2, "grid", "volume"),
        "translate_z": _shift("shift in depth cyclically", -3, "volume"),
        "cycle_quadrants": _action("cycle the four quadrants clockwise", grid=_cycle_quadrants),
        "swap_left_right": _action("swap the left and right halves", grid=_halves(1)),
        "swap_top_bottom": _action("swap the top and bottom halves", grid=_halves(0)),
        "swap_top_bottom_left": _action(
            "swap top and bottom within the left half", grid=_halves(0, within=1)
        ),
        "swap_top_bottom_right": _action(
            "swap top and bottom within the right half", grid=_halves(0, within=1, second=True)
        ),
        "swap_left_right_top": _action(
            "swap left and right within the top half", grid=_halves(1, within=0)
        ),
        "swap_left_right_bottom": _action(
            "swap left and right within the bottom half", grid=_halves(1, within=0, second=True)
        ),
        "rot90_xy": _action("rotate by 90 degrees about z", volume=_rotate((1, 2), 1)),
        "rot90_yz": _action("rotate by 90 degrees about x", volume=_rotate((0, 1), 1)),
        "rot90_xz": _action("rotate by 90 degrees about y", volume=_rotate((0, 2), 1)),
        "flip_x": _action("flip along x", volume=_flip(2)),
        "flip_y": _action("flip along y", volume=_flip(1)),
        "flip_z": _action("flip along z", volume=_flip(0)),
        "reverse": _action(
            "reverse the order",
            sequence=_flip(0),
            features=_flip(0),
            pairs=_rows_and_columns(_flip(0)),
        ),
        "shift": Action(
            "shift forward cyclically",
            {
                "sequence": _roll(0),
                "features": _roll(0),
                "pairs": _rows_and_columns(_roll(0)),
            },
            parameters=("step",),
            axis=-1,
        ),
        "reverse_complement": Action(
            "reverse complement of DNA (channels A, C, G, T)",
            {"sequence": _flip(0)},
            channels=_complement,
        ),
        "swap_halves": _action(
            "swap the first and second halves", sequence=_halves(0), features=_halves(0)
        ),
        "swap": Action(
            "swap two columns, or two items of pairs",
            {"features": _swap_two, "pairs": _rows_and_columns(_swap_two)},
            parameters=("first", "second"),
        ),
        "negate": Action(
            "change the sign of every value",
            dict.fromkeys(("grid", "volume", "sequence", "features", "pairs"), _stay),
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
