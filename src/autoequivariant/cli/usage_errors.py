"""Typer's own errors, which repeat what the user typed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from typer.core import TyperGroup

from autoequivariant.errors import printable, shortened

_LONGEST = 1000


class PrintableErrors(TyperGroup):
    """Commands whose usage errors show control characters, and are short."""

    def make_context(self, *args: Any, **options: Any) -> Any:
        """See `click.Command.make_context`."""
        with _printable_errors():
            return super().make_context(*args, **options)

    def invoke(self, ctx: Any) -> Any:
        """See `click.Command.invoke`; it parses the arguments of the commands in the group."""
        with _printable_errors():
            return super().invoke(ctx)


@contextmanager
def _printable_errors() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        # Recognised by its method: whether the class is Click's or Typer's depends on the version.
        if hasattr(error, "format_message"):
            text = printable(shortened(error.format_message(), _LONGEST))
            error.format_message = lambda: text
        raise
