"""Candidates as they are given on the command line: names, ready lists, and YAML files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from autoequivariant.errors import SettingsError, SymmetryError
from autoequivariant.groups.custom.definition import Candidate, candidate_of

SUFFIXES = (".yaml", ".yml")
MOST_BYTES = 10_000_000


def read_candidates(text: str) -> tuple[Candidate, ...]:
    """Read names (`hflip`, `translate_x:4`), ready lists (`square`) and YAML files, with commas
    between them.

    Raises:
        SettingsError, SymmetryError: as `read_symmetry_file`; or names every entry that is none.
    """
    whole = Path(text)
    entries = [text] if whole.suffix in SUFFIXES and whole.exists() else text.split(",")
    found: list[Candidate] = []
    troubles = []
    for entry in (entry.strip() for entry in entries):
        if Path(entry).suffix in SUFFIXES:
            found += read_symmetry_file(Path(entry))
        elif entry:
            try:
                found.append(candidate_of(entry))
            except SymmetryError as error:
                troubles.append(str(error))
    if troubles:
        raise SymmetryError(" ".join(troubles))
    return tuple(dict.fromkeys(found))


def read_symmetry_file(path: Path) -> tuple[Candidate, ...]:
    """Read candidates: a list, or a mapping with the list as `symmetries`.

    Each entry is a name (`hflip`, `translate_x:4`, `square`) or a mapping as `Definition.of` takes
    it. Nothing is run, and no class is made: YAML's safe subset alone is read.

    Raises:
        SettingsError: the file is not there, too large, no YAML, or holds no list.
        SymmetryError: names every entry that is no candidate, by its place.
    """
    entries = _entries(path, _parsed(path))
    found: list[Candidate] = []
    troubles = []
    for number, entry in enumerate(entries, 1):
        try:
            found.append(candidate_of(entry))
        except SymmetryError as error:
            troubles.append(f"entry {number}: {error}")
    if troubles:
        raise SymmetryError(f"{path}: {' '.join(troubles)}")
    return tuple(dict.fromkeys(found))


def _parsed(path: Path) -> Any:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise SettingsError(
                f"{path} is larger than {MOST_BYTES:,} bytes: give a file that lists candidates."
            )
        return yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except FileNotFoundError:
        raise SettingsError(f"There is no file {path} for --symmetries: check the path.") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}): check the path.") from error
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError, ValueError) as error:
        raise SettingsError(
            f"{path} is no YAML file ({_reason(error)}): write a list, as in - swap: a <-> b."
        ) from error


def _entries(path: Path, content: Any) -> list[Any]:
    if isinstance(content, dict):
        strangers = [str(key) for key in content if key != "symmetries"]
        if strangers:
            raise SettingsError(
                f"{path} has {', '.join(strangers)} at the top: it may have symmetries alone, with "
                "a list of them (begin each with a dash)."
            )
        content = content["symmetries"] if content else None
    if not isinstance(content, list) or not content:
        raise SettingsError(
            f"{path} lists no candidates: write one a line, as in - swap: left <-> right."
        )
    return content


class _Loader(yaml.SafeLoader):
    """Refuses what YAML would take in silence: a key twice, and parts that refer to others."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("it refers to another part by *: write that out")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        keys = [key.value for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.YAMLError(f"{', '.join(map(str, sorted(twice)))} stands twice in one entry")
        return super().construct_mapping(node, deep)


def _reason(error: Exception) -> str:
    problem, mark = getattr(error, "problem", None), getattr(error, "problem_mark", None)
    if problem and mark:
        return f"{problem}, line {mark.line + 1}"
    return " ".join(str(error).split()) or type(error).__name__
