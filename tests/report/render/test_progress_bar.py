"""The bar in a terminal."""

import io

import pytest
from rich.console import Console

from autoequivariant.report.render.progress_bar import ProgressBar


def shown(is_terminal: bool) -> str:
    console = Console(file=io.StringIO(), width=80, force_terminal=is_terminal)
    with ProgressBar(console) as progress:
        progress.advance(1)  # before any stage: nothing to move
        progress.best("nothing")
        progress.stage("search", 4)
        progress.advance(2.5)
        progress.best("96.1% " + "a very long list of symmetries " * 3)
        progress.advance(9)
        progress.stage("compare", 2)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


def test_on_a_terminal() -> None:
    text = shown(True)
    assert "4/4" in text  # and never more than all
    assert "96.1% a very long list of sym" in text
    assert "…" in text
    assert "0/2" in text


def test_the_clock_of_a_stage_stops_with_it() -> None:
    console = Console(file=io.StringIO(), width=80, force_terminal=True)
    now = [0.0]
    with ProgressBar(console, clock=lambda: now[0]) as progress:
        progress.stage("search", 4)
        progress.advance(2)  # it ends early
        now[0] = 5.0
        progress.stage("compare", 2)
        now[0] = 105.0
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    *_, search, compare = [line for line in text.splitlines() if "0:0" in line]
    assert "2/4" in search
    assert "0:00:05" in search
    assert "0:01:40" in compare


def test_names_are_neither_markup_nor_obeyed() -> None:
    console = Console(file=io.StringIO(), width=80, force_terminal=True)
    with ProgressBar(console) as progress:
        progress.stage("search", 4)
        progress.best("96.1% a[/b]\x07\x1b[2J")
    assert r"96.1% a[/b]\x07\x1b[2J" in console.file.getvalue()  # type: ignore[attr-defined]


def test_a_short_run_outside_a_terminal_shows_nothing() -> None:
    assert shown(False) == ""


@pytest.mark.parametrize("is_terminal", [True, False])
def test_an_error_before_the_first_stage_stands_alone(is_terminal: bool) -> None:
    console = Console(file=io.StringIO(), width=80, force_terminal=is_terminal)
    with pytest.raises(ValueError, match="no"), ProgressBar(console):
        raise ValueError("no")
    assert console.file.getvalue() == ""  # type: ignore[attr-defined]
