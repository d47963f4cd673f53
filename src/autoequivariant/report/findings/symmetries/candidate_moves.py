"""What each candidate does to a sample of the data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from autoequivariant.data.split import DataSet
from autoequivariant.groups.actions import DNA
from autoequivariant.groups.cycle_notation import cycles_of
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.nn.cnn.augmentation import Augmentation
from autoequivariant.report.findings.symmetries.proposals import origin
from autoequivariant.report.render.formatting import augmentation
from autoequivariant.searching.data_card import DataCard
from autoequivariant.searching.problem import Problem

MOST_LOOKED_AT = 64
"""The sample that shows the moves best is chosen among the first so many of validation."""
MOST_TARGETS = 3
MOST_SEEDS = 20
KINDS = {
    "grid": "picture",
    "volume": "slices",
    "sequence": "lines",
    "features": "columns",
    "pairs": "picture",
}
_SLICES = 3

Shown = tuple[NDArray[Any], ...]


@dataclass(frozen=True, eq=False)
class Move:
    """What one candidate or augmentation does.

    Attributes:
        name: of the candidate.
        description: what it does, in a few words.
        after: the moved sample, in the form of `Moves.before`; empty without data.
        columns: cycles of the indices of a table or sequence, by name.
        others: why it is tried if nobody listed it, and what it does to channels, classes or
            targets, in sentences.
        share: fraction of the values that it moves or negates; None for an augmentation.
    """

    name: str
    description: str
    after: Shown
    columns: tuple[str, ...]
    others: tuple[str, ...]
    share: float | None


@dataclass(frozen=True, eq=False)
class Moves:
    """What all candidates do to one sample.

    Attributes:
        kind: `picture` (arrays of shape `(height, width)` or `(height, width, 3)`, uint8),
            `slices` (several of them), `lines` (one array of shape `(channels, length)`),
            `letters` (of DNA: one array of texts, shape `(length,)`) or `columns` (none).
        before: the sample itself; empty without data.
        sample: which sample it is.
        moves: one for each candidate but partial ones, then one for each augmentation.
    """

    kind: str
    before: Shown
    sample: str
    moves: tuple[Move, ...]


def moves_of(problem: Problem, data: DataSet | None) -> Moves:
    """Return what each candidate does to a validation sample; without data, in words alone."""
    card = problem.card
    whole = [n for n, symmetry in enumerate(problem.candidates) if symmetry.level is None]
    candidates = [problem.candidates[n] for n in whole]
    verdicts = [problem.verdicts[n] for n in whole]
    actions = [_on_values(symmetry, card) for symmetry in candidates]
    kind = KINDS[card.domain.kind] if data is None else _kind(data, actions)
    number, x = 0, np.zeros((card.channels, *card.domain.shape))
    if data is not None:
        number = _clearest(data, actions)
        x = np.asarray(data.validation.x[number], np.float64)
    flat = x.reshape(-1)
    limits = _limits(flat, any(action.is_signed for action in actions))
    shows_sample = data is not None and kind != "columns"

    def shown(values: NDArray[Any]) -> Shown:
        return _shown(values.reshape(x.shape), kind, limits) if shows_sample else ()

    moves = [
        _move(symmetry, action, shown(action.apply(flat)) if shows_sample else (), card, kind)
        for symmetry, action in zip(candidates, actions, strict=True)
    ]
    reasons = [() if one.proposed is None else (origin(one.proposed),) for one in verdicts]
    moves = [
        replace(move, others=(*reason, *move.others))
        for move, reason in zip(moves, reasons, strict=True)
    ]
    for name in problem.family.augmentations:
        after = shown(_augmented(name, x)) if shows_sample else ()
        description = "applied at random in each epoch of training"
        moves.append(Move(augmentation(name), description, after, (), (), None))
    sample = ""
    if data is not None and shows_sample:
        sample = f"sample {number + 1} of validation, {_label(data, number)}"
    return Moves(kind, shown(flat), sample, tuple(moves))


def _on_values(symmetry: Symmetry, data: DataCard) -> Permutation:
    """The action on all values of a sample: channels and indices."""
    channels = symmetry.channel_action(data.channels) or Permutation.identity(data.channels)
    return Permutation.kron(channels, symmetry.action(data.domain))


def _kind(data: DataSet, actions: list[Permutation]) -> str:
    kind = KINDS[data.domain.kind]
    if kind == "lines" and data.channels == len(DNA):
        some = np.asarray(data.validation.x[:MOST_LOOKED_AT])
        is_one_hot = bool(np.isin(some, (0, 1)).all() and (some.sum(axis=1) <= 1).all())
        if is_one_hot and not any(action.is_signed for action in actions):
            return "letters"
    return kind


def _label(data: DataSet, number: int) -> str:
    y = data.validation.y[number]
    if data.classes:
        return f"of class {data.classes[int(y)]}"
    pairs = zip(data.targets[:MOST_TARGETS], y.tolist(), strict=False)
    more = ", ..." if len(data.targets) > MOST_TARGETS else ""
    return "with " + ", ".join(f"{name} {value:.4g}" for name, value in pairs) + more


def _clearest(data: DataSet, actions: list[Permutation]) -> int:
    """The sample that the candidate with the smallest effect changes most."""
    some = np.asarray(data.validation.x[:MOST_LOOKED_AT], np.float64)
    flat = some.reshape(len(some), -1)
    least = np.full(len(flat), np.inf)
    for action in actions:
        if not action.is_identity:
            least = np.minimum(least, np.abs(action.apply(flat) - flat).mean(axis=1))
    return int(np.argmax(least))


def _move(symmetry: Symmetry, values: Permutation, after: Shown, data: DataCard, kind: str) -> Move:
    points = symmetry.action(data.domain)
    has_order = data.domain.kind in ("features", "sequence")
    columns = cycles_of(points, data.columns) if has_order else ()
    still = (values.image == np.arange(values.size)) & (values.signs > 0)
    share = float(1 - still.mean())
    moved = tuple(filter(None, (_channels(symmetry, data, kind), _outputs(symmetry, data))))
    return Move(str(symmetry), symmetry.description, after, columns, moved, share)


def _channels(symmetry: Symmetry, data: DataCard, kind: str) -> str:
    """What it does to channels, in a sentence; empty if nothing."""
    action = symmetry.channel_action(data.channels)
    if action is None or action.is_identity:
        return ""
    what = "Letters" if kind == "letters" else "Channels"
    names = tuple(DNA) if kind == "letters" else ()
    return f"{what} change {_change(action)}: {', '.join(cycles_of(action, names))}."


def _outputs(symmetry: Symmetry, data: DataCard) -> str:
    """What it does to classes or targets, in a sentence; empty if nothing."""
    names = data.classes or data.targets
    action = symmetry.output_action(len(names))
    if action is None or action.is_identity:
        return ""
    what = "Classes" if data.classes else "Targets"
    return f"{what} change {_change(action)}: {', '.join(cycles_of(action, names))}."


def _change(action: Permutation) -> str:
    moves = not np.array_equal(action.image, np.arange(action.size))
    return " and ".join(["places"] * moves + ["sign"] * action.is_signed)


def _augmented(name: str, x: NDArray[np.float64]) -> NDArray[Any]:
    """The sample after the first draw that changes it, among a few."""
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
    if kind == "letters":
        return (np.where(x.any(axis=0), np.array(tuple(DNA))[x.argmax(axis=0)], "·"),)
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
