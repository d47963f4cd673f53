"""What each candidate does to a sample of the data: pictures, slices, lines, or moved columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from autoequivariant.groups import Permutation, Symmetry
from autoequivariant.nn import Augmentation
from autoequivariant.report.words import augmentation
from autoequivariant.search import Problem

MOST_LOOKED_AT = 64
"""Validation samples among which the one is taken that shows the moves best."""
MOST_CYCLES = 8
MOST_SEEDS = 20
_SLICES = 3

Shown = tuple[NDArray[Any], ...]


@dataclass(frozen=True, eq=False)
class Move:
    """What one candidate or augmentation does.

    Attributes:
        name: which.
        does: in a few words.
        after: the moved sample, in the form of `Moves.before`; empty without data.
        columns: which indices it moves where, as cycles; for tables and sequences.
        share: of all indices, those that it moves or negates; None of an augmentation.
    """

    name: str
    does: str
    after: Shown
    columns: tuple[str, ...]
    share: float | None


@dataclass(frozen=True, eq=False)
class Moves:
    """What all candidates do to one sample.

    Attributes:
        kind: `picture` (arrays of shape `(height, width)` or `(height, width, 3)`, uint8),
            `slices` (several of them), `lines` (one array of shape `(channels, length)`) or
            `columns` (none).
        before: the sample as it is; empty without data.
        sample: which sample it is.
        moves: of each candidate, then of each augmentation.
    """

    kind: str
    before: Shown
    sample: str
    moves: tuple[Move, ...]


def moves_of(problem: Problem, has_data: bool) -> Moves:
    """Return what each candidate does to a validation sample."""
    domain = problem.data.domain
    kinds = {"grid": "picture", "volume": "slices", "sequence": "lines", "features": "columns"}
    kind = kinds[domain.kind]
    actions = [symmetry.action(domain) for symmetry in problem.candidates]
    number = _telling(problem, actions) if has_data else 0
    x = np.asarray(problem.data.validation.x[number], np.float64)
    flat = x.reshape(len(x), -1)
    limits = _limits(flat, any(action.is_signed for action in actions))
    shows_sample = has_data and kind != "columns"

    def shown(values: NDArray[Any]) -> Shown:
        return _shown(values.reshape(x.shape), kind, limits) if shows_sample else ()

    moves = [
        _move(symmetry, action, shown(action.apply(flat)), kind)
        for symmetry, action in zip(problem.candidates, actions, strict=True)
    ]
    for name in problem.augmentations(range(len(problem.space.names))):
        after = shown(_augmented(name, x)) if shows_sample else ()
        moves.append(
            Move(augmentation(name), "at random, anew in each epoch of training", after, (), None)
        )
    label = problem.data.classes[int(problem.data.validation.y[number])]
    sample = f"sample {number + 1} of validation, of class {label}" if shows_sample else ""
    return Moves(kind, shown(flat), sample, tuple(moves))


def _telling(problem: Problem, actions: list[Permutation]) -> int:
    """The sample of the first few that even the candidate with the smallest effect changes much."""
    some = np.asarray(problem.data.validation.x[:MOST_LOOKED_AT], np.float64)
    flat = some.reshape(len(some), -1, problem.data.domain.size)
    least = np.full(len(flat), np.inf)
    for action in actions:
        if not action.is_identity:
            least = np.minimum(least, np.abs(action.apply(flat) - flat).mean(axis=(1, 2)))
    return int(np.argmax(least))


def _move(symmetry: Symmetry, action: Permutation, after: Shown, kind: str) -> Move:
    still = (action.image == np.arange(action.size)) & (action.signs > 0)
    columns = _cycles(action) if kind in ("columns", "lines") else ()
    return Move(str(symmetry), symmetry.does, after, columns, float(1 - still.mean()))


def _cycles(action: Permutation) -> tuple[str, ...]:
    """Cycles such as `0 → 1 → 0`; `−` where a value changes its sign on the way."""
    found, seen = [], set[int]()
    for start in range(action.size):
        if start in seen or (action.image[start] == start and action.signs[start] > 0):
            continue
        text, at = str(start), start
        while True:
            seen.add(at)
            sign = "−" if action.signs[at] < 0 else ""
            at = int(action.image[at])
            text += f" → {sign}{at}"
            if at == start or text.count("→") == MOST_CYCLES:
                text += " → ..." if at != start else ""
                break
        while at not in seen:
            seen.add(at)
            at = int(action.image[at])
        found.append(text)
    more = len(found) - MOST_CYCLES
    return (*found[:MOST_CYCLES], *([f"and {more} more cycles"] if more > 0 else []))


def _augmented(name: str, x: NDArray[np.float64]) -> NDArray[Any]:
    """The sample after one draw that changes it, if there is one in a few."""
    picture = torch.from_numpy(np.ascontiguousarray(x)).float()[None]
    moved = picture
    for seed in range(MOST_SEEDS):
        moved = Augmentation((name,))(picture, torch.Generator().manual_seed(seed))
        if not torch.equal(moved, picture):
            break
    return np.asarray(moved[0].numpy())


def _limits(flat: NDArray[np.float64], is_signed: bool) -> tuple[float, float]:
    """The values that become black and white."""
    low, high = float(flat.min()), float(flat.max())
    return (-max(-low, high), max(-low, high)) if is_signed else (low, high)


def _shown(x: NDArray[Any], kind: str, limits: tuple[float, float]) -> Shown:
    if kind == "lines":
        return (x,)
    if kind == "picture":
        return (_pixels(x, limits),)
    depth = x.shape[1]
    places = dict.fromkeys(
        min(depth - 1, round(depth * (k + 0.5) / _SLICES)) for k in range(_SLICES)
    )
    return tuple(_pixels(x[:, place], limits) for place in places)


def _pixels(x: NDArray[Any], limits: tuple[float, float]) -> NDArray[np.uint8]:
    """Channels, height and width as grey or, of three channels, coloured pixels."""
    low, high = limits
    scaled = np.clip((x - low) / ((high - low) or 1.0), 0, 1)
    pixels = np.round(255 * scaled).astype(np.uint8)
    return np.moveaxis(pixels, 0, 2) if len(x) == 3 else pixels[0]
