"""The calling process's side of a worker on Ray: one part at a time, as a future."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from joblib.externals.loky.backend.reduction import loads

from autoequivariant.errors import SettingsError
from autoequivariant.training.executors.executor import REPORT_SECONDS, OnStep
from autoequivariant.training.executors.ray_connection import import_ray
from autoequivariant.training.executors.ray_faults import host_fault, start_fault
from autoequivariant.training.executors.ray_worker import FAILED

Events = SimpleQueue[Callable[[], None] | None]
"""What the listener's thread is to do; None ends it."""


class ActorHandle:
    """An actor that runs parts. What Ray answers is handled in the listener's thread.

    Args:
        make: starts the actor, and returns it and whether it needs a GPU.
        events: what the listener's thread is to do.

    Attributes:
        is_ready, is_lost: whether it has started, and whether it has died.
        error: why it has died.
        future: of the part that it runs or ran.
    """

    def __init__(
        self,
        make: Callable[[], tuple[Any, bool]],
        events: Events,
    ) -> None:
        self.actor, self._needs_gpu = make()
        self._events = events
        self.is_ready = self.is_lost = False
        self.error: Exception | None = None
        self.on_step: OnStep = lambda count: None
        self._number, self._rate = 0, REPORT_SECONDS
        self._is_asked = False
        self._outcome: tuple[int, bytes] | None = None
        self.future: Future[Any] = Future()
        self.future.set_result(None)
        self._then(self.actor.host.remote(), self._started)

    @property
    def is_idle(self) -> bool:
        """Whether it can run a part."""
        return self.is_ready and not self.is_lost and self.future.done()

    def submit(self, sent: tuple[Any, ...], on_step: OnStep, rate: float) -> Future[Any]:
        """Start a part.

        Args:
            sent: arguments of `RayWorker.run` after the first.
            on_step: as of `Executor.submit`.
            rate: seconds between two reports of steps.
        """
        self._number += 1
        self.on_step, self._rate, self._outcome = on_step, rate, None
        self.future = Future()
        try:
            self._then(self.actor.run.remote(self._number, *sent), self._ran)
            self._ask()
        except Exception as error:
            self._lose(error)
            raise BrokenExecutor("a worker has died") from error
        return self.future

    def stop(self) -> None:
        """Stop the part at its next step."""
        if not self.future.done():
            with suppress(Exception):  # it is dead
                self.actor.stop.remote(self._number)

    def end(self) -> None:
        """End the worker at once."""
        self.is_lost = True
        with suppress(Exception):
            import_ray().kill(self.actor)
        if not self.future.done():
            with suppress(Exception):  # the listener was faster
                self.future.set_exception(BrokenExecutor("a worker has ended"))

    def _ask(self) -> None:
        self._is_asked = True
        self._then(self.actor.steps.remote(self._number, self._rate), self._reported)

    def _then(self, reference: Any, handle: Callable[[Future[Any]], None]) -> None:
        """Call `handle` in the listener's thread once a reference is ready."""
        future = reference.future()
        future.add_done_callback(lambda done: self._events.put(lambda: handle(done)))

    def _started(self, future: Future[Any]) -> None:
        error = future.exception()
        if error is not None:
            self._lose(start_fault(error))
            return
        fault = host_fault(future.result(), self._needs_gpu)
        if fault is not None:
            self._lose(SettingsError(fault))
        self.is_ready = True

    def _reported(self, future: Future[Any]) -> None:
        self._is_asked = False
        if future.exception() is None:
            self.on_step(future.result())
        if self._outcome is not None:
            self._finish()
        elif future.exception() is None and not self.future.done():
            self._ask()

    def _ran(self, future: Future[Any]) -> None:
        if future.exception() is not None:
            self._lose(future.exception())
            return
        self._outcome = future.result()
        if not self._is_asked:
            self._finish()

    def _finish(self) -> None:
        """End the part, after all its steps are reported."""
        assert self._outcome is not None
        left, answer = self._outcome
        self.on_step(left)
        try:
            kind, value = loads(answer)
        except Exception as error:
            kind, value = FAILED, error
        if self.future.done():
            return
        if kind != FAILED:
            self.future.set_result(value)
        elif isinstance(value, import_ray().exceptions.RayError):  # an object was on a lost node
            self.future.set_exception(BrokenExecutor(str(value)))
        else:
            self.future.set_exception(value)

    def _lose(self, error: BaseException | None) -> None:
        self.error = error if isinstance(error, Exception) else None
        self.is_lost = True
        if not self.future.done():
            self.future.set_exception(BrokenExecutor("a worker has died"))
