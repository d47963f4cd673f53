"""The table of verdicts in a terminal."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from autoequivariant.evidence.verdict import Answer, Trained, Verdict
from autoequivariant.report.render.verdict_table import (
    print_next_step,
    print_verdicts,
    verdicts_as_text,
)
from autoequivariant.searching.asking.table_proposal import GAUSSIAN_PROCESS, WHAT_HOLDS

from ..outcomes import printed

LONG = "swap kitchen_temperature_celsius <-> hall_temperature_celsius"
REASON = (
    "moved samples differ from samples (p < .001), and the task is not refuted; more samples, or "
    "training with and without it, would decide"
)
SOME = [
    Verdict("hflip", "holds", "p = .410; a change in 10% of the samples would be seen"),
    Verdict(LONG, "undecided", REASON),
    Verdict("次の列を入れ替える" * 4, "undecided", REASON),
    Verdict("vflip", "undecided", REASON),
    Verdict("rot90", "does not hold", "labels of moved samples differ (p < .001)"),
]
TRIED = [
    *(replace(one, use="helps", trained=Trained(0.0421, (0.01, 0.0742))) for one in SOME[:3]),
    replace(SOME[3], use="harms", trained=Trained(-1.5, (-2.25, -0.75))),
    SOME[4],
]


@pytest.mark.parametrize("verdicts", [SOME, TRIED, SOME[:1], TRIED[-1:]])
def test_it_fits_80_columns_and_says_everything(verdicts: list[Verdict]) -> None:
    text = printed(print_verdicts, verdicts, ["hflip"])
    assert max(map(cell_len, text.splitlines())) <= 80
    without = "".join(text.split())
    assert all("".join(one.verdict.split()) in without for one in verdicts)
    for name in ("hflip", "vflip", "rot90"):
        assert (name in text) == any(one.name == name for one in verdicts)


def test_a_figure_stands_beside_its_candidate() -> None:
    lines = printed(print_verdicts, SOME).splitlines()
    (row,) = (line for line in lines if line.strip().startswith("vflip"))
    assert row.split()[1:4] == ["p", "<", ".001"]
    (first,) = (line for line in lines if "swap" in line)
    assert "p < .001" in first


def test_the_use_has_a_column_only_if_any_was_tried() -> None:
    assert "not tried" not in printed(print_verdicts, SOME)
    text = printed(print_verdicts, TRIED)
    for phrase in ("not tried", "helps +0.042", "+0.010 to +0.074", "harms −1.500", "use: how"):
        assert phrase in text


def test_only_a_terminal_gets_colours() -> None:
    assert "\x1b" not in printed(print_verdicts, TRIED)
    file = io.StringIO()
    print_verdicts(Console(file=file, force_terminal=True, color_system="standard"), SOME)
    for colour, name in ((32, "holds"), (33, "undecided"), (31, "does not hold")):
        assert f"\x1b[1;{colour}m{name}" in file.getvalue()


def test_names_are_neither_markup_nor_commands() -> None:
    text = verdicts_as_text([Verdict("[red]x[/]\x1b[31m", "holds", "[b]why[/]\x07")])
    assert "[red]x[/]\\x1b[31m" in text
    assert "[b]why[/]\\x07" in text


def test_text_is_what_is_printed() -> None:
    lines = printed(print_verdicts, SOME, ["hflip"]).splitlines()
    assert verdicts_as_text(SOME, ["hflip"]).splitlines() == [line.rstrip() for line in lines]


@pytest.mark.parametrize(
    ("answers", "phrase", "has_command"),
    [
        (["holds"], "train a network that has what holds", True),
        (["holds", "does not hold"], "train a network that has what holds", True),
        (["holds", "undecided"], "with and without what is undecided, beside what holds", True),
        (["undecided"], "with and without what is undecided:", True),
        (["does not hold"], "name others with --symmetries", False),
    ],
)
def test_the_next_step(answers: list[Answer], phrase: str, has_command: bool) -> None:
    verdicts = [Verdict("a", answer, "why") for answer in answers]
    command = "aen search " + "x" * 100
    text = printed(print_next_step, verdicts, command)
    assert phrase in " ".join(text.split())
    assert (command in text) == has_command  # on one line, to be copied


def test_a_proposed_closure_is_no_verdict() -> None:
    lines = printed(print_verdicts, SOME, ["vflip"], GAUSSIAN_PROCESS).splitlines()
    assert lines[-1] == f"{GAUSSIAN_PROCESS}: vflip"
    assert not any(line.startswith(WHAT_HOLDS) for line in lines)
    text = " ".join(printed(print_verdicts, SOME, ["vflip"], f"{GAUSSIAN_PROCESS} (few)").split())
    assert text.endswith(f"{GAUSSIAN_PROCESS} (few): vflip")
    assert printed(print_verdicts, SOME, [], GAUSSIAN_PROCESS).rstrip().endswith(": none")


def test_it_says_why_nothing_is_proposed() -> None:
    source = f"{WHAT_HOLDS}; a Gaussian process proposes nothing: a reason"
    lines = printed(print_verdicts, SOME, ["hflip"], source).splitlines()
    assert lines[-2:] == [f"{WHAT_HOLDS}: hflip", source]


def test_words_that_do_not_fit_lose_their_middle() -> None:
    long = [replace(one, name=f"swap {'x' * 30}_first <-> {'x' * 30}_last") for one in SOME[:1]]
    text = printed(print_verdicts, long)
    rows = text.split("closure")[0]
    assert re.search(r"^  x+\.\.\.x+_first ", rows, re.MULTILINE)
    assert re.search(r"^  (<-> )?x+\.\.\.x+_last ", rows, re.MULTILINE)
