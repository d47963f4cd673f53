"""Everything that commands print: control characters are shown, never sent to a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from autoequivariant.errors import printable


def make_console(file: TextIO | None = None, width: int | None = None) -> Console:
    """Return the console for tables, colours and progress.

    Args:
        file: Default: the standard output.
        width: in characters. Default: that of the terminal.
    """
    return _Printable(file=file, width=width, highlight=False, emoji=False)


def say(text: str) -> None:
    """Print plain lines that are not wrapped, such as paths and JSON."""
    print(_shown(text), flush=True)


def complain(text: str) -> None:
    """Print a message to the standard error, after the name of the program."""
    print(f"aen: {_shown(text)}", file=sys.stderr)


def write_data(text: str) -> None:
    """Write data to the standard output: unchanged to a file or pipe, shown in a terminal."""
    sys.stdout.write(_shown(text) if sys.stdout.isatty() else text)


class _Printable(Console):
    """Shows control characters both before texts are laid out and in whatever else is rendered.

    The console's own colours are added after both.
    """

    def render_str(self, text: str, **options: Any) -> Text:
        """See `Console.render_str`."""
        return super().render_str(_shown(text), **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """See `Console.render`."""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(_shown(segment.text), segment.style)


def _shown(text: str) -> str:
    return "\n".join(map(printable, text.split("\n")))
