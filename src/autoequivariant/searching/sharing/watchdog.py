"""Whether a process still makes progress on what it has claimed.

A process may hang and yet have heartbeats: these come from a thread of their own. So that thread
asks here, and sends none while the process is stuck. Then its claims expire like those of a process
that has died.
"""

from __future__ import annotations

import time
from collections.abc import Callable

LEAST_SECONDS = 600.0
"""A process is not stuck before: a large network is scored without a step."""
TIMES = 10
"""A process is stuck after so many times its longest pause between two steps."""


class Watchdog:
    """Measures the pace of this process, by its own clock.

    Args:
        now: returns seconds that never go back. Default: those of the system.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._last, self._longest = now(), 0.0
        self._was_working = False

    def progressed(self, is_working: bool = True) -> None:
        """Note a step.

        Args:
            is_working: whether it is one of work that others wait for. The pause before it counts
                if the step before was such a one, too.
        """
        now = self._now()
        if is_working and self._was_working:
            self._longest = max(self._longest, now - self._last)
        self._last, self._was_working = now, is_working

    @property
    def limit(self) -> float:
        """Seconds without a step after which this process is stuck."""
        return max(LEAST_SECONDS, TIMES * self._longest)

    @property
    def is_stuck(self) -> bool:
        """Whether the last step was too long ago; any thread may ask."""
        return self._now() - self._last > self.limit
