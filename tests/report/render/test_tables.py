"""Tables as a terminal shows them."""

import pytest

from autoequivariant.report.findings.table import Table, columns
from autoequivariant.report.render.tables import WIDTH, print_table

from ..outcomes import printed

TABLE = Table(
    "Title",
    columns(["name"], ["score"]),
    (("a", "1"), ("b" * 90, "22")),
    notes=("A note.",),
    marked=0,
)


def test_a_wide_table_wraps_long_names() -> None:
    lines = [line.rstrip() for line in printed(print_table, TABLE).splitlines()]
    assert (lines[0], lines[-1]) == ("Title", "A note.")
    assert max(map(len, lines)) == WIDTH
    assert "".join(line.split()[0] for line in lines if line.startswith("b")) == "b" * 90
    assert lines[1].split() == ["name", "score"] and lines[1].endswith("score")
    assert lines[2].startswith("a ") and lines[2].endswith(" 1")


def test_a_narrow_table_is_as_wide_as_its_texts() -> None:
    table = Table("", columns(["name"], ["score"]), (("a", "1"),))
    assert printed(print_table, table, False).split("\n")[:2] == ["name  score", "a         1"]


@pytest.mark.parametrize(("text", "shown"), [("[red]x[/]", "[red]x[/]"), ("\x1b[31m", "\\x1b[31m")])
def test_texts_are_neither_markup_nor_commands(text: str, shown: str) -> None:
    table = Table(text, columns([text], []), ((text,),), (text,))
    assert printed(print_table, table).count(shown) == 4
