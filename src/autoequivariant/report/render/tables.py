"""Tables for a terminal."""

from __future__ import annotations

from dataclasses import dataclass

from rich import table as rich_table
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text

from autoequivariant.errors import printable
from autoequivariant.report.findings.table import Table

WIDTH = 80
_BETWEEN = 2


def terminal_table(table: Table, is_wide: bool = True) -> RenderableType:
    """Return a table for Rich, without its notes.

    Args:
        table: what to show.
        is_wide: whether it takes `WIDTH` characters; the last column before the first number takes
            what the others leave. Default: yes; otherwise each column is as wide as its texts.
    """
    found = rich_table.Table(
        title=Text(printable(table.title), style="bold") if table.title else None,
        title_justify="left",
        header_style="bold",
        width=WIDTH if is_wide else None,
        box=None,
        pad_edge=False,
        collapse_padding=is_wide and not _fits(table),
    )
    first_number = next((k for k, c in enumerate(table.columns) if c.is_number), 1)
    for number, column in enumerate(table.columns):
        found.add_column(
            Text(printable(column.title)),
            justify="right" if column.is_number else "left",
            ratio=1 if is_wide and number == first_number - 1 else None,
            overflow="fold",
        )
    for number, row in enumerate(table.rows):
        style = "bold green" if number == table.marked else ""
        found.add_row(*(Text(printable(cell), style=style) for cell in row))
    return _WithoutPadding(found)


@dataclass(frozen=True)
class _WithoutPadding:
    """A table whose lines end with their last word: Rich fills the last column with spaces."""

    table: rich_table.Table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in console.render_lines(self.table, options, pad=False):
            while line and not line[-1].text.strip():
                line.pop()
            yield from line[:-1]
            if line:
                yield Segment(line[-1].text.rstrip(), line[-1].style)
            yield Segment.line()


def _fits(table: Table) -> bool:
    """Whether no word of a table is cut at `WIDTH` characters with two spaces between columns."""
    needed = -_BETWEEN
    for number, column in enumerate(table.columns):
        cells = [column.title, *(row[number] for row in table.rows)]
        parts = cells if column.is_number else [word for cell in cells for word in cell.split()]
        needed += _BETWEEN + max(map(cell_len, parts), default=0)
    return needed <= WIDTH


def print_table(console: Console, table: Table, is_wide: bool = True) -> None:
    """Print a table and its notes."""
    console.print(terminal_table(table, is_wide))
    for note in table.notes:
        console.print(Text(printable(note), style="dim"))
