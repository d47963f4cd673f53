"""Evaluations in one JSON file: a child in the file is not retrained."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autoequivariant.errors import RunError
from autoequivariant.jsonio import parse
from autoequivariant.searching.storage.config_file import write_json
from autoequivariant.training.child import Child, Key
from autoequivariant.training.evaluation import Evaluation, keyed_record, read_keyed


class EvaluationFile:
    """Evaluations of children on one data set, in a file that is replaced as a whole.

    Args:
        path: the file; it and its folder are created by the first `add`.

    Raises:
        RunError: the file exists and cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._evaluations = _read(path) if path.exists() else {}

    def missing(self, children: Sequence[Child]) -> list[Child]:
        """Return the children that the file does not hold, each once."""
        return [child for child in dict.fromkeys(children) if child.key not in self._evaluations]

    def recorded(self, children: Sequence[Child]) -> list[Evaluation]:
        """Return the evaluations of children that the file holds."""
        return [self._evaluations[child.key] for child in children]

    def add(self, children: Sequence[Child], evaluations: Sequence[Evaluation]) -> None:
        """Record the evaluations of children."""
        pairs = zip(children, evaluations, strict=True)
        self._evaluations |= {child.key: evaluation for child, evaluation in pairs}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        records = [keyed_record(*pair) for pair in self._evaluations.items()]
        write_json(self.path, records)


def _read(path: Path) -> dict[Key, Evaluation]:
    try:
        records: list[dict[str, Any]] = parse(path.read_bytes(), path.name, allow_nan=True)
        return dict(map(read_keyed, records))
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise RunError(
            f"{path} cannot be read as evaluations: remove it to train its networks again."
        ) from error
