"""YAML as plain values: mappings with text for keys, lists and scalars, in linear time.

PyYAML splits the text into events and no more. Its constructors take untrusted text to `int()` and
the like, which fail on `!!int ""`, and follow references, which may multiply a short file.
"""

from __future__ import annotations

from typing import Any, Never

import yaml
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

from autoequivariant.errors import SettingsError, shown
from autoequivariant.groups.whole_number import MOST_DIGITS

MOST_VALUES = 1_000_000
"""Largest number of scalars, lists and mappings: what is read in a few seconds."""
MOST_LEVELS = 8
"""Deepest nesting: symmetries, a list, an entry, its outputs, a list of cycles and each of them."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is an option of PyYAML
_LONGEST_NUMBER = 100  # in characters; PyYAML turns longer ones into numbers in quadratic time
_TYPES = {f"tag:yaml.org,2002:{name}": name for name in ("null", "bool", "int", "float")}
_RESOLVER, _CONSTRUCTOR = Resolver(), SafeConstructor()


def read_yaml(text: str, name: str, most_entries: int) -> Any:
    """Read one document of YAML; of plain scalars, null, booleans and numbers are recognised.

    Args:
        text: the document.
        name: what error messages call it.
        most_entries: largest length of the outermost list.

    Returns:
        Plain values; None for an empty document.

    Raises:
        SettingsError: it is not YAML; it has references, tags, keys that repeat or are not text, or
            numbers of more than `MOST_DIGITS` digits; or it is too long or too deep. The message
            has the line, and the number of the entry of the outermost list.
    """
    return _Reader(text, name, most_entries).document()


class _Reader:
    def __init__(self, text: str, name: str, most_entries: int) -> None:
        self._events = yaml.parse(text, _LOADER)
        self._name = name
        self._most_entries = most_entries
        self._entry: int | None = None  # number of the entry in the outermost list
        self._n_values = 0

    def document(self) -> Any:
        """Read the whole text."""
        self._next()  # the start of the stream
        if isinstance(self._next(), yaml.StreamEndEvent):
            return None
        content = self._value(self._next(), 0)
        self._next()  # the end of the document
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            self._refuse(after, "a second document begins: keep one")
        return content

    def _next(self) -> yaml.Event:
        try:
            return next(self._events)
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            # Without libyaml, numbers in directives and escapes go to int() and chr() unchecked.
            raise SettingsError(
                f"{self._name} is not a YAML file ({_reason(error)}): write a list, as in - swap: "
                "a <-> b."
            ) from error

    def _value(self, event: yaml.Event, level: int) -> Any:
        if isinstance(event, yaml.AliasEvent):
            self._refuse(
                event, f"it refers to another part by *{shown(event.anchor)[1:-1]}: write it out"
            )
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._refuse(event, f"it has the tag {shown(tag)}: leave it out")
        self._n_values += 1
        if self._n_values > MOST_VALUES:
            self._refuse(event, f"the file has more than {MOST_VALUES:,} values: shorten it")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if level == MOST_LEVELS:
            self._refuse(event, f"lists are nested in more than {MOST_LEVELS} levels: unnest them")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(level + 1)
        return self._mapping(level + 1)

    def _list(self, level: int) -> list[Any]:
        values: list[Any] = []
        is_outermost = self._entry is None
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            if is_outermost:
                self._entry = len(values) + 1
                if self._entry > self._most_entries:
                    self._refuse(event, f"there are more than {self._most_entries:,}: list fewer")
            values.append(self._value(event, level))
        if is_outermost:
            self._entry = None
        return values

    def _mapping(self, level: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._value(event, level)
            if not isinstance(key, str):
                self._refuse(event, f"the key {shown(key)} is not text: put it in quotes")
            if key in values:
                self._refuse(event, f"{shown(key)} appears twice in one mapping: keep one")
            values[key] = self._value(self._next(), level)
        return values

    def _scalar(self, event: yaml.ScalarEvent) -> Any:
        kind = _plain_type(event.value) if event.implicit[0] else None
        if kind is None:
            return event.value
        if len(event.value) > _LONGEST_NUMBER:
            self._refuse_number(event)
        construct = getattr(_CONSTRUCTOR, f"construct_yaml_{kind}")
        try:
            value = construct(yaml.ScalarNode(kind, event.value))
        except ValueError:  # such as 0x_
            self._refuse(event, f"{shown(event.value)} is not a number: put it in quotes")
        if kind == "int" and abs(value) >= 10**MOST_DIGITS:
            self._refuse_number(event)
        return value

    def _refuse_number(self, event: yaml.ScalarEvent) -> Never:
        problem = f"the number {shown(event.value)[1:-1]} has more than {MOST_DIGITS} digits"
        self._refuse(event, f"{problem}: put it in quotes if it is a name")

    def _refuse(self, event: yaml.Event, problem: str) -> Never:
        entry = "" if self._entry is None else f"entry {self._entry}, "
        mark = event.start_mark
        line = "" if mark is None else f"line {mark.line + 1}: "
        raise SettingsError(f"{self._name}: {entry}{line}{problem}.")


def _plain_type(text: str) -> str | None:
    """The type of a scalar without quotes; None for text."""
    tag: str = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return _TYPES.get(tag)


def _reason(error: Exception) -> str:
    problem, mark = getattr(error, "problem", None), getattr(error, "problem_mark", None)
    if problem and mark:
        return f"{problem}, line {mark.line + 1}"
    return " ".join(str(error).split()) or type(error).__name__
