"""Tables as Markdown and for a terminal; and pasting them into a page."""

from __future__ import annotations

from dataclasses import replace

from rich.console import RenderableType
from rich.padding import Padding

from autoequivariant.errors import SettingsError
from autoequivariant.report.findings.table import Table
from autoequivariant.report.render.tables import terminal_table


def markdown(table: Table) -> str:
    """Return a table as Markdown, without its title and without a final line break."""
    titles = [column.title for column in table.columns]
    rules = ["---:" if column.is_number else "---" for column in table.columns]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (titles, rules, *table.rows))


def printed(table: Table, title: str = "") -> RenderableType:
    """Return a table for a terminal, which is too narrow for its last column: intervals."""
    rows = tuple(row[:-1] for row in table.rows)
    narrow = replace(table, title=title, columns=table.columns[:-1], rows=rows)
    return Padding(terminal_table(narrow), (1, 0))


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
