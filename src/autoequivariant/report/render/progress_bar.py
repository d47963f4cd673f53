"""A progress bar that shows the best so far."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from autoequivariant.errors import printable

_MOST_OF_NAME = 30


class ProgressBar:
    """Shows progress as one bar for each stage; use as a context manager.

    Args:
        console: where to draw; nothing moves where it is no terminal.
    """

    def __init__(self, console: Console) -> None:
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=16),
            TextColumn("{task.fields[done]}", markup=False),
            TimeElapsedColumn(),
            TextColumn("{task.fields[best]}", markup=False),
            console=console,
            disable=not console.is_terminal,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def stage(self, name: str, total: int) -> None:
        """Begin a new bar."""
        self._bars.start()  # not before: a refusal should stand alone
        self._task = self._bars.add_task(name.ljust(7), total=total, done=f"0/{total}", best="")

    def advance(self, networks: float) -> None:
        """Move the bar."""
        if self._task is None:
            return
        self._bars.advance(self._task, networks)
        task = self._bars.tasks[-1]
        total = int(task.total or 0)
        self._bars.update(self._task, done=f"{min(int(task.completed + 1e-6), total)}/{total}")

    def best(self, text: str) -> None:
        """Show the best so far beside the bar."""
        if self._task is not None:
            text = printable(text)
            short = text if len(text) <= _MOST_OF_NAME else text[: _MOST_OF_NAME - 1] + "…"
            self._bars.update(self._task, best=short)
