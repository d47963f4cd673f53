"""Reading JSON that is not trusted: size, keys, types and ranges are checked in one place.

Types are dataclasses, or `msgspec.Struct`s with `forbid_unknown_fields` where an unknown field may
change the meaning; ranges and lengths are annotations (`Annotated[int, msgspec.Meta(ge=1)]`). An
integer needs a range, as JSON has none.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from autoequivariant.errors import ModelError, shown
from autoequivariant.files import read_at_most

T = TypeVar("T")

_MOST_DIGITS = 4000  # Python reads no more than 4,300

_WORDS = {
    "array": "a list",
    "bool": "true or false",
    "float": "a number",
    "int": "an integer",
    "null": "null",
    "object": "an object",
    "str": "a string",
}


def read_json(path: Path, kind: type[T], most: int, allow_nan: bool = False) -> T:
    """Read a JSON file into a type.

    Args:
        path: the file.
        kind: a dataclass, `msgspec.Struct` or any other type that `msgspec.convert` takes.
        most: largest size in bytes.
        allow_nan: as in `parse`.

    Raises:
        ModelError: it holds something else; the message names the file, the field, what was
            expected and what was found.
        RunError: it is missing, not a regular file, or too large.
        OSError: it cannot be read.
    """
    return to_type(parse(read_at_most(path, most), path.name, allow_nan), kind, path.name)


def to_type(value: Any, kind: type[T], name: str) -> T:
    """Convert plain values, as `json.loads` returns them, to a type; nothing is coerced.

    Args:
        value: the plain values.
        kind: as in `read_json`.
        name: what the value is called in error messages.

    Raises:
        ModelError: a field is missing, of another type or out of range.
    """
    try:
        return msgspec.convert(value, kind, strict=True)
    except msgspec.ValidationError as error:
        raise ModelError(_message(str(error), value, name)) from error
    except UnicodeEncodeError as error:
        raise ModelError(f"{name} holds a text with half of a surrogate pair") from error


def parse(content: bytes, name: str, allow_nan: bool = False) -> Any:
    """Read JSON without duplicate keys.

    Args:
        content: UTF-8 text.
        name: what it is called in error messages.
        allow_nan: accept `NaN` and `Infinity`, which are not JSON but which scores may be.

    Raises:
        ModelError: it is something else.
    """
    constants = None if allow_nan else _refuse_constant
    try:
        return json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=constants,
            parse_int=_whole_number,
        )
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise ModelError(f"{name} is not valid JSON ({reason})") from error


def _message(text: str, value: Any, name: str) -> str:
    """Turn an error of msgspec, such as "Expected `int` >= 1 - at `$.a[0]`", into ours."""
    what, _, path = text.partition(" - at `$")
    path = path.rstrip("`")
    place = name + (f": {path.lstrip('.')}" if path else "")
    field = re.fullmatch(r"Object (missing required|contains unknown) field `(.*)`", what, re.S)
    if field:
        verb = "has no" if field[1] == "missing required" else "holds the unknown field"
        return f"{place} {verb} {shown(field[2])}"
    try:
        found = shown(_at(value, path))
    except (LookupError, ValueError):  # msgspec does not name keys of mappings
        found = "another value"
    expected = re.fullmatch(r"Expected (.*?)(?:, got .*)?", what)
    if expected:
        words = re.sub(r"`([^`]*)`", lambda match: _in_words(match[1]), expected[1])
        return f"{place}: expected {words}, got {found}"
    return f"{place}: {found} is not an allowed value"


def _in_words(types: str) -> str:
    return " or ".join(_WORDS.get(name, name) for name in types.split(" | "))


def _at(value: Any, path: str) -> Any:
    """The value at a path such as `.a[0].b`."""
    for name, index in re.findall(r"\.([^.\[]+)|\[([^\]]*)\]", path):
        value = value[name] if name else value[int(index)]
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {shown(key)} appears twice")
        found[key] = value
    return found


def _whole_number(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"a number has {len(text):,} digits, more than {_MOST_DIGITS:,}")
    return int(text)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not allowed")
