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
        position: of the schedule, in steps.
    """

    def __init__(self, steps: int, seconds: float | None = None) -> None:
        self.done = self._resumed = 0
        self.position = 0.0
        self._steps = steps
        self._seconds = math.inf if seconds is None else seconds
        self._start = self._first = time.perf_counter()

    @property
    def share(self) -> float:
        """Share of the steps that were made."""
        return self.done / self._steps if self._steps else 1.0

    def can_resume(self, done: int, position: float) -> bool:
        """Whether these are numbers of this training."""
        return done <= self._steps and position <= self._steps

    def resume(self, done: int, position: float) -> None:
        """Continue a training of which an earlier process made `done` steps; its time is over."""
        self.done = self._resumed = done
        self.position = position

    def advance(self) -> int:
        """Count a step that was made.

        Returns:
            By how many steps the schedule of the learning rate moves on, so that it ends with the
            training: 1 if all steps fit.
        """
        self.done += 1
        if self._made == 1:
            self._first = time.perf_counter()  # the first step is slow: it allocates memory
        before = round(self.position)
        self.position += (self._steps - self.position) / (self._left() + 1)
        return round(self.position) - before

    @property
    def is_over(self) -> bool:
        """Whether no further step fits; of those that are left there is a first in any case."""
        is_whole = max(self.done, self.position) >= self._steps
        return is_whole or (self._made > 0 and self._left() == 0)

    @property
    def _made(self) -> int:
        """Steps of this process."""
        return self.done - self._resumed

    def _left(self) -> int:
        """Return how many further steps fit, at the pace of those that were made."""
        now = time.perf_counter()
        left = max(0.0, self._start + self._seconds - now)
        each = (now - self._first) / max(1, self._made - 1)
        rest = self._steps - self.done
        return rest if each * rest < left else int(left / each) if each else 0
