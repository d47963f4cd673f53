"""Candidates before it is known what they act on: symmetries of a person's own, and ready lists."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.catalogue import CANDIDATE_LISTS, candidate_list
from autoequivariant.groups.custom.default_name import default_name
from autoequivariant.groups.custom.notation import WAYS, Labels, are_whole_numbers, permutation_of
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import CustomAction, Symmetry

_KEYS = ("name", "like", *WAYS, "channels", "outputs")


@dataclass(frozen=True)
class Definition:
    """A symmetry of a person's own as it is written, or the name of a ready list.

    Attributes:
        text: JSON of the mapping (`Definition.of`), or the name of the list.

    `resolve` makes symmetries of it once the data are known.
    """

    text: str

    @classmethod
    def of(cls, mapping: Mapping[str, Any]) -> Definition:
        """Take a mapping with these keys.

        - `name`: what the symmetry is called: up to 200 characters, without commas. Default: what
          it does.
        - `image` and `signs`, `cycles`, `swap`, `ring`, `negate`: how it moves indices
          (`naming.py`); or `like`: the named symmetry that it moves them like.
        - `channels`: a mapping of the same kind, for the input's channels.
        - `outputs`: the same for classes or target components; or the text `negate`.

        Raises:
            SymmetryError: a key is unknown, a name cannot be one, or a value cannot be written
                down.
        """
        if not isinstance(mapping, Mapping):
            raise SymmetryError(
                "A symmetry is a name, such as hflip, a mapping, such as swap: a <-> b, or the "
                f"image of each index, such as [1, 0, 2]; not {mapping!r}."
            )
        strangers = [str(key) for key in mapping if key not in _KEYS]
        if strangers:
            raise SymmetryError(
                f"A symmetry has no {', '.join(map(repr, strangers))}: it has {', '.join(_KEYS)}."
            )
        if "name" in mapping:
            _check_name(mapping["name"])
        try:
            return cls(json.dumps(dict(mapping), default=_plain))
        except (AttributeError, TypeError, ValueError):
            raise SymmetryError(f"The symmetry {mapping!r} is not of names and numbers.") from None

    def __str__(self) -> str:
        return self.text if self.text in CANDIDATE_LISTS else _name(json.loads(self.text))

    def to_json(self) -> str | dict[str, Any]:
        """Return the name of the list, or the mapping."""
        return self.text if self.text in CANDIDATE_LISTS else dict(json.loads(self.text))


Candidate = Symmetry | Definition
"""What can be asked for as a candidate."""


@dataclass(frozen=True)
class DataSpec:
    """What symmetries act on.

    Attributes:
        domain: of the samples.
        columns: names of its indices, or none.
        channels: their number.
        outputs: names of the classes, or of the target's components.
        has_classes: whether they are classes.
        similar_columns: of a table, groups of columns that look alike; None where that is not known.
        is_one_hot: of a sequence, whether one channel is 1 at each place and the others are 0.
    """

    domain: Domain
    columns: tuple[str, ...] = ()
    channels: int = 1
    outputs: tuple[str, ...] = ()
    has_classes: bool = True
    similar_columns: tuple[tuple[int, ...], ...] | None = None
    is_one_hot: bool = False


def candidate_of(record: Any) -> Candidate:
    """Read a candidate as people write it: a text, a mapping, the image of each index alone, or
    what is one already.

    Raises:
        SymmetryError: it is none.
    """
    if isinstance(record, Symmetry | Definition):
        return record
    if isinstance(record, str):
        return (
            Definition(record.strip())
            if record.strip() in CANDIDATE_LISTS
            else Symmetry.parse(record)
        )
    if are_whole_numbers(record) and len(record):
        return Definition.of({"image": record})
    return Definition.of(record)


def resolve(candidates: Iterable[Candidate], spec: DataSpec) -> tuple[Symmetry, ...]:
    """Return the symmetries, in order and without repetitions.

    Raises:
        SymmetryError: names each that does not fit, and why.
    """
    found: dict[str, Symmetry] = {}
    troubles = []
    for candidate in candidates:
        try:
            symmetries = _resolved(candidate, spec)
        except SymmetryError as error:
            troubles.append(str(error))
            continue
        for symmetry in symmetries:
            if _has_made_name(candidate):
                symmetry = _numbered(symmetry, found)
            former = found.setdefault(str(symmetry), symmetry)
            if former != symmetry:
                troubles.append(
                    f"Two symmetries are called {symmetry}: give each a name of its own."
                )
    if troubles:
        raise SymmetryError(" ".join(troubles))
    return tuple(found.values())


def _resolved(candidate: Candidate, spec: DataSpec) -> tuple[Symmetry, ...]:
    if isinstance(candidate, Symmetry):
        return (candidate,)
    if candidate.text in CANDIDATE_LISTS:
        return candidate_list(candidate.text, spec.domain)
    mapping = json.loads(candidate.text)
    name = _name(mapping)
    try:
        symmetry = Symmetry(name, custom=_custom_action(mapping, spec))
        _check_that_it_moves(symmetry, spec)
    except SymmetryError as error:
        raise SymmetryError(f"Symmetry {name!r}: {error}") from None
    return (symmetry,)


def _has_made_name(candidate: Candidate) -> bool:
    if isinstance(candidate, Symmetry) or candidate.text in CANDIDATE_LISTS:
        return False
    return "name" not in json.loads(candidate.text)


def _numbered(symmetry: Symmetry, found: Mapping[str, Symmetry]) -> Symmetry:
    """Return it under a name that no other has: names that say what symmetries do are shortened,
    and may be alike.
    """
    numbered, number = symmetry, 1
    while found.get(str(numbered), numbered) != numbered:
        number += 1
        numbered = replace(symmetry, name=f"{symmetry.name} ({number})")
    return numbered


def _check_that_it_moves(symmetry: Symmetry, spec: DataSpec) -> None:
    channels = symmetry.channel_action(spec.channels)
    stays = channels is None or channels.is_identity
    if stays and symmetry.action(spec.domain).is_identity:
        raise SymmetryError("it leaves every sample as it is: let it move or negate something.")


def _custom_action(mapping: dict[str, Any], spec: DataSpec) -> CustomAction:
    ways = {key: value for key, value in mapping.items() if key in WAYS}
    like = Symmetry.parse(str(mapping["like"])) if "like" in mapping else None
    domain = spec.domain
    what = "column" if domain.kind == "features" else "index"
    moves = permutation_of(ways, Labels(domain.size, spec.columns, what)) if ways else None
    channels = outputs = None
    if "channels" in mapping:
        channels = _part(mapping["channels"], Labels(spec.channels, (), "channel"))
    if "outputs" in mapping:
        what = "class" if spec.has_classes else "target"
        outputs = _part(mapping["outputs"], Labels(len(spec.outputs), spec.outputs, what))
        if spec.has_classes and outputs.is_signed:
            raise SymmetryError("classes have no sign to change: permute them with swap: or ring:.")
    return CustomAction(moves, like, channels, outputs)


def _part(mapping: Any, labels: Labels) -> Permutation:
    if mapping == "negate":
        mapping = {"negate": "all"}
    if not isinstance(mapping, Mapping):
        raise SymmetryError(
            f"what it does to each {labels.what} is a mapping, as in swap: a <-> b."
        )
    strangers = [str(key) for key in mapping if key not in WAYS]
    if strangers:
        raise SymmetryError(
            f"a {labels.what} is not moved by {', '.join(strangers)}: use {', '.join(WAYS)}."
        )
    return permutation_of(mapping, labels)


def _name(mapping: Mapping[str, Any]) -> str:
    """What a symmetry is called: by its name, or by what it does."""
    return str(mapping["name"]).strip() if "name" in mapping else default_name(mapping)


def _check_name(name: Any) -> None:
    if isinstance(name, bool) or not isinstance(name, str | int):
        raise SymmetryError(
            f"name: is a text, not {name!r}: put it in quotes, or leave it out, and it is called "
            "what it does."
        )
    if str(name).strip().casefold() in CANDIDATE_LISTS:
        raise SymmetryError(
            f"A symmetry of your own cannot be called {name!r}, which is a ready list: give it a "
            "name of its own."
        )


def _plain(value: Any) -> Any:
    """Arrays of NumPy as lists."""
    return value.tolist()
