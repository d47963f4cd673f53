"""A worker on any machine of a Ray cluster: an actor that runs parts, one at a time."""

from __future__ import annotations

import importlib
import platform
import signal
import threading
import traceback
from collections.abc import Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import ray
import torch
from joblib.externals.loky.backend.reduction import dumps
from threadpoolctl import threadpool_limits

from autoequivariant.training.executors.sharing import loads

DONE, FAILED = "done", "failed"
CONTROL = "control"
"""The concurrency group of calls that are answered while a part runs."""


@dataclass(frozen=True)
class Host:
    """What a process runs with, which has to be the same everywhere.

    Attributes:
        versions: of this package and of Python, by name.
        has_gpu: whether torch can use a GPU.
    """

    versions: dict[str, str]
    has_gpu: bool


def this_host() -> Host:
    """Return what this process runs with."""
    package = __name__.partition(".")[0]
    versions = {package: version(package), "Python": platform.python_version()}
    return Host(versions, torch.cuda.is_available())


class RayWorker:
    """Runs parts in one thread; `steps` and `stop` are called in others meanwhile.

    Args:
        modules: what jobs import, so that no part waits for it.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        with suppress(ValueError):  # not the main thread
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        for name in modules:
            with suppress(ImportError):  # a module of the calling process alone
                importlib.import_module(name)
        self._limits = threadpool_limits(limits=1)
        self._job: Any = None
        self._job_number = 0
        self._changed = threading.Condition()
        self._steps, self._done, self._stopped = 0, 0, 0

    def host(self) -> Host:
        """Return what this worker runs with."""
        return this_host()

    def run(
        self, number: int, job_number: int, job: Sequence[Any], part: Sequence[Any]
    ) -> tuple[int, bytes]:
        """Run a part and return the steps that nobody asked for, and the pickled outcome.

        Args:
            number: of the part.
            job_number: of the job, which is kept for the next part.
            job: reference to the pickled job, and to its arrays.
            part: the pickled part, and references to its arrays.
        """
        torch.set_num_threads(1)  # it is a setting of each thread

        def on_step(count: int) -> None:
            if self._stopped >= number:
                raise CancelledError
            with self._changed:
                self._steps += count

        try:
            if job_number != self._job_number:
                self._job, self._job_number = None, 0
                self._job = _load(_fetched(job[:1])[0], job[1])
                self._job_number = job_number
            answer = dumps((DONE, self._job(_load(*part), on_step)))
        except Exception as error:
            error.add_note(traceback.format_exc())
            answer = dumps((FAILED, error))
        with self._changed:
            self._done = number
            left, self._steps = self._steps, 0
            self._changed.notify_all()
        return left, bytes(answer)

    @ray.method(concurrency_group=CONTROL)
    def steps(self, number: int, seconds: float) -> int:
        """Return the steps since the last call, once a part is done or some seconds have passed."""
        with self._changed:
            self._changed.wait_for(lambda: self._done >= number, seconds)
            count, self._steps = self._steps, 0
        return count

    @ray.method(concurrency_group=CONTROL)
    def stop(self, number: int) -> None:
        """Stop a part at its next step."""
        self._stopped = max(self._stopped, number)


def _load(pickled: bytes, references: Sequence[Any]) -> Any:
    return loads(pickled, _fetched(references))


def _fetched(references: Sequence[Any]) -> list[Any]:
    found: list[Any] = ray.get(list(references))
    return found
