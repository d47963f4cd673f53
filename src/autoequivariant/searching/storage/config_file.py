"""`config.json`: the settings of a run, written when it starts."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autoequivariant.errors import RunError, shown
from autoequivariant.files import read_at_most, write_atomically
from autoequivariant.jsonio import parse, to_type

FORMAT = 5
"""Of `config.json`, `results.json` and `verdicts.json`; raised when a key is renamed or its meaning
changes.
"""
MOST_BYTES = 2**25
"""Largest `config.json` or `results.json` that is read."""


@dataclass(frozen=True)
class Config:
    """The settings of a run.

    Attributes:
        kind: kind of run, such as `search`.
        identity: what determines its result (`Problem.identity`).
        command: other settings to keep with it.
    """

    kind: str
    identity: dict[str, Any]
    command: dict[str, Any]


def write_config(path: Path, config: Config) -> None:
    """Write `config.json` atomically."""
    write_json(path, {"format": FORMAT, **asdict(config)})


def read_config(path: Path) -> Config:
    """Read `config.json`.

    Raises:
        ModelError: it holds something else.
        RunError: it is of another format, missing, not a regular file, or too large.
        OSError: it cannot be read.
    """
    return to_type(read_formatted(path), Config, path.name)


def read_formatted(path: Path, allow_nan: bool = False) -> Any:
    """Read a JSON file of this version's format, as plain values; errors are as in `read_config`.

    Args:
        path: the file.
        allow_nan: accept `NaN` and `Infinity`, which scores may be.
    """
    record = parse(read_at_most(path, MOST_BYTES), path.name, allow_nan)
    found = record.get("format") if isinstance(record, dict) else FORMAT
    if found != FORMAT:
        what = "has no format" if found is None else f"has the format {shown(found)}"
        raise RunError(f"{path.name} {what}, and this version reads format {FORMAT}")
    return record


def write_json(path: Path, value: Any) -> None:
    """Write a value as indented JSON, atomically."""
    write_atomically(path, (json.dumps(value, indent=2) + "\n").encode())
