"""A symmetry as a value: a named generator that knows its action on every domain that has one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.actions import ACTIONS, permutation_of, text_of
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.permutation import Permutation


@dataclass(frozen=True, order=True)
class Symmetry:
    """A generator by its name and parameters; `Symmetry.parse(str(s)) == s`.

    Args:
        name: one of `autoequivariant.groups.ACTIONS`, such as `rot90` or `translate_x`.
        parameters: its integer parameters, such as the step of `translate_x:4` in indices of the
            domain.

    Raises:
        SymmetryError: no such name (the message suggests one), or the wrong number of parameters.
    """

    name: str
    parameters: tuple[int, ...] = ()

    def __post_init__(self) -> None:
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

    @property
    def does(self) -> str:
        """What it does to the data, in a few words."""
        return ACTIONS[self.name].does

    def action(self, domain: Domain) -> Permutation:
        """Return how it permutes the indices of `domain`.

        Raises:
            SymmetryError: it is not defined there (`rot90` on 3x5), by name and with the reason.
        """
        return _cached_action(self, domain)

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
    return permutation_of(symmetry.name, symmetry.parameters, domain)


def _suggestion(name: str) -> str:
    close = difflib.get_close_matches(name.lower(), ACTIONS, n=2, cutoff=0.6)
    if close:
        return "did you mean " + " or ".join(close) + "?"
    return "the names are " + ", ".join(ACTIONS) + "."
