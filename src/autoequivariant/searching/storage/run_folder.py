"""A run's folder: its files, and whether they belong to the same search."""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from autoequivariant.errors import ModelError, RunError
from autoequivariant.files import is_partial_write, remedy
from autoequivariant.searching.storage.config_file import Config, read_config, write_config
from autoequivariant.searching.storage.lock import Lock
from autoequivariant.searching.storage.results import Results, read_results, version
from autoequivariant.training.checkpoint import Checkpoints

CONFIG, STUDY, RESULTS = "config.json", "study.db", "results.json"
VERDICTS, CHECKPOINTS, LOCK = "verdicts.json", "checkpoints", "lock"


class RunFolder:
    """The folder of one run; it is created if missing, and locked until it is closed.

    Args:
        path: the folder.
        identity, command, kind: see `Config`.

    Raises:
        RunError: the folder holds another run (the message names each setting that differs) or
            other files, another process uses it, or it cannot be written.
    """

    def __init__(
        self,
        path: Path,
        identity: dict[str, Any],
        command: dict[str, Any],
        kind: str = "search",
    ) -> None:
        if "\0" in str(path):
            raise RunError("A path may not have a null character: choose another --out.")
        self.path = path
        self.kind = kind
        self._identity = identity
        self._lock: Lock | None = None
        config = Config(kind, identity, command)
        former = self._checked_former()
        created = [p for p in (path, *path.parents) if not p.exists()] if former is None else []
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(path)
            former = self._checked_former()  # as the process that was here a moment ago left it
            if former != config:
                write_config(self.config, config)
        except OSError as error:
            self.close()
            _remove(created)
            if isinstance(error, RunError):
                raise
            raise _unusable(path, error) from error

    def close(self) -> None:
        """Let another process use the folder."""
        if self._lock is not None:
            self._lock.release()

    @property
    def config(self) -> Path:
        """Path of the settings."""
        return self.path / CONFIG

    @property
    def study(self) -> Path:
        """Path of the study."""
        return self.path / STUDY

    @property
    def verdicts(self) -> Path:
        """Path of the verdicts of the direct tests."""
        return self.path / VERDICTS

    @property
    def checkpoints(self) -> Checkpoints:
        """Where long trainings of the run keep checkpoints."""
        text = json.dumps([version(), self._identity], sort_keys=True)
        return Checkpoints(self.path.absolute() / CHECKPOINTS, text)  # workers may be elsewhere

    @property
    def results(self) -> Path:
        """Path of the results."""
        return self.path / RESULTS

    def read_results(self) -> Results | None:
        """Return the results of an earlier process; None if they are missing or unreadable."""
        try:
            return read_results(self.results)
        except (OSError, ModelError):
            return None

    def _former(self) -> Config | None:
        """Return the settings of an earlier process; None if the folder is missing or empty."""
        try:
            if self.config.exists():
                return _read_config(self.config, self.kind)
            # A killed process may have left an incomplete write.
            others = (
                p for p in self.path.iterdir() if not is_partial_write(p, CONFIG) and p.name != LOCK
            )
            if any(others):
                raise RunError(
                    f"{self.path} holds other files and no {self.kind}: choose another --out, or "
                    "empty it first."
                )
        except FileNotFoundError:
            return None
        except RunError:
            raise
        except OSError as error:
            raise _unusable(self.path, error) from error
        return None

    def _checked_former(self) -> Config | None:
        found = self._former()
        if found is not None:
            self._refuse_another(found.identity, self._identity)
        return found

    def _refuse_another(self, former: dict[str, Any], identity: dict[str, Any]) -> None:
        differing = [
            _difference(name, former.get(name), identity.get(name))
            for name in dict.fromkeys((*former, *identity))
            if former.get(name) != identity.get(name)
        ]
        if differing:
            raise RunError(
                f"{self.path} holds another {self.kind} ({'; '.join(differing)}): choose another "
                f"--out, such as {_free(self.path)}, or repeat its settings to resume it."
            )


def _locked(path: Path) -> Lock:
    """Lock a folder."""
    try:
        return Lock(path / LOCK, is_left=False)
    except BlockingIOError as error:
        raise RunError(
            f"{path} is in use by another process: wait for it to end, or choose another --out; "
            "processes share one search if each has its own --out and all the same --storage."
        ) from error


def _read_config(path: Path, kind: str) -> Config:
    try:
        config = read_config(path)
        if config.kind != kind:
            raise RunError(f"it is a {config.kind}")
        return config
    except (ModelError, RunError) as error:
        others = STUDY if kind == "search" else "the files beside it"
        raise RunError(
            f"{path} cannot be read as the settings of a {kind} ({str(error).rstrip('.')}): move "
            f"it away together with {others}, or choose another --out."
        ) from error


def _difference(name: str, former: Any, now: Any) -> str:
    if name == "data_fingerprint":
        return "the contents of the data have changed"
    return f"{name.replace('_', ' ')} was {_shown(former)} and is now {_shown(now)}"


def _shown(value: Any) -> str:
    if isinstance(value, list):
        names = (one.get("name", one) if isinstance(one, dict) else one for one in value)
        return ",".join(map(str, names)) or "none"
    return str(value)


def _free(path: Path) -> Path:
    whole = path.resolve() if path.name in ("", "..") else path
    names = (whole.with_name(f"{whole.name}-{number}") for number in count(2))
    return next(p for p in names if not p.exists())


def _unusable(path: Path, error: OSError) -> RunError:
    return RunError(f"{path} cannot be used as a run's folder ({error.strerror}): {remedy(error)}.")


def _remove(folders: list[Path]) -> None:
    """Remove empty folders, innermost first."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()
