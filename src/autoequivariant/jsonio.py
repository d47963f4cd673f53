"""JSON of which nothing is trusted: its size, its keys and the types of its values are checked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autoequivariant.errors import ModelError
from autoequivariant.files import read_at_most


def parse(content: bytes, name: str, allow_nan: bool = False) -> Any:
    """Read JSON in which no key stands twice.

    Args:
        content: the text, UTF-8.
        name: what it is, for messages.
        allow_nan: take NaN and infinity, which JSON does not know and scores may be.

    Raises:
        ModelError: it is something else.
    """
    constants = None if allow_nan else _no_constant
    try:
        found = json.loads(
            content.decode("utf-8"), object_pairs_hook=_unique, parse_constant=constants
        )
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise ModelError(f"{name} is no JSON that can be used ({reason})") from error
    return found


def parse_object(content: bytes, name: str, allow_nan: bool = False) -> dict[str, Any]:
    """Read a JSON object; arguments are as in `parse`.

    Raises:
        ModelError: it is something else.
    """
    found = parse(content, name, allow_nan)
    if not isinstance(found, dict):
        raise ModelError(f"{name} holds no object but {shown(found)}")
    return found


def read_object(path: Path, most: int, allow_nan: bool = False) -> dict[str, Any]:
    """Read a file that holds a JSON object.

    Args:
        path: the file.
        most: bytes that it may have.
        allow_nan: as in `parse`.

    Raises:
        ModelError: it holds something else.
        RunError: it is missing, no regular file, or larger.
        OSError: it cannot be read.
    """
    return parse_object(read_at_most(path, most), path.name, allow_nan)


class Fields:
    """An object's fields, each read once, with its type and range checked.

    Args:
        record: the object.
        name: what it is, for messages.
    """

    def __init__(self, record: dict[str, Any], name: str) -> None:
        self._record, self._name, self._read = record, name, set[str]()

    def value(self, key: str) -> Any:
        """Return a field of any type.

        Raises:
            ModelError: there is none.
        """
        if key not in self._record:
            raise ModelError(f"{self._name} has no {key!r}")
        self._read.add(key)
        return self._record[key]

    def has(self, key: str) -> bool:
        """Whether there is such a field."""
        return key in self._record

    def choice(self, key: str, choices: Iterable[str]) -> str:
        """Return a text that is one of `choices`."""
        value, known = self.value(key), tuple(choices)
        if not isinstance(value, str) or value not in known:
            raise ModelError(f"its {key} is {shown(value)}, not {' or '.join(known)}")
        return value

    def text(self, key: str) -> str:
        """Return a text."""
        found: str = self._checked(key, self.value(key), str, "a text")
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(self._checked(key, value, str, "texts") for value in self._list(key))

    def records(self, key: str) -> tuple[str | dict[str, Any], ...]:
        """Return a list of texts and objects."""
        found = self._list(key)
        strangers = [value for value in found if not isinstance(value, str | dict)]
        if strangers:
            raise ModelError(f"its {key} holds {shown(strangers[0])}, not texts or objects")
        return tuple(found)

    def mapping(self, key: str) -> dict[str, Any]:
        """Return an object."""
        found: dict[str, Any] = self._checked(key, self.value(key), dict, "an object")
        return found

    def whole(self, key: str, least: int, most: int) -> int:
        """Return a whole number in a range."""
        return self._ranged(key, self.value(key), least, most)

    def wholes(self, key: str, least: int, most: int) -> tuple[int, ...]:
        """Return a list of whole numbers in a range."""
        return tuple(self._ranged(key, value, least, most) for value in self._list(key))

    def share(self, key: str) -> float:
        """Return a number in [0, 1)."""
        value = self.value(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1:
            raise ModelError(f"its {key} is {shown(value)}, not a number from 0 to less than 1")
        return float(value)

    def refuse_others(self) -> None:
        """Refuse fields that were not read: what is not understood may change the meaning.

        Raises:
            ModelError: there are some.
        """
        others = [key for key in self._record if key not in self._read]
        if others:
            raise ModelError(f"{self._name} holds {shown(others[0])}, which is not known here")

    def _list(self, key: str) -> list[Any]:
        found: list[Any] = self._checked(key, self.value(key), list, "a list")
        return found

    def _checked(self, key: str, value: Any, kind: type, wanted: str) -> Any:
        if not isinstance(value, kind):
            raise ModelError(f"its {key} holds {shown(value)}, not {wanted}")
        return value

    def _ranged(self, key: str, value: Any, least: int, most: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ModelError(
                f"its {key} holds {shown(value)}, not a whole number from {least} to {most:,}"
            )
        return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"{shown(key)} stands in it twice")
        found[key] = value
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"it holds {name}")


def shown(value: Any) -> str:
    """A stranger's value, in a few letters."""
    if isinstance(value, int) and value.bit_length() > 200:
        return "a number of more than 60 digits"
    if isinstance(value, dict | list):
        return f"{type(value).__name__} of {len(value)}"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
