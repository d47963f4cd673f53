"""The executors, by the name that `aen search --executor` takes. To add one, add it here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.executors.local import LocalExecutor

EXECUTORS: dict[str, Callable[[], Executor]] = {
    "local": LocalExecutor,
    "serial": partial(LocalExecutor, 1),
}
"""`local` uses a process for each core, `serial` the calling process alone."""
DEFAULT = "local"
