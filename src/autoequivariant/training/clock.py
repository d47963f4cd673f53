"""When to stop: at a deadline, or on SIGINT or SIGTERM."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType
from typing import Any


class Interrupted(Exception):
    """The user or the system asked the run to stop."""


class DeadlineReached(Exception):
    """The time for this part of the run is over."""


class Clock:
    """The time since the start of a run, its deadline, and whether it should stop.

    As a context manager it handles SIGINT and SIGTERM, so that work stops between two training
    steps and never during a write. A second signal raises `KeyboardInterrupt` at once.

    Args:
        timeout: seconds until the deadline. Default: none.
    """

    def __init__(self, timeout: float | None = None) -> None:
        self._start = time.monotonic()
        self._timeout = timeout
        self._is_stopping = False
        self._previous_handlers: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Clock:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._previous_handlers[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous_handlers.items():
            signal.signal(number, handler)
        self._previous_handlers = {}

    def _handle(self, number: int, _: FrameType | None) -> None:
        if self._is_stopping:
            raise KeyboardInterrupt
        self._is_stopping = True

    @property
    def elapsed(self) -> float:
        """Seconds since the clock was made."""
        return time.monotonic() - self._start

    @property
    def timeout(self) -> float | None:
        """Seconds from the start to the deadline."""
        return self._timeout

    def check(self, reserve: float = 0.0) -> None:
        """Raise if it is time to stop.

        Args:
            reserve: seconds before the deadline to keep for later work.

        Raises:
            Interrupted, DeadlineReached: see there.
        """
        if self._is_stopping:
            raise Interrupted
        if self._timeout is not None and self.elapsed + reserve > self._timeout:
            raise DeadlineReached
