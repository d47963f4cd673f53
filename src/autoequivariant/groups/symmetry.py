"""Symmetries as values: named or custom generators, with their action on each domain."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from autoequivariant.errors import SymmetryError, printable, shortened, shown
from autoequivariant.groups.actions import ACTIONS, channel_action, domain_action, symmetry_text
from autoequivariant.groups.domain import Domain, Pairs
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.problems import Problems
from autoequivariant.groups.whole_number import MOST_DIGITS, whole_number

_MAX_NAME_LENGTH = 200
_RESERVED_NAMES = ("all", "auto", "none", "none (baseline)", "baseline", "plain")
"""Names with another meaning wherever symmetries are named."""


@dataclass(frozen=True)
class CustomAction:
    """The action of a symmetry that is not in the table `ACTIONS`.

    Attributes:
        indices: the signed permutation of the input's indices, or of the items whose pairs these
            are. None: use `like`.
        like: the named symmetry whose action on indices it has. None: use `indices`; without both,
            indices stay in place.
        channels: the signed permutation of the input's channels. None: channels stay in place.
        outputs: the signed permutation of the target components, or the permutation of the classes.
            None: outputs stay in place, so the task is invariant.

    Raises:
        SymmetryError: it does not act on the input, or has both `indices` and `like`.
    """

    indices: Permutation | None = None
    like: Symmetry | None = None
    channels: Permutation | None = None
    outputs: Permutation | None = None

    def __post_init__(self) -> None:
        if self.indices is not None and self.like is not None:
            raise SymmetryError("It cannot have both like: and a permutation: keep one of them.")
        if self.indices is None and self.like is None and self.channels is None:
            raise SymmetryError(
                "It does not act on the input: add like:, a permutation of indices, or channels:."
            )


@dataclass(frozen=True)
class Symmetry:
    """A generator: a named symmetry with its parameters, or a custom one.

    A named symmetry round-trips through text, `Symmetry.parse(str(s)) == s`; a custom one through
    `to_json`.

    Args:
        name: a key of `ACTIONS`, such as `rot90` or `translate_x`; for a custom symmetry any other
            name of up to 200 characters without commas.
        parameters: integer parameters, such as the step of `translate_x:4` in indices.
        custom: the action of a custom symmetry.
        level: of a partial symmetry, `rot90@2`: the last level of a CNN whose layers have it
            (`point_group/chain.py`). Default: None, the whole network has it.

    Raises:
        SymmetryError: the name is unknown (the message suggests one), the number of parameters is
            wrong, or a custom name is taken or contains a comma.
    """

    name: str
    parameters: tuple[int, ...] = ()
    custom: CustomAction | None = None
    level: int | None = None

    def __post_init__(self) -> None:
        if self.custom is not None:
            _check_custom_name(self.name)
            return
        if self.name not in ACTIONS:
            raise SymmetryError(
                f"There is no symmetry {shown(self.name)}: {_suggestion(self.name)}"
            )
        names = ACTIONS[self.name].parameters
        if len(self.parameters) != len(names) or any(p < 0 for p in self.parameters):
            form = ":".join([self.name, "-".join(names).upper()]) if names else self.name
            written = shortened(str(self), _MAX_NAME_LENGTH)
            raise SymmetryError(f"Symmetry {written} is malformed: write {form}.")

    @classmethod
    def parse(cls, text: str) -> Symmetry:
        """Parse `rot90`, `translate_x:4`, `swap:0-3` or `rot90@2`; the inverse of `str`.

        Raises:
            SymmetryError: the name is unknown, or the parameters or the level are malformed.
        """
        before, at, after = text.strip().rpartition("@")
        if at:
            level = whole_number(after)
            if level is None:
                raise SymmetryError(
                    f"Symmetry {shown(text.strip())} is malformed: write the last level that has "
                    "it after the @, as in rot90@2."
                )
            return replace(cls.parse(before), level=level)
        name, colon, tail = text.strip().partition(":")
        if name not in ACTIONS or not colon:
            return cls(name)
        numbers = [whole_number(part) for part in tail.split("-")]
        parameters = tuple(number for number in numbers if number is not None)
        if len(parameters) < len(numbers):
            raise SymmetryError(
                f"Symmetry {shown(text.strip())} is malformed: write whole numbers of at most "
                f"{MOST_DIGITS} digits after the colon, as in translate_x:4 or swap:0-3."
            )
        return cls(name, parameters)

    def __str__(self) -> str:
        text = symmetry_text(self.name, self.parameters)
        return text if self.level is None else f"{text}@{self.level}"

    @property
    def whole(self) -> Symmetry:
        """The same symmetry of the whole network."""
        return self if self.level is None else replace(self, level=None)

    def to_json(self) -> str | dict[str, Any]:
        """Return the text of a named symmetry, or a mapping that `Definition.of` accepts."""
        if self.custom is None:
            return str(self)
        record: dict[str, Any] = {"name": self.name}
        if self.custom.like is not None:
            record["like"] = str(self.custom.like)
        if self.custom.indices is not None:
            record |= _permutation_json(self.custom.indices)
        if self.custom.channels is not None:
            record["channels"] = _permutation_json(self.custom.channels)
        if self.custom.outputs is not None:
            record["outputs"] = _permutation_json(self.custom.outputs)
        return record if self.level is None else record | {"level": self.level}

    @property
    def description(self) -> str:
        """What it does to a sample, in a few words."""
        custom = self.custom
        if custom is None:
            return ACTIONS[self.name].description
        parts = [] if custom.like is None else [custom.like.description]
        actions = {
            "indices": custom.indices,
            "channels": custom.channels,
            "outputs": custom.outputs,
        }
        parts += [_permutation_description(a, kind) for kind, a in actions.items() if a is not None]
        return "; ".join(parts)

    def action(self, domain: Domain) -> Permutation:
        """Return how it permutes the indices of `domain`.

        Raises:
            SymmetryError: it is not defined there, such as `rot90` on 3x5.
        """
        return _cached_action(self, domain)

    def channel_action(self, channels: int) -> Permutation | None:
        """Return how it permutes the input's channels; None if they stay in place.

        Raises:
            SymmetryError: it needs a different number of channels.
        """
        if self.custom is None:
            return channel_action(self.name, channels)
        action = self.custom.channels
        if action is None:
            return None if self.custom.like is None else self.custom.like.channel_action(channels)
        if action.size != channels:
            raise SymmetryError(
                f"{self} moves {action.size} channels, but the samples have {channels}."
            )
        return action

    def output_action(self, outputs: int) -> Permutation | None:
        """Return how it permutes the outputs; None if they stay in place.

        Raises:
            SymmetryError: it needs a different number of outputs.
        """
        action = None if self.custom is None else self.custom.outputs
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
        """Return the same symmetry for a coarser or finer domain, with its step scaled to the side.

        `translate_x:4` on 28x28 becomes `translate_x:2` on 14x14. A step that would not be an
        integer is kept; the check of law 4 (`closure/compatibility.py`) decides if that is sound.
        """
        if self.custom is not None:
            if self.custom.like is None:
                return self
            like = self.custom.like.rescaled(source, target)
            return replace(self, custom=replace(self.custom, like=like))
        axis = ACTIONS[self.name].axis
        if axis is None or source.kind != target.kind:
            return self
        step, rest = divmod(self.parameters[0] * target.shape[axis], source.shape[axis])
        return self if rest or step == 0 else Symmetry(self.name, (step,))


def parse_symmetries(text: str | Iterable[str]) -> tuple[Symmetry, ...]:
    """Parse a comma-separated list of symmetries, keeping the order and dropping repetitions.

    Raises:
        SymmetryError: lists the malformed and unknown entries.
    """
    entries = text.split(",") if isinstance(text, str) else list(text)
    problems = Problems()
    symmetries: dict[Symmetry, None] = {}
    for entry in (entry for entry in entries if entry.strip()):
        with problems.noted():
            symmetries[Symmetry.parse(entry)] = None
    problems.raise_if_any()
    return tuple(symmetries)


@lru_cache(maxsize=4096)
def _cached_action(symmetry: Symmetry, domain: Domain) -> Permutation:
    custom = symmetry.custom
    if custom is None:
        return domain_action(symmetry.name, symmetry.parameters, domain)
    if custom.like is not None:
        return custom.like.action(domain)
    if custom.indices is None:
        return Permutation.identity(domain.size)
    if isinstance(domain, Pairs) and custom.indices.size == domain.count:
        return Permutation.kron(custom.indices, custom.indices)
    if custom.indices.size != domain.size:
        raise SymmetryError(
            f"{symmetry} moves {custom.indices.size} indices, but {domain} has {domain.size}."
        )
    return custom.indices


def _permutation_json(action: Permutation) -> dict[str, list[int]]:
    record = {"image": action.image.tolist()}
    return record | {"signs": action.signs.tolist()} if action.is_signed else record


def _permutation_description(action: Permutation, kind: str) -> str:
    moved = int((action.image != range(action.size)).sum())
    negated = int((action.signs < 0).sum())
    parts = [f"moves {moved}"] if moved else []
    parts += [f"negates {negated}"] if negated else []
    return f"{' and '.join(parts) or 'fixes all'} of {action.size} {kind}"


def _check_custom_name(name: str) -> None:
    """Raise `SymmetryError` if a custom symmetry cannot have this name."""
    refusal = f"A custom symmetry cannot be called {shown(name, 2 * _MAX_NAME_LENGTH)}"
    known, _, _ = name.casefold().partition(":")
    if known.strip() in ACTIONS:
        raise SymmetryError(f"{refusal}, which is a built-in symmetry: choose another name.")
    if name.casefold().strip() in _RESERVED_NAMES:
        raise SymmetryError(f"{refusal}, which is a reserved word: choose another name.")
    if "," in name:
        better = " ".join(name.replace(",", " ").split())
        raise SymmetryError(
            f"{refusal}: commas separate symmetries in a list, so leave them out"
            + (f", as in {better[:_MAX_NAME_LENGTH]!r}." if better else ".")
        )
    if printable(name) != name:
        raise SymmetryError(f"{refusal}: leave out line breaks and control characters.")
    if not 1 <= len(name) <= _MAX_NAME_LENGTH:
        raise SymmetryError(f"{refusal}: give it a name of 1 to {_MAX_NAME_LENGTH} characters.")


def _suggestion(name: str) -> str:
    close = difflib.get_close_matches(name[:_MAX_NAME_LENGTH].lower(), ACTIONS, n=2, cutoff=0.6)
    if close:
        return "did you mean " + " or ".join(close) + "?"
    return "the names are " + ", ".join(ACTIONS) + "."
