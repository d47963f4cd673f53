"""Everything that commands print: control characters are shown, never sent to a terminal."""

from __future__ import annotations

import errno
import io
import os
import sys
import warnings
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from autoequivariant.errors import printable_lines


def make_console(file: TextIO | None = None, width: int | None = None) -> Console:
    """Return the console for tables, colours and progress.

    Args:
        file: Default: the standard output.
        width: in characters. Default: that of the terminal.
    """
    return _Printable(file=file, width=width, highlight=False, emoji=False)


def say(text: str) -> None:
    """Print plain lines that are not wrapped, such as paths and JSON."""
    print(printable_lines(text), flush=True)


def complain(text: str) -> None:
    """Print a message to the standard error, after the name of the program."""
    with suppress(OSError):  # the terminal may be gone, or a disk full: the exit status says it
        print(f"aen: {printable_lines(text)}", file=sys.stderr, flush=True)


def write_script(text: str) -> None:
    """Print a text of this program that a shell reads."""
    print(text)


def prepare_streams() -> None:
    """Let nothing that is printed fail for a terminal without its characters, or be obeyed by it.

    Warnings of other packages name columns and files, too.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # for terminals without block characters
    original = warnings.formatwarning
    warnings.formatwarning = lambda *words, **more: printable_lines(original(*words, **more))


def silence_optuna() -> None:
    """Let Optuna log errors only: its warnings quote a study, and every trial is news to it."""
    import optuna  # here, because it takes long

    optuna.logging.set_verbosity(optuna.logging.ERROR)


def write_data(text: str) -> None:
    """Write data to the standard output: unchanged to a file or pipe, shown in a terminal."""
    if sys.stdout is None:  # closed by the shell, as in `>&-`
        return
    sys.stdout.write(printable_lines(text) if sys.stdout.isatty() else text)
    sys.stdout.flush()  # a signal may end the process before Python does


def drop_output() -> None:
    """Write nothing more: the reader of the output has gone."""
    sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115


class _Printable(Console):
    """Shows control characters both before texts are laid out and in whatever else is rendered.

    The console's own colours are added after both.
    """

    def on_broken_pipe(self) -> None:
        """Let the command answer; Rich would exit with 1, which means something else here."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))

    def render_str(self, text: str, **options: Any) -> Text:
        """See `Console.render_str`."""
        return super().render_str(printable_lines(text), **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """See `Console.render`."""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(printable_lines(segment.text), segment.style)
