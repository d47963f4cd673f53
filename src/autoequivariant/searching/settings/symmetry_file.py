"""Candidates from the command line: names, lists and YAML files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from autoequivariant.errors import SettingsError, SymmetryError
from autoequivariant.groups.custom.definition import Candidate, candidate_of

SUFFIXES = (".yaml", ".yml")
MOST_BYTES = 10_000_000


def read_candidates(text: str) -> tuple[Candidate, ...]:
    """Read comma-separated names (`hflip`, `translate_x:4`), lists (`square`) and YAML files.

    Raises:
        SettingsError, SymmetryError: names every entry that is not a candidate, or as
            `read_symmetry_file`.
    """
    path = Path(text)
    entries = [text] if path.suffix in SUFFIXES and path.exists() else text.split(",")
    candidates: list[Candidate] = []
    problems = []
    for entry in (entry.strip() for entry in entries):
        if Path(entry).suffix in SUFFIXES:
            candidates += read_symmetry_file(Path(entry))
        elif entry:
            try:
                candidates.append(candidate_of(entry))
            except SymmetryError as error:
                problems.append(str(error))
    if problems:
        raise SymmetryError(" ".join(problems))
    return tuple(dict.fromkeys(candidates))


def read_symmetry_file(path: Path) -> tuple[Candidate, ...]:
    """Read a YAML file: a list of candidates, or a mapping with the list as `symmetries`.

    Each entry is a name (`hflip`, `translate_x:4`, `square`) or a mapping as for `Definition.of`.
    Only YAML's safe subset is read: nothing is executed, and no class is instantiated.

    Raises:
        SettingsError: the file is missing, too large, not YAML, or holds no list.
        SymmetryError: names every entry that is not a candidate, by its number.
    """
    entries = _entries(path, _parsed(path))
    candidates: list[Candidate] = []
    problems = []
    for number, entry in enumerate(entries, 1):
        try:
            candidates.append(candidate_of(entry))
        except SymmetryError as error:
            problems.append(f"entry {number}: {error}")
    if problems:
        raise SymmetryError(f"{path}: {' '.join(problems)}")
    return tuple(dict.fromkeys(candidates))


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
            f"{path} is not a YAML file ({_reason(error)}): write a list, as in - swap: a <-> b."
        ) from error


def _entries(path: Path, content: Any) -> list[Any]:
    if isinstance(content, dict):
        unknown = [str(key) for key in content if key != "symmetries"]
        if unknown:
            raise SettingsError(
                f"{path} must have only symmetries at the top, a list of them (begin each with a "
                f"dash); got {', '.join(unknown)}."
            )
        content = content["symmetries"] if content else None
    if not isinstance(content, list) or not content:
        raise SettingsError(
            f"{path} lists no candidates: write one per line, as in - swap: left <-> right."
        )
    return content


class _Loader(yaml.SafeLoader):
    """Refuses what YAML accepts silently: duplicate keys, and references to other parts."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("it refers to another part by *: write it out")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        keys = [key.value for key, _ in node.value]
        repeated = {key for key in keys if keys.count(key) > 1}
        if repeated:
            names = ", ".join(map(str, sorted(repeated)))
            raise yaml.YAMLError(f"{names} appears twice in one entry")
        return super().construct_mapping(node, deep)


def _reason(error: Exception) -> str:
    problem, mark = getattr(error, "problem", None), getattr(error, "problem_mark", None)
    if problem and mark:
        return f"{problem}, line {mark.line + 1}"
    return " ".join(str(error).split()) or type(error).__name__
