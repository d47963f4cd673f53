"""The terminal: what names from elsewhere hold is shown there, and never obeyed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from autoequivariant.errors import printable


def make_console(file: TextIO | None = None, width: int | None = None) -> Console:
    """Return where commands print.

    Args:
        file: Default: the standard output.
        width: in characters. Default: that of the terminal.
    """
    return _Printable(file=file, width=width, highlight=False, emoji=False)


class _Printable(Console):
    """Shows control characters: of texts before they are laid out, and of whatever else is left.

    Its own colours come after both.
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
