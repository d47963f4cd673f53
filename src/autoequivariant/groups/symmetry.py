"""A symmetry as a value: a named generator that knows its action on every domain that has one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from autoequivariant.errors import SymmetryError, printable
from autoequivariant.groups.actions import (
    ACTIONS,
    channel_permutation_of,
    permutation_of,
    text_of,
)
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.permutation import Permutation

_LONGEST_NAME = 200
_TAKEN = ("all", "auto", "none", "none (baseline)", "baseline", "plain")
"""Names that mean something else where symmetries are named."""


@dataclass(frozen=True)
class CustomAction:
    """What a symmetry does that is not in the table of actions.

    Attributes:
        moves: how it permutes the input's indices, and changes signs. None: as `like`.
        like: the named symmetry that it moves the input by. None: as `moves`; without both, every
            index stays.
        channels: how it permutes the input's channels, and changes signs. None: not at all.
        outputs: how it permutes the classes, or the components of the target, which may change
            their sign. None: not at all: then the task is invariant.

    Raises:
        SymmetryError: it does nothing to the input, says how to move it twice, or changes the sign
            of a class.
    """

    moves: Permutation | None = None
    like: Symmetry | None = None
    channels: Permutation | None = None
    outputs: Permutation | None = None

    def __post_init__(self) -> None:
        if self.moves is not None and self.like is not None:
            raise SymmetryError("It cannot move indices both by a permutation and like another.")
        if self.moves is None and self.like is None and self.channels is None:
            raise SymmetryError("It does nothing to the input: say how it moves indices.")


@dataclass(frozen=True)
class Symmetry:
    """A generator by its name and parameters, or one of a person's own.

    A named one is its text: `Symmetry.parse(str(s)) == s`. Others are what `to_json` says.

    Args:
        name: one of `autoequivariant.groups.ACTIONS`, such as `rot90` or `translate_x`; with `own`
            any other name, of up to 200 characters without commas.
        parameters: its integer parameters, such as the step of `translate_x:4` in indices of the
            domain.
        own: what it does, where it is not in that table.

    Raises:
        SymmetryError: no such name (the message suggests one), the wrong number of parameters, or a
            name of a person's own that means something else or cannot stand in a list.
    """

    name: str
    parameters: tuple[int, ...] = ()
    own: CustomAction | None = None

    def __post_init__(self) -> None:
        if self.own is not None:
            _check_own_name(self.name)
            return
        if self.name not in ACTIONS:
            raise SymmetryError(f"There is no symmetry {self.name!r}: {_suggestion(self.name)}")
        wanted = ACTIONS[self.name].parameters
        if len(self.parameters) != len(wanted) or any(p < 0 for p in self.parameters):
            form = ":".join([self.name, "-".join(wanted).upper()]) if wanted else self.name
            raise SymmetryError(f"Symmetry {self!s} is malformed: write {form}.")

    @classmethod
    def parse(cls, text: str) -> Symmetry:
        """Read `rot90`, `translate_x:4` or `swap:0-3`; the inverse of `str`.

        Raises:
            SymmetryError: the name is unknown, or the parameters are not as its form asks.
        """
        name, colon, tail = text.strip().partition(":")
        if name not in ACTIONS or not colon:
            return cls(name)
        if not re.fullmatch(r"[0-9]+(-[0-9]+)*", tail):
            raise SymmetryError(
                f"Symmetry {text.strip()!r} is malformed: after the colon stand whole numbers, "
                "as in translate_x:4 or swap:0-3."
            )
        return cls(name, tuple(int(number) for number in tail.split("-")))

    def __str__(self) -> str:
        return text_of(self.name, self.parameters)

    def to_json(self) -> str | dict[str, Any]:
        """Return the text of a named symmetry, and of another what `Definition.of` takes."""
        if self.own is None:
            return str(self)
        own = self.own
        found: dict[str, Any] = {"name": self.name}
        if own.like is not None:
            found["like"] = str(own.like)
        if own.moves is not None:
            found |= _plain(own.moves)
        if own.channels is not None:
            found["channels"] = _plain(own.channels)
        if own.outputs is not None:
            found["outputs"] = _plain(own.outputs)
        return found

    @property
    def does(self) -> str:
        """What it does to the data, in a few words."""
        if self.own is None:
            return ACTIONS[self.name].does
        own = self.own
        parts = [] if own.like is None else [own.like.does]
        for what, action in (
            ("indices", own.moves),
            ("channels", own.channels),
            ("outputs", own.outputs),
        ):
            parts += _changes(what, action)
        return "; ".join(parts)

    def action(self, domain: Domain) -> Permutation:
        """Return how it permutes the indices of `domain`.

        Raises:
            SymmetryError: it is not defined there (`rot90` on 3x5), by name and with the reason.
        """
        return _cached_action(self, domain)

    def channel_action(self, channels: int) -> Permutation | None:
        """Return how it permutes the input's channels; None where they all stay.

        Raises:
            SymmetryError: it needs another number of channels.
        """
        if self.own is None:
            return channel_permutation_of(self.name, channels)
        own = self.own
        if own.channels is None:
            return None if own.like is None else own.like.channel_action(channels)
        if own.channels.size != channels:
            raise SymmetryError(
                f"{self} moves {own.channels.size} channels, but the samples have {channels}."
            )
        return own.channels

    def output_action(self, outputs: int) -> Permutation | None:
        """Return how it permutes the outputs; None where they all stay.

        Raises:
            SymmetryError: it needs another number of outputs.
        """
        action = None if self.own is None else self.own.outputs
        if action is not None and action.size != outputs:
            raise SymmetryError(f"{self} moves {action.size} outputs, but there are {outputs}.")
        return action

    def is_defined_on(self, domain: Domain) -> bool:
        """Whether `action(domain)` exists."""
        try:
            self.action(domain)
        except SymmetryError:
            return False
        return True

    def rescaled(self, source: Domain, target: Domain) -> Symmetry:
        """Return the same symmetry for a coarser or finer `target`: steps shrink with the side.

        `translate_x:4` on 28x28 is `translate_x:2` on 14x14. Where the step would not be whole it
        stays as it is, and the check of law 4 (`compatibility.py`) decides whether that is sound.
        """
        if self.own is not None:
            if self.own.like is None:
                return self
            return replace(self, own=replace(self.own, like=self.own.like.rescaled(source, target)))
        axis = ACTIONS[self.name].axis
        if axis is None or source.kind != target.kind:
            return self
        step, rest = divmod(self.parameters[0] * target.shape[axis], source.shape[axis])
        return self if rest or step == 0 else Symmetry(self.name, (step,))


def parse_symmetries(text: str | Iterable[str]) -> tuple[Symmetry, ...]:
    """Read a comma-separated list of symmetries, in order and without repetitions.

    Raises:
        SymmetryError: names every malformed or unknown entry at once.
    """
    entries = text.split(",") if isinstance(text, str) else list(text)
    found: dict[Symmetry, None] = {}
    troubles: list[str] = []
    for entry in (entry for entry in entries if entry.strip()):
        try:
            found[Symmetry.parse(entry)] = None
        except SymmetryError as error:
            troubles.append(str(error))
    if troubles:
        raise SymmetryError(" ".join(troubles))
    return tuple(found)


@lru_cache(maxsize=4096)
def _cached_action(symmetry: Symmetry, domain: Domain) -> Permutation:
    own = symmetry.own
    if own is None:
        return permutation_of(symmetry.name, symmetry.parameters, domain)
    if own.like is not None:
        return own.like.action(domain)
    if own.moves is None:
        return Permutation.identity(domain.size)
    if own.moves.size != domain.size:
        raise SymmetryError(
            f"{symmetry} moves {own.moves.size} indices, but {domain} has {domain.size}."
        )
    return own.moves


def _plain(action: Permutation) -> dict[str, list[int]]:
    found = {"image": action.image.tolist()}
    return found | {"signs": action.signs.tolist()} if action.is_signed else found


def _changes(what: str, action: Permutation | None) -> list[str]:
    """What an action does, in a few words."""
    if action is None:
        return []
    moved = int((action.image != range(action.size)).sum())
    negated = int((action.signs < 0).sum())
    parts = [f"moves {moved}"] if moved else []
    parts += [f"negates {negated}"] if negated else []
    return [f"{' and '.join(parts) or 'leaves all'} of {action.size} {what}"]


def _check_own_name(name: str) -> None:
    """Raise `SymmetryError` where a symmetry of a person's own cannot be called so."""
    shown = repr(name if len(name) <= 2 * _LONGEST_NAME else f"{name[:_LONGEST_NAME]}...")
    begin = f"A symmetry of your own cannot be called {shown}"
    known, _, _ = name.casefold().partition(":")
    if known.strip() in ACTIONS or name.casefold().strip() in _TAKEN:
        meaning = "is a known symmetry" if known.strip() in ACTIONS else "means something else"
        raise SymmetryError(f"{begin}, which {meaning}: give it a name of its own.")
    if "," in name:
        better = " ".join(name.replace(",", " ").split())
        raise SymmetryError(
            f"{begin}: commas stand between symmetries in a list, so leave them out"
            + (f", as in {better[:_LONGEST_NAME]!r}." if better else ".")
        )
    if printable(name) != name:
        raise SymmetryError(f"{begin}: leave line breaks and control characters out.")
    if not 1 <= len(name) <= _LONGEST_NAME:
        raise SymmetryError(f"{begin}: give it a name of 1 to {_LONGEST_NAME} characters.")


def _suggestion(name: str) -> str:
    close = difflib.get_close_matches(name.lower(), ACTIONS, n=2, cutoff=0.6)
    if close:
        return "did you mean " + " or ".join(close) + "?"
    return "the names are " + ", ".join(ACTIONS) + "."
