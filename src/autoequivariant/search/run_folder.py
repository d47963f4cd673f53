"""A run's folder: what is in it, and whether it belongs to the search that wants to use it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from autoequivariant.errors import RunError
from autoequivariant.files import write_atomically

CONFIG, STUDY, RESULTS = "config.json", "study.db", "results.json"


class RunFolder:
    """The folder of one search, made if it is not there.

    Args:
        path: the folder.
        identity: what decides the search's answer (`Problem.identity`).
        command: everything else that is worth keeping with it.

    Raises:
        RunError: the folder holds another search (the message names each setting that differs), holds other
            files, or cannot be written.
    """

    def __init__(self, path: Path, identity: dict[str, Any], command: dict[str, Any]) -> None:
        self.path = path
        if self.config.exists():
            self._refuse_another(identity)
            return
        try:
            if path.exists() and any(path.iterdir()):
                raise RunError(
                    f"{path} holds other files and no search: choose another --out or empty it first."
                )
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            if isinstance(error, RunError):
                raise
            raise RunError(
                f"{path} cannot be made into a run's folder ({error.strerror}): choose another --out."
            ) from error
        write_json(self.config, {"search": identity, "command": command})

    @property
    def config(self) -> Path:
        """Where the settings are kept."""
        return self.path / CONFIG

    @property
    def study(self) -> Path:
        """Where the study is kept."""
        return self.path / STUDY

    @property
    def results(self) -> Path:
        """Where the results are kept."""
        return self.path / RESULTS

    def read_results(self) -> dict[str, Any] | None:
        """Return the results of an earlier run, if they are there and whole."""
        try:
            found = json.loads(self.results.read_text())
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def _refuse_another(self, identity: dict[str, Any]) -> None:
        try:
            former = json.loads(self.config.read_text())["search"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunError(
                f"{self.config} cannot be read as the settings of a search: choose another --out."
            ) from error
        differing = [
            f"{name} was {former.get(name)!r} and is now {identity.get(name)!r}"
            for name in dict.fromkeys((*former, *identity))
            if former.get(name) != identity.get(name)
        ]
        if differing:
            raise RunError(
                f"{self.path} holds another search: {'; '.join(differing)}. "
                "Choose another --out, or give the same settings to go on with it."
            )


def write_json(path: Path, value: Any) -> None:
    """Write a value as indented JSON, in one step."""
    write_atomically(path, (json.dumps(value, indent=2) + "\n").encode())
