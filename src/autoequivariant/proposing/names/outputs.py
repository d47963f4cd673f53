"""What an exchange of sides or records does to classes and targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autoequivariant.proposing.names.draft import Cycles
from autoequivariant.proposing.names.words import OPPOSITES, Sides, is_number, words


@dataclass(frozen=True)
class OutputMove:
    """What happens to the outputs.

    Attributes:
        text: what is added to the name of the exchange.
        reason: what is added to its reason.
        cycles, negates: as in `Draft`.
        is_named: whether the names of the outputs say so.
    """

    text: str
    reason: str
    cycles: Cycles = ()
    negates: bool = False
    is_named: bool = False


STAY = OutputMove("", "")


def side_moves(outputs: Sequence[str], has_classes: bool, sides: Sides) -> list[OutputMove]:
    """Return what the outputs may do if two sides are exchanged, most promising first.

    If outputs are sides as well, they are exchanged first, and then stay. Otherwise they stay, or
    two classes are exchanged, or two of three classes that are numbers, or a single target changes
    its sign.
    """
    words_of_sides = zip(sides.first, sides.second, strict=True)
    renamed = [relabelled(outputs, {a: b, b: a}) for a, b in words_of_sides]
    named = next(filter(None, renamed), ()) or _scores(outputs)
    if named:
        return [_exchange(outputs, named, has_classes, is_named=True), STAY]
    if not has_classes:
        change = OutputMove("; -target", "the target may be their difference", negates=True)
        return [STAY, change] if len(outputs) == 1 else [STAY]
    opposite = {**OPPOSITES, **{second: first for first, second in OPPOSITES.items()}}
    pairs_of_classes = {
        2: ((0, 1),),
        3: ((0, 2), (1, 2), (0, 1)) if all(map(_is_numeric, outputs)) else (),
    }
    named = relabelled(outputs, opposite)
    cycles = [named] if named else [(pair,) for pair in pairs_of_classes.get(len(outputs), ())]
    return [STAY, *(_exchange(outputs, each, True, is_named=False) for each in cycles)]


def relabelled(outputs: Sequence[str], renamed: Mapping[str, str]) -> Cycles:
    """Return how outputs move if words in their names are replaced; empty if they do not.

    Args:
        outputs: their names.
        renamed: words, in lower case, and what they become.
    """
    read = [tuple(word.casefold() for word in words(name)) for name in outputs]
    index = {own: number for number, own in enumerate(read) if own}
    if len(index) < len(read):
        return ()
    images = [index.get(tuple(renamed.get(word, word) for word in own)) for own in read]
    return _cycles(images)


def _scores(outputs: Sequence[str]) -> Cycles:
    """The exchange of results such as 1-0 and 0-1."""
    read = [words(name) for name in outputs]
    index = {own: number for number, own in enumerate(read)}
    if len(index) < len(read) or not all(all(map(is_number, own)) and own for own in read):
        return ()
    swapped = [(*own[len(own) // 2 :], *own[: len(own) // 2]) for own in read]
    return _cycles([index.get(own) for own in swapped])


def _cycles(images: Sequence[int | None]) -> Cycles:
    """The cycles of a permutation; empty for the identity and for what is none."""
    if sorted(-1 if image is None else image for image in images) != list(range(len(images))):
        return ()
    found, seen = [], set[int]()
    for start in range(len(images)):
        cycle, index = [], start
        while index not in seen:
            seen.add(index)
            cycle.append(index)
            image = images[index]
            index = start if image is None else image
        if len(cycle) > 1:
            found.append(tuple(cycle))
    return tuple(found)


def _exchange(
    outputs: Sequence[str], cycles: Cycles, has_classes: bool, is_named: bool
) -> OutputMove:
    what = "classes" if has_classes else "targets"
    shown = " ".join(f"{outputs[cycle[0]]}/{outputs[cycle[1]]}" for cycle in cycles[:2])
    reason = f"so are {what} {shown}" if is_named else f"{what} {shown} may be sides"
    return OutputMove(f"; {what} {shown}", reason, cycles, is_named=is_named)


def _is_numeric(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return True
