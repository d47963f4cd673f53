"""Definitions of candidates before the data are known: custom symmetries and candidate lists."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.catalogue import CANDIDATE_LISTS, candidate_list
from autoequivariant.groups.custom.default_name import default_name
from autoequivariant.groups.custom.notation import (
    PERMUTATION_KEYS,
    IndexNames,
    is_integer_list,
    parse_permutation,
)
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import CustomAction, Symmetry

_KEYS = ("name", "like", *PERMUTATION_KEYS, "channels", "outputs")


@dataclass(frozen=True)
class Definition:
    """A custom symmetry as written, or the name of a candidate list; `resolve` interprets it.

    Attributes:
        text: JSON of the mapping (see `Definition.of`), or the name of the list.
    """

    text: str

    @classmethod
    def of(cls, mapping: Mapping[str, Any]) -> Definition:
        """Return the definition of a custom symmetry from a mapping with these keys.

        - `name`: up to 200 characters without commas. Default: a description of the action.
        - `image` and `signs`, `cycles`, `swap`, `ring`, `negate`: the permutation of indices
          (`notation.py`); or `like`: the named symmetry whose action it has.
        - `channels`: a mapping of the same kind for the input's channels.
        - `outputs`: the same for classes or target components; or the text `negate`.

        Raises:
            SymmetryError: a key is unknown, the name is invalid, or a value has no JSON form.
        """
        if not isinstance(mapping, Mapping):
            raise SymmetryError(
                "A symmetry is a name, such as hflip, a mapping, such as swap: a <-> b, or the "
                f"image of each index, such as [1, 0, 2]; got {mapping!r}."
            )
        unknown = [str(key) for key in mapping if key not in _KEYS]
        if unknown:
            raise SymmetryError(
                f"A symmetry has no {', '.join(map(repr, unknown))}: use {', '.join(_KEYS)}."
            )
        if "name" in mapping:
            _check_name(mapping["name"])
        try:
            return cls(json.dumps(dict(mapping), default=_array_to_list))
        except (AttributeError, TypeError, ValueError):
            raise SymmetryError(
                f"The symmetry {mapping!r} must consist of names and numbers."
            ) from None

    def __str__(self) -> str:
        return self.text if self.is_list else _name(json.loads(self.text))

    @property
    def is_list(self) -> bool:
        """Whether it names a candidate list."""
        return self.text in CANDIDATE_LISTS

    def to_json(self) -> str | dict[str, Any]:
        """Return the name of the list, or the mapping."""
        return self.text if self.is_list else dict(json.loads(self.text))


Candidate = Symmetry | Definition
"""A candidate as the user specifies it."""


@dataclass(frozen=True)
class DataSpec:
    """What candidates need to know about the data.

    Attributes:
        domain: of the samples.
        columns: names of the domain's indices, or empty.
        channels: number of channels.
        outputs: names of the classes or target components.
        has_classes: whether outputs are classes.
        similar_columns: in a table, groups of columns with similar distributions; None if unknown.
        is_one_hot: in a sequence, whether each position has one channel equal to 1, the others 0.
    """

    domain: Domain
    columns: tuple[str, ...] = ()
    channels: int = 1
    outputs: tuple[str, ...] = ()
    has_classes: bool = True
    similar_columns: tuple[tuple[int, ...], ...] | None = None
    is_one_hot: bool = False


def candidate_of(record: Any) -> Candidate:
    """Return the candidate that a text, a mapping, or a list with the image of each index denotes.

    Raises:
        SymmetryError: it denotes none.
    """
    if isinstance(record, Symmetry | Definition):
        return record
    if isinstance(record, str):
        definition = Definition(record.strip())
        return definition if definition.is_list else Symmetry.parse(record)
    if is_integer_list(record) and len(record):
        return Definition.of({"image": record})
    return Definition.of(record)


def resolve(candidates: Iterable[Candidate], spec: DataSpec) -> tuple[Symmetry, ...]:
    """Return the candidates' symmetries on given data, in order and without repetitions.

    Raises:
        SymmetryError: lists all candidates that do not fit the data, with the reasons.
    """
    found: dict[str, Symmetry] = {}
    errors = []
    for candidate in candidates:
        try:
            symmetries = _symmetries(candidate, spec)
        except SymmetryError as error:
            errors.append(str(error))
            continue
        for symmetry in symmetries:
            if _has_default_name(candidate):
                symmetry = _numbered(symmetry, found)
            if found.setdefault(str(symmetry), symmetry) != symmetry:
                errors.append(f"Two symmetries are called {symmetry}: give each a name of its own.")
    if errors:
        raise SymmetryError(" ".join(errors))
    return tuple(found.values())


def _symmetries(candidate: Candidate, spec: DataSpec) -> tuple[Symmetry, ...]:
    if isinstance(candidate, Symmetry):
        return (candidate,)
    if candidate.is_list:
        return candidate_list(candidate.text, spec.domain)
    mapping = json.loads(candidate.text)
    name = _name(mapping)
    try:
        symmetry = Symmetry(name, custom=_custom_action(mapping, spec))
        _check_not_identity(symmetry, spec)
    except SymmetryError as error:
        raise SymmetryError(f"Symmetry {name!r}: {error}") from None
    return (symmetry,)


def _has_default_name(candidate: Candidate) -> bool:
    if isinstance(candidate, Symmetry) or candidate.is_list:
        return False
    return "name" not in json.loads(candidate.text)


def _numbered(symmetry: Symmetry, found: Mapping[str, Symmetry]) -> Symmetry:
    """Append a number if its name is taken: default names are shortened, and so may coincide."""
    numbered, number = symmetry, 1
    while found.get(str(numbered), numbered) != numbered:
        number += 1
        numbered = replace(symmetry, name=f"{symmetry.name} ({number})")
    return numbered


def _check_not_identity(symmetry: Symmetry, spec: DataSpec) -> None:
    channels = symmetry.channel_action(spec.channels)
    fixes_channels = channels is None or channels.is_identity
    if fixes_channels and symmetry.action(spec.domain).is_identity:
        raise SymmetryError("it leaves every sample unchanged: move or negate something.")


def _custom_action(mapping: dict[str, Any], spec: DataSpec) -> CustomAction:
    moves = {key: value for key, value in mapping.items() if key in PERMUTATION_KEYS}
    like = Symmetry.parse(str(mapping["like"])) if "like" in mapping else None
    kind = "column" if spec.domain.kind == "features" else "index"
    names = IndexNames(spec.domain.size, spec.columns, kind)
    indices = parse_permutation(moves, names) if moves else None
    channels = outputs = None
    if "channels" in mapping:
        channels = _part(mapping["channels"], IndexNames(spec.channels, (), "channel"))
    if "outputs" in mapping:
        kind = "class" if spec.has_classes else "target"
        outputs = _part(mapping["outputs"], IndexNames(len(spec.outputs), spec.outputs, kind))
        if spec.has_classes and outputs.is_signed:
            raise SymmetryError("classes have no sign to change: permute them with swap: or ring:.")
    return CustomAction(indices, like, channels, outputs)


def _part(mapping: Any, names: IndexNames) -> Permutation:
    """The permutation of channels or outputs."""
    if mapping == "negate":
        mapping = {"negate": "all"}
    if not isinstance(mapping, Mapping):
        raise SymmetryError(
            f"the permutation of {names.plural} must be a mapping, as in swap: a <-> b."
        )
    unknown = [str(key) for key in mapping if key not in PERMUTATION_KEYS]
    if unknown:
        raise SymmetryError(
            f"{', '.join(unknown)} is not a permutation of {names.plural}: use "
            f"{', '.join(PERMUTATION_KEYS)}."
        )
    return parse_permutation(mapping, names)


def _name(mapping: Mapping[str, Any]) -> str:
    """The name of a symmetry, by default a description of its action."""
    return str(mapping["name"]).strip() if "name" in mapping else default_name(mapping)


def _check_name(name: Any) -> None:
    if isinstance(name, bool) or not isinstance(name, str | int):
        raise SymmetryError(
            f"name: must be text; got {name!r}: put it in quotes, or leave it out to name the "
            "symmetry after its action."
        )
    if str(name).strip().casefold() in CANDIDATE_LISTS:
        raise SymmetryError(
            f"A custom symmetry cannot be called {name!r}, which is a candidate list: choose "
            "another name."
        )


def _array_to_list(value: Any) -> Any:
    """JSON's form of NumPy arrays and scalars."""
    return value.tolist()
