"""Progress outside a terminal: lines of text, by a clock that the test turns."""

import io

import pytest
from rich.console import Console

from autoequivariant.report.render.formatting import duration
from autoequivariant.report.render.progress_bar import ProgressBar


class Log:
    """A progress bar outside a terminal, its clock, and what it printed."""

    def __init__(self) -> None:
        self.now = 0.0
        self.file = io.StringIO()
        self.progress = ProgressBar(Console(file=self.file, width=80), lambda: self.now)

    def after(self, seconds: float, networks: float) -> list[str]:
        """The lines so far, once so much time went by and so many more networks are done."""
        self.now += seconds
        self.progress.advance(networks)
        return self.file.getvalue().splitlines()


@pytest.fixture
def log() -> Log:
    return Log()


def test_candidates_are_counted_as_such(log: Log) -> None:
    log.progress.stage("ask", 12, "candidate")
    assert log.after(10, 3) == ["ask: 3 of 12 candidates, about 30 s left"]


def test_a_line_every_ten_seconds(log: Log) -> None:
    log.progress.stage("search", 148)
    log.progress.best("91.2% hflip")
    assert log.after(9.9, 10) == []
    assert log.after(0.1, 2) == ["search: 12 of 148 networks, best 91.2% hflip, about 113 s left"]
    assert len(log.after(9, 100)) == 1
    lines = log.after(1, 28.5)
    assert lines[1:] == ["search: 140 of 148 networks, best 91.2% hflip, about 1 s left"]


def test_a_new_stage_has_no_best_and_no_time_before_anything_is_done(log: Log) -> None:
    log.progress.stage("search", 4)
    log.progress.best("91.2% hflip")
    log.now = 30
    log.progress.stage("compare", 8)
    assert log.after(0, 0) == ["compare: 0 of 8 networks"]
    assert log.after(10, 0.9)[1:] == ["compare: 0 of 8 networks"]  # too little to tell
    assert log.after(10, 7.1)[2:] == ["compare: 8 of 8 networks"]


def test_networks_of_an_earlier_process_do_not_count_as_speed(log: Log) -> None:
    log.progress.stage("search", 100)
    log.after(0, 80)
    assert log.after(10, 1) == ["search: 81 of 100 networks, about 3 min left"]


def test_a_line_fits_and_is_not_obeyed(log: Log) -> None:
    log.progress.stage("search", 1000)
    log.progress.best("96.1% [b]a\x1b[2J " + "a very long list of symmetries " * 3)
    (line,) = log.after(100, 3)
    assert line.startswith(r"search: 3 of 1,000 networks, best 96.1% [b]a\x1b[2J a v")
    assert line.endswith("…, about 9 h 14 min left")
    assert len(line) == 80


def test_before_any_stage_nothing_is_printed(log: Log) -> None:
    log.progress.best("nothing")
    assert log.after(60, 1) == []


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.2, "1 s"),
        (41, "41 s"),
        (119, "119 s"),
        (121, "2 min"),
        (7300, "2 h 2 min"),
        (7200, "2 h"),
        (200000, "55 h"),
    ],
)
def test_durations(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected
