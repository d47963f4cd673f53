"""Tables as a terminal shows them."""

import pytest

from autoequivariant.report.findings.rivals import rival_findings
from autoequivariant.report.findings.table import Column, Table, columns
from autoequivariant.report.findings.tables import rivals_table
from autoequivariant.report.render.tables import WIDTH, print_table
from autoequivariant.searching.fit.rivals import NAMES
from autoequivariant.searching.storage.rivals import RivalRecord

from ..outcomes import printed

TABLE = Table(
    "Title",
    columns(["name"], ["score"]),
    (("a", "1"), ("b" * 90, "22")),
    notes=("A note.",),
    marked=0,
)


def test_a_wide_table_wraps_long_names() -> None:
    lines = printed(print_table, TABLE).splitlines()
    assert (lines[0], lines[-1]) == ("Title", "A note.")
    assert max(map(len, lines)) == WIDTH
    assert "".join(line.split()[0] for line in lines if line.startswith("b")) == "b" * 90
    assert lines[1].split() == ["name", "score"] and lines[1].endswith("score")
    assert lines[2].startswith("a ") and lines[2].endswith(" 1")


def test_a_narrow_table_is_as_wide_as_its_texts() -> None:
    table = Table("", columns(["name"], ["score"]), (("a", "1"),))
    assert printed(print_table, table, False).split("\n")[:2] == ["name  score", "a         1"]


def test_lines_do_not_end_in_spaces() -> None:
    texts = ("a", "1", "holds"), ("b", "2", "")
    for is_wide in (False, True):
        table = Table("", (*columns(["name"], ["score"]), Column("")), texts)
        found = printed(print_table, table, is_wide).splitlines()
        assert all(line == line.rstrip() for line in found)
        assert [line.split() for line in found[:3]] == [
            ["name", "score"],
            ["a", "1", "holds"],
            ["b", "2"],
        ]


def row(value: float, name: str) -> RivalRecord:
    ahead, several = -value, (value, value)
    return RivalRecord(name, value, several, ahead, (ahead, ahead), 1_512_345, 8, 123.4, 1000)


@pytest.mark.parametrize("value", [0.912, -0.912, -12345.678, -1e12])
def test_no_line_of_the_rivals_is_cut(value: float) -> None:
    table = rivals_table(rival_findings([row(value, name) for name in NAMES]), "R²")
    lines = [line for line in printed(print_table, table).splitlines() if "1,512,345" in line]
    assert len(lines) == len(NAMES)
    rows = [line.partition("1,512,345") for line in lines]
    assert [before.split()[0] for before, _, _ in rows] == [n.split()[0] for n in NAMES]
    for text, (_, _, after) in zip(table.rows[1:], rows[1:], strict=True):
        assert after.split() == " ".join(text[2:]).split()


@pytest.mark.parametrize(("text", "shown"), [("[red]x[/]", "[red]x[/]"), ("\x1b[31m", "\\x1b[31m")])
def test_texts_are_neither_markup_nor_commands(text: str, shown: str) -> None:
    table = Table(text, columns([text], []), ((text,),), (text,))
    assert printed(print_table, table).count(shown) == 4
