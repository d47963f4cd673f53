"""Definitions of candidates before the data are known: custom symmetries and candidate lists."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from operator import methodcaller
from typing import Any

from autoequivariant.errors import SymmetryError, listed, shown
from autoequivariant.groups.catalogue import CANDIDATE_LISTS, MOST_CANDIDATES, candidate_list
from autoequivariant.groups.custom.categories import check_categories, fitting
from autoequivariant.groups.custom.default_name import default_name
from autoequivariant.groups.custom.notation import (
    PERMUTATION_KEYS,
    IndexNames,
    is_integer_list,
    parse_level,
    parse_permutation,
)
from autoequivariant.groups.domain import Domain, Pairs
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.problems import Problems
from autoequivariant.groups.symmetry import CustomAction, Symmetry
from autoequivariant.groups.whole_number import MOST_DIGITS

MOST_MOVES = 2**26
"""Largest number of candidates times indices: their actions take 600 MiB."""

_KEYS = ("name", "like", *PERMUTATION_KEYS, "channels", "outputs", "level")
_MOST_LEVELS = 4  # of lists and mappings in a mapping, as in outputs: {cycles: [[a, b]]}
_LONGEST_NAME = 200  # in an error message


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
        - `level`: the last level of a CNN whose layers have it. Default: all have it.

        Raises:
            SymmetryError: a key is unknown, the name is invalid, or a value has no JSON form.
        """
        if not isinstance(mapping, Mapping):
            raise SymmetryError(
                "A symmetry is a name, such as hflip, a mapping, such as swap: a <-> b, or the "
                f"image of each index, such as [1, 0, 2]; got {shown(mapping)}."
            )
        unknown = [shown(key) for key in mapping if key not in _KEYS]
        if unknown:
            raise SymmetryError(f"A symmetry has no {listed(unknown)}: use {', '.join(_KEYS)}.")
        try:
            text = json.dumps(dict(mapping), default=methodcaller("tolist"))
        except (AttributeError, RecursionError, TypeError, ValueError):
            text = ""
        if not text or _is_deep(json.loads(text)):
            raise SymmetryError(
                f"A symmetry must consist of names and numbers, of at most {MOST_DIGITS} digits, "
                f"and lists of them; got {shown(dict(mapping))}."
            )
        if "name" in mapping:
            _check_name(mapping["name"])
        return cls(text)

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
        columns: names of the columns of a table, or empty.
        channels: number of channels.
        outputs: names of the classes or target components.
        has_classes: whether outputs are classes.
        proposed: candidates that nobody listed; None if none were looked for.
        is_one_hot: in a sequence, whether each position has one channel equal to 1, the others 0.
        categories: of each column of a table, the values that it holds codes of; empty for a column
            of numbers. Empty if all columns are.
        few_values: of each column of few whole numbers, its values; none of another column.
        is_symmetric: of pairs, whether all samples are symmetric matrices.
        knots: of pairs, for each channel ends of segments of the values of an item with itself, and
            of those of two items (`nn/mlp/knots`); empty where values are not expanded.
    """

    domain: Domain
    columns: tuple[str, ...] = ()
    channels: int = 1
    outputs: tuple[str, ...] = ()
    has_classes: bool = True
    proposed: tuple[Symmetry, ...] | None = None
    is_one_hot: bool = False
    categories: tuple[tuple[str, ...], ...] = ()
    few_values: tuple[tuple[float, ...], ...] = ()
    is_symmetric: bool = False
    knots: tuple[tuple[float, ...], ...] = ()

    @cached_property
    def indices(self) -> IndexNames:
        """What a definition permutes: the domain's indices, or the items of pairs."""
        if isinstance(self.domain, Pairs):
            return IndexNames(self.domain.count, (), "item")
        kind = "column" if self.domain.kind == "features" else "index"
        return IndexNames(self.domain.size, self.columns, kind)

    @cached_property
    def output_names(self) -> IndexNames:
        """The outputs as indices."""
        kind = "class" if self.has_classes else "target"
        return IndexNames(len(self.outputs), self.outputs, kind)


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
        SymmetryError: lists the candidates that do not fit the data, with the reasons; or they are
            too many.
    """
    named = tuple(candidates)
    _check_count(len(named), spec.domain)
    found: dict[str, Symmetry] = {}
    numbers = _Numbers()
    problems = Problems()
    for candidate in named:
        with problems.noted():
            for symmetry in _symmetries(candidate, spec):
                check_categories(symmetry, spec.domain, spec.indices, spec.categories)
                if _has_default_name(candidate):
                    symmetry = numbers.numbered(symmetry, found)
                if found.setdefault(str(symmetry), symmetry) != symmetry:
                    raise SymmetryError(
                        f"Two symmetries are called {symmetry}: give each a name of its own."
                    )
    problems.raise_if_any()
    _check_count(len(found), spec.domain)  # again, as lists may name many
    return tuple(found.values())


def _check_count(count: int, domain: Domain) -> None:
    if count > MOST_CANDIDATES or count * domain.size > MOST_MOVES:
        raise SymmetryError(
            f"{count:,} candidates on {domain} are too many (at most {MOST_CANDIDATES:,}, which "
            f"move {MOST_MOVES:,} indices together): name fewer."
        )


def _symmetries(candidate: Candidate, spec: DataSpec) -> tuple[Symmetry, ...]:
    if isinstance(candidate, Symmetry):
        return (candidate,)
    if candidate.is_list:
        every = candidate_list(candidate.text, spec.domain)
        return fitting(every, spec.domain, spec.indices, spec.categories)
    mapping = json.loads(candidate.text)
    name = _name(mapping)
    try:
        symmetry = Symmetry(name, custom=_custom_action(mapping, spec), level=parse_level(mapping))
        _check_not_identity(symmetry, spec)
    except SymmetryError as error:
        raise SymmetryError(f"Symmetry {shown(name, _LONGEST_NAME)}: {error}") from None
    return (symmetry,)


def _has_default_name(candidate: Candidate) -> bool:
    if isinstance(candidate, Symmetry) or candidate.is_list:
        return False
    return "name" not in json.loads(candidate.text)


class _Numbers:
    """Numbers for default names that are taken: they are shortened, and so may coincide."""

    def __init__(self) -> None:
        self._numbered: dict[Symmetry, Symmetry] = {}
        self._last: dict[str, int] = {}  # the last number of each name

    def numbered(self, symmetry: Symmetry, found: Mapping[str, Symmetry]) -> Symmetry:
        """Append a number if the name is taken by another symmetry."""
        if symmetry not in self._numbered:
            numbered, number = symmetry, self._last.get(symmetry.name, 1)
            while found.get(str(numbered), numbered) != numbered:
                number += 1
                numbered = replace(symmetry, name=f"{symmetry.name} ({number})")
            self._numbered[symmetry], self._last[symmetry.name] = numbered, number
        return self._numbered[symmetry]


def _check_not_identity(symmetry: Symmetry, spec: DataSpec) -> None:
    channels = symmetry.channel_action(spec.channels)
    fixes_channels = channels is None or channels.is_identity
    if fixes_channels and symmetry.action(spec.domain).is_identity:
        raise SymmetryError("it leaves every sample unchanged: move or negate something.")


def _custom_action(mapping: dict[str, Any], spec: DataSpec) -> CustomAction:
    moves = {key: value for key, value in mapping.items() if key in PERMUTATION_KEYS}
    like = Symmetry.parse(str(mapping["like"])) if "like" in mapping else None
    indices = parse_permutation(moves, spec.indices) if moves else None
    channels = outputs = None
    if "channels" in mapping:
        channels = _part(mapping["channels"], IndexNames(spec.channels, (), "channel"))
    if "outputs" in mapping:
        outputs = _part(mapping["outputs"], spec.output_names)
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
    unknown = [key for key in mapping if key not in PERMUTATION_KEYS]
    if unknown:
        raise SymmetryError(
            f"{listed(unknown)} is not a permutation of {names.plural}: use "
            f"{', '.join(PERMUTATION_KEYS)}."
        )
    return parse_permutation(mapping, names)


def _name(mapping: Mapping[str, Any]) -> str:
    """The name of a symmetry, by default a description of its action."""
    if "name" in mapping:
        return str(mapping["name"]).strip()
    return default_name({key: value for key, value in mapping.items() if key != "level"})


def _check_name(name: Any) -> None:
    if isinstance(name, bool) or not isinstance(name, str | int):
        raise SymmetryError(
            f"name: must be text; got {shown(name)}: put it in quotes, or leave it out to name the "
            "symmetry after its action."
        )
    if str(name).strip().casefold() in CANDIDATE_LISTS:
        raise SymmetryError(
            f"A custom symmetry cannot be called {shown(name)}, which is a candidate list: choose "
            "another name."
        )


def _is_deep(value: Any, levels: int = _MOST_LEVELS) -> bool:
    """Whether lists and mappings are nested more deeply than any notation."""
    if not isinstance(value, dict | list):
        return False
    parts = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deep(part, levels - 1) for part in parts)
