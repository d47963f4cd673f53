"""When to stop: at a deadline, or on a signal."""

from __future__ import annotations

import time
from types import FrameType

from autoequivariant.signals import Signals, stop_signal


class Interrupted(Exception):
    """The user or the system asked the run to stop."""


class DeadlineReached(Exception):
    """The time for this part of the run is over."""


class Clock:
    """The time since the start of a run, its deadline, and whether it should stop.

    As a context manager it handles Ctrl-C, SIGTERM and SIGHUP, so that work stops between two
    training steps and never during a write. A second signal raises `KeyboardInterrupt` at once.
    Afterwards SIGTERM and SIGHUP are passed on to the previous handlers (`Signals.restore`).

    Args:
        timeout: seconds until the deadline. Default: none.
    """

    def __init__(self, timeout: float | None = None) -> None:
        self._start = time.monotonic()
        self._timeout = timeout
        self._signals = Signals(_raise_if_repeated)

    def __enter__(self) -> Clock:
        self._signals.install()
        return self

    def __exit__(self, *_: object) -> None:
        self._signals.restore()

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
        if self._signals.number is not None or stop_signal() is not None:
            raise Interrupted
        if self._timeout is not None and self.elapsed + reserve > self._timeout:
            raise DeadlineReached


def _raise_if_repeated(number: int, frame: FrameType | None, is_first: bool) -> None:
    if not is_first:
        raise KeyboardInterrupt
