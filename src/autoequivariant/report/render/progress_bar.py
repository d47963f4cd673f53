"""Progress of a search: bars in a terminal, and anywhere else a line every few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from autoequivariant.report.render.formatting import cut
from autoequivariant.report.render.progress_log import ProgressLog

_LONGEST_BEST = 30


class ProgressBar:
    """Shows a bar for each stage in a terminal, and lines of text anywhere else.

    Use as a context manager.

    Args:
        console: where to print.
        clock: returns seconds. Default: `time.monotonic`.
    """

    def __init__(
        self,
        console: Console,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bars = _Bars(console, clock)
        shown = self._bars if console.is_terminal else ProgressLog(console, clock)
        self.stage = shown.stage
        self.advance = shown.advance
        self.best = shown.best

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()


class _Bars:
    def __init__(self, console: Console, clock: Callable[[], float]) -> None:
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=16),
            TextColumn("{task.fields[done]}", markup=False),
            TimeElapsedColumn(),
            TextColumn("{task.fields[best]}", markup=False),
            console=console,
            get_time=clock,
            disable=not console.is_terminal,
        )
        self._task: TaskID | None = None
        self.stop = self._bars.stop

    def stage(self, name: str, total: int, unit: str = "network") -> None:
        self._bars.start()  # not before: an error message should stand alone
        if self._task is not None:
            self._bars.stop_task(self._task)  # also one that ended early
        self._task = self._bars.add_task(name.ljust(7), total=total, done=f"0/{total}", best="")

    def advance(self, networks: float) -> None:
        if self._task is None:
            return
        self._bars.advance(self._task, networks)
        task = self._bars.tasks[-1]
        total = int(task.total or 0)
        self._bars.update(self._task, done=f"{min(int(task.completed + 1e-6), total)}/{total}")

    def best(self, text: str) -> None:
        if self._task is not None:
            self._bars.update(self._task, best=cut(text, _LONGEST_BEST))
