"""Candidates from the command line: names, lists and YAML files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autoequivariant.candidates.plain_yaml import read_yaml
from autoequivariant.errors import RunError, SettingsError, listed, shown
from autoequivariant.files import read_at_most
from autoequivariant.groups.catalogue import MOST_CANDIDATES
from autoequivariant.groups.custom.definition import Candidate, candidate_of
from autoequivariant.groups.problems import Problems

SUFFIXES = (".yaml", ".yml")
MOST_BYTES = 10_000_000


def read_candidates(text: str) -> tuple[Candidate, ...]:
    """Read comma-separated names (`hflip`, `translate_x:4`), lists (`square`) and YAML files.

    Raises:
        SettingsError, SymmetryError: names the entries that are not candidates, or as
            `read_symmetry_file`.
    """
    is_one_path = text.endswith(SUFFIXES) and _exists(Path(text))
    entries = [text] if is_one_path else text.split(",")
    candidates: dict[Candidate, None] = {}
    problems = Problems()
    for entry in filter(None, (entry.strip() for entry in entries)):
        if entry.endswith(SUFFIXES):
            candidates |= dict.fromkeys(read_symmetry_file(Path(entry)))
            continue
        with problems.noted():
            candidates[candidate_of(entry)] = None
    problems.raise_if_any()
    if len(candidates) > MOST_CANDIDATES:
        raise SettingsError(
            f"{len(candidates):,} symmetries are named, more than {MOST_CANDIDATES:,}: name fewer."
        )
    return tuple(candidates)


def read_symmetry_file(path: Path) -> tuple[Candidate, ...]:
    """Read a YAML file: a list of candidates, or a mapping with the list as `symmetries`.

    Each entry is a name (`hflip`, `translate_x:4`, `square`) or a mapping as for `Definition.of`.
    Only plain values are read (`plain_yaml.py`): nothing is executed, and no class is instantiated.

    Raises:
        SettingsError: the file is missing, too large, not YAML, or holds no list.
        SymmetryError: names the entries that are not candidates, by their numbers.
    """
    problems = Problems(f"{path}: ")
    candidates: dict[Candidate, None] = {}
    for number, entry in enumerate(_entries(path), 1):
        with problems.noted(f"entry {number}: "):
            candidates[candidate_of(entry)] = None
    problems.raise_if_any()
    return tuple(candidates)


def _entries(path: Path) -> list[Any]:
    content = read_yaml(_text(path), str(path), MOST_CANDIDATES)
    if isinstance(content, dict):
        unknown = [shown(key) for key in content if key != "symmetries"]
        if unknown:
            raise SettingsError(
                f"{path} must have only symmetries at the top, a list of them (begin each with a "
                f"dash); got {listed(unknown)}."
            )
        content = content.get("symmetries")
    if not isinstance(content, list) or not content:
        raise SettingsError(
            f"{path} lists no candidates: write one per line, as in - swap: left <-> right."
        )
    return content


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # such as a list of names that is too long for a path
        return False


def _text(path: Path) -> str:
    if not _exists(path):
        raise SettingsError(f"There is no file of symmetries {path}: check the path.")
    try:
        return read_at_most(path, MOST_BYTES).decode("utf-8")
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"{path} is not a YAML file ({error}): save it as UTF-8 text."
        ) from error
    except RunError as error:
        raise SettingsError(
            f"{path} cannot be read ({error}): give a file of candidates."
        ) from error
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}): check the path.") from error
