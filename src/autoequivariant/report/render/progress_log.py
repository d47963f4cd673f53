"""Progress of a search as lines of text, for logs and files."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console
from rich.text import Text

from autoequivariant.report.render.formatting import counted, cut, duration

EVERY = 10.0
"""Seconds between two lines."""
_LONGEST_LINE = 80
_AT_ONCE = 1.0  # seconds


class ProgressLog:
    """Prints a line such as `search: 12 of 148 networks, best 91.2% hflip, about 40 s left`.

    The first line comes `EVERY` seconds after the start, so a short run prints none.

    Args:
        console: where to print.
        clock: returns seconds.
    """

    def __init__(self, console: Console, clock: Callable[[], float]) -> None:
        self._console = console
        self._clock = clock
        self._printed = clock()
        self._name = ""

    def stage(self, name: str, total: int, unit: str = "network") -> None:
        """Begin a stage."""
        self._name, self._total, self._best, self._unit = name, total, "", unit
        self._begun = self._clock()
        self._done = self._resumed = 0.0

    def advance(self, networks: float) -> None:
        """Count networks, and print a line if it is time for one."""
        if not self._name:
            return
        now = self._clock()
        if not self._done and networks >= 1 and now - self._begun < _AT_ONCE:
            self._resumed = networks  # trained by an earlier process: they do not count as speed
        self._done += networks
        if now - self._printed >= EVERY:
            self._printed = now
            self._console.print(Text(self._line(now)), soft_wrap=True)

    def best(self, text: str) -> None:
        """Keep the best network so far for the next line."""
        self._best = text

    def _line(self, now: float) -> str:
        done = min(int(self._done + 1e-6), self._total)
        head = f"{self._name}: {done:,} of {counted(self._total, self._unit)}"
        new, left = self._done - self._resumed, self._total - self._done
        seconds = left * (now - self._begun) / max(new, 1.0)
        tail = f", about {duration(seconds)} left" if left > 0 and new >= 1 else ""
        room = _LONGEST_LINE - len(f"{head}, best {tail}")
        best = f", best {cut(self._best, max(room, 1))}" if self._best else ""
        return f"{head}{best}{tail}"
