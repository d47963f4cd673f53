"""Training within a time limit: what does not fit is left out, and the schedule is compressed."""

from __future__ import annotations

import math
import time


class Pace:
    """How far a training is, and how many of its steps fit into its time, which starts now.

    Args:
        steps: of the whole training.
        seconds: the most that it may take. Default: no limit.

    Attributes:
        done: steps that were made.
    """

    def __init__(self, steps: int, seconds: float | None = None) -> None:
        self.done = 0
        self._steps = steps
        self._seconds = math.inf if seconds is None else seconds
        self._position = 0.0  # in the schedule
        self._start = self._first = time.perf_counter()

    def advance(self) -> int:
        """Count a step that was made.

        Returns:
            By how many steps the schedule of the learning rate moves on, so that it ends with the
            training: 1 if all steps fit.
        """
        self.done += 1
        if self.done == 1:
            self._first = time.perf_counter()  # the first step is slow: it allocates memory
        before = round(self._position)
        self._position += (self._steps - self._position) / (self._left() + 1)
        return round(self._position) - before

    @property
    def is_over(self) -> bool:
        """Whether no further step fits; there is a first in any case."""
        return self.done > 0 and self._left() == 0

    def _left(self) -> int:
        """Return how many further steps fit, at the pace of those that were made."""
        now = time.perf_counter()
        left = max(0.0, self._start + self._seconds - now)
        each = (now - self._first) / max(1, self.done - 1)
        rest = self._steps - self.done
        return rest if each * rest < left else int(left / each) if each else 0
