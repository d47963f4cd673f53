"""The executors, by the name that `aen search --executor` takes. To add one, add it here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from autoequivariant.errors import SettingsError
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.executors.local import LocalExecutor

EXECUTORS: dict[str, Callable[[], Executor]] = {
    "local": LocalExecutor,
    "serial": partial(LocalExecutor, 1),
}
"""`local` uses a process for each core, `serial` the calling process alone."""


def make_executor(name: str) -> Executor:
    """Return a new executor, to be shut down by the caller; `SettingsError` if it is unknown."""
    if name not in EXECUTORS:
        raise SettingsError(f"--executor must be one of {', '.join(EXECUTORS)}; got {name!r}.")
    return EXECUTORS[name]()
