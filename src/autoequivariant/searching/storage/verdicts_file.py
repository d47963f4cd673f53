"""`verdicts.json`: what the data say of every candidate, written before any network is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autoequivariant.errors import ModelError, RunError
from autoequivariant.evidence.verdict import Verdict
from autoequivariant.files import unwritable
from autoequivariant.jsonio import to_type
from autoequivariant.searching.storage.config_file import FORMAT, read_formatted, write_json


@dataclass(frozen=True)
class _File:
    verdicts: tuple[Verdict, ...]


def write_verdicts(path: Path, verdicts: Sequence[Verdict]) -> None:
    """Write `verdicts.json` atomically.

    Raises:
        RunError: it cannot be written.
    """
    try:
        write_json(path, {"format": FORMAT, "verdicts": [one.to_json() for one in verdicts]})
    except OSError as error:
        raise unwritable(path, error) from error


def read_verdicts(path: Path, candidates: Sequence[str]) -> tuple[Verdict, ...] | None:
    """Read the verdicts of a run; None if none are recorded yet.

    Args:
        path: the file.
        candidates: names of the candidates of the run, in order.

    Raises:
        RunError: the file cannot be read, or is of other candidates.
    """
    if not path.exists():
        return None
    try:
        record = to_type(read_formatted(path), _File, path.name)
        return _of_candidates(record.verdicts, candidates)
    except (ModelError, OSError, RunError) as error:
        reason = str(getattr(error, "strerror", None) or error).rstrip(".")
        raise RunError(
            f"{path} cannot be read as the verdicts of this run ({reason}): move the run's folder "
            "away, or choose another --out."
        ) from error


def verdicts_of(plain: Any, candidates: Sequence[str]) -> tuple[Verdict, ...]:
    """Read plain values; `ModelError` if they are no verdicts, or of other candidates."""
    return _of_candidates(to_type(plain, tuple[Verdict, ...], "verdicts"), candidates)


def _of_candidates(verdicts: tuple[Verdict, ...], candidates: Sequence[str]) -> tuple[Verdict, ...]:
    if [one.name for one in verdicts] != list(candidates):
        raise ModelError("it is of other candidates")
    return verdicts
