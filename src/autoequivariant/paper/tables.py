"""One record for a table, rendered as Markdown and for a terminal; and pasting into a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table as RichTable

from autoequivariant.errors import SettingsError
from autoequivariant.report.render.search_text import WIDTH


@dataclass(frozen=True)
class Table:
    """A table of formatted cells.

    Attributes:
        header: the columns' titles.
        rows: one cell for each column.
        texts: number of leading columns that hold text; the others hold numbers.
    """

    header: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    texts: int = 1

    def markdown(self) -> str:
        """Return the table as Markdown, without a final line break."""
        rules = ["---"] * self.texts + ["---:"] * (len(self.header) - self.texts)
        return "\n".join(f"| {' | '.join(cells)} |" for cells in (self.header, rules, *self.rows))

    def printed(self, title: str | None = None) -> RenderableType:
        """Return the table for a terminal of 80 columns, too narrow for the last one: intervals."""
        table = RichTable(
            title=title,
            title_justify="left",
            title_style="bold",
            box=None,
            pad_edge=False,
            width=WIDTH,
        )
        for number, column in enumerate(self.header[:-1]):
            table.add_column(
                column,
                ratio=1 if number == self.texts - 1 else None,
                justify="left" if number < self.texts else "right",
            )
        for row in self.rows:
            table.add_row(*map(escape, row[:-1]))
        return Padding(table, (1, 0))


def paste(page: str, name: str, text: str) -> str:
    """Replace what a page has between its markers for `name`.

    Raises:
        SettingsError: the page has no such markers.
    """
    begin, end = f"<!-- tables: {name} -->\n", f"<!-- end: {name} -->\n"
    before, _, rest = page.partition(begin)
    _, marker, after = rest.partition(end)
    if not marker:
        raise SettingsError(
            f"The page has no markers for the tables of {name}: add the lines {begin.strip()} and "
            f"{end.strip()}."
        )
    return f"{before}{begin}\n{text}\n{end}{after}"
