import io

import pytest
from rich.console import Console

from autoequivariant.errors import SettingsError
from autoequivariant.paper.tables import markdown, paste, printed
from autoequivariant.report.findings.table import Table, columns

COLUMNS = columns(["data", "network"], ["test", "interval"])
TABLE = Table("", COLUMNS, (("[red] mix1", "found", "7", "6 to 8"),))


def test_markdown_aligns_numbers_to_the_right() -> None:
    assert markdown(TABLE) == (
        "| data | network | test | interval |\n"
        "| --- | --- | ---: | ---: |\n"
        "| [red] mix1 | found | 7 | 6 to 8 |"
    )


def test_a_terminal_shows_all_but_the_intervals_in_80_columns() -> None:
    console = Console(file=io.StringIO(), width=100)
    console.print(printed(TABLE, "A title"))
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    assert text.split() == ["A", "title", "data", "network", "test", "[red]", "mix1", "found", "7"]
    assert max(len(line.rstrip()) for line in text.splitlines()) == 80


def test_pasting_replaces_what_was_there_and_nothing_else() -> None:
    page = "a\n<!-- tables: mnist -->\nold\n<!-- end: mnist -->\nb\n"
    once = paste(page, "mnist", "new\n")
    assert once == "a\n<!-- tables: mnist -->\n\nnew\n\n<!-- end: mnist -->\nb\n"
    assert paste(once, "mnist", "new\n") == once


@pytest.mark.parametrize("page", ["", "<!-- tables: mnist -->\n", "<!-- end: mnist -->\n"])
def test_a_page_without_markers_is_refused(page: str) -> None:
    with pytest.raises(SettingsError, match="no markers for the tables of mnist: add the lines"):
        paste(page, "mnist", "new\n")
