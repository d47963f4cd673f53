"""When to stop: a deadline, or a person who pressed Ctrl-C."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType
from typing import Any


class Interrupted(Exception):
    """A person or the system asked the run to stop."""


class DeadlineReached(Exception):
    """The time for this part of the run is over."""


class Clock:
    """Time since the start of a run, its deadline, and whether it was asked to stop.

    As a context manager it takes over SIGINT and SIGTERM, so that work stops between two training
    steps and never in the middle of writing something down; a second Ctrl-C is raised at once.

    Args:
        timeout: seconds until the deadline. Default: none.
    """

    def __init__(self, timeout: float | None = None) -> None:
        self._start = time.monotonic()
        self._timeout = timeout
        self._asked_to_stop = False
        self._former: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Clock:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._former[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._former.items():
            signal.signal(number, handler)
        self._former = {}

    def _note(self, number: int, _: FrameType | None) -> None:
        if self._asked_to_stop:
            raise KeyboardInterrupt
        self._asked_to_stop = True

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
            reserve: seconds before the deadline that are kept for what comes after.

        Raises:
            Interrupted, OutOfTime: see there.
        """
        if self._asked_to_stop:
            raise Interrupted
        if self._timeout is not None and self.elapsed + reserve > self._timeout:
            raise DeadlineReached
