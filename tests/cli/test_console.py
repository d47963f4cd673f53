"""What columns, classes, symmetries and files are called is shown as it is, and never obeyed."""

import io
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table
from rich.text import Text
from typer.testing import CliRunner

from autoequivariant.cli import app
from autoequivariant.cli.console import complain, make_console, say, write_data, write_script
from autoequivariant.errors import DataError, printable, printable_lines

EVIL = "a\x1b[31m\x1b]0;title\x07[/b][bold]\u202e:cat:"
SHOWN = r"a\x1b[31m\x1b]0;title\x07[/b][bold]\u202e:cat:"

PRINTABLE = [
    (EVIL, SHOWN),
    ("a\nb\tc\r", r"a\nb\tc\r"),
    ("\x9b31m\x7f\u2028", r"\x9b31m\x7f\u2028"),
    ("a\udc80", r"a\udc80"),
    ("Größe\xa0²\u200d 温度 −0.5 …", "Größe\xa0²\u200d 温度 −0.5 …"),
]


@pytest.mark.parametrize(("text", "expected"), PRINTABLE)
def test_printable(text: str, expected: str) -> None:
    assert printable(text) == expected
    assert str(DataError(text)) == expected


def test_a_console_shows_what_it_does_not_obey() -> None:
    file = io.StringIO()
    console = make_console(file, 200)
    table = Table()
    table.add_column(escape(EVIL))
    table.add_row(escape(EVIL))
    console.print(table)
    console.print(f"[bold]{escape(EVIL)}[/]\nnext line")
    console.print(Text(f"last: {EVIL}"))  # made without the console: rich takes the bell out
    with Progress(console=console) as progress:
        progress.add_task(escape(EVIL), total=1)
    text = file.getvalue()
    assert text.count(SHOWN) == 3
    assert "last: " + SHOWN.replace(r"\x07", "") in text
    assert "\x1b" not in text and "\x07" not in text and "\u202e" not in text
    assert "\nnext line\n" in text


def test_its_own_colours_stay() -> None:
    console = make_console(io.StringIO(), 80)
    console._force_terminal = True  # as on a terminal
    console._color_system = 1  # type: ignore[assignment]
    console.print("[bold]loud[/]")
    assert console.file.getvalue() == "\x1b[1mloud\x1b[0m\n"  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table whose columns and classes have names that a terminal or markup would obey."""
    path = tmp_path_factory.mktemp("names")
    first, second = EVIL, "b[/b]\x1b[2J"
    rows = [f'"{first}","{second}","y"']
    for n in range(200):
        label = "[/x]\x1b[1m" if n * 7 % 13 < 6 else "b"
        rows.append(f'{n % 17 / 3 - 2},{n % 19 / 3 - 2.5},"{label}"')
    (path / "t.csv").write_text("\n".join(rows) + "\n")
    more = [f'{row},"{n if n else "z" + chr(27) + "[1m"}"' for n, row in enumerate(rows)]
    (path / "more.csv").write_text("\n".join(more) + "\n")
    (path / "mine.yaml").write_text('- name: "mirror[/b]"\n  swap: 0 <-> 1\n')
    return path


def said(words: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(app, words, env={"COLUMNS": "80"})
    assert result.exit_code == 0, result.output
    assert "\x1b" not in result.output
    assert "\x07" not in result.output
    return "".join(result.output.split())


def test_every_command(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, quick = ["--target", "y"], ["--epochs", "1", "--budget", "2", "--out", "r[/x]"]
    data = ["t.csv", *target]
    text = said(["symmetries", *data], folder, monkeypatch)
    assert r"a\x1b[31m\x1b]0;title\x07[/b][bold]" in text
    text = said(["symmetries", *data, "--symmetries", "mine.yaml"], folder, monkeypatch)
    assert text.count("mirror[/b]") == 2
    text = said(["search", *data, *quick], folder, monkeypatch)
    assert r"b[/b]\x1b[2J" in text
    assert "writtentor[/x]" in text
    assert r"[/x]\x1b[1m" in said(["evaluate", "r[/x]"], folder, monkeypatch)
    said(["verify", "r[/x]"], folder, monkeypatch)
    text = said(["export", "r[/x]", "--format", "torch"], folder, monkeypatch)
    assert "written:r[/x]/network.py" in text
    text = said(["predict", "r[/x]", "more.csv", "--out", "o[y].csv"], folder, monkeypatch)
    assert "writtentoo[y].csv" in text
    assert r"ignored:z\x1b[1m" in text
    assert "writtentor[/x]" in said(["report", "r[/x]"], folder, monkeypatch)


def test_data_are_shown_in_a_terminal_and_unchanged_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_data(f"{EVIL}\nnext\n")
    assert capsys.readouterr().out == f"{EVIL}\nnext\n"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    write_data(f"{EVIL}\nnext\n")
    assert capsys.readouterr().out == f"{SHOWN}\nnext\n"


def test_plain_lines_and_complaints_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    say(f"{EVIL}\nnext")
    complain(EVIL)
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == (f"{SHOWN}\nnext\n", f"aen: {SHOWN}\n")


@pytest.mark.parametrize("name", [EVIL, "plain"])
def test_warnings_of_other_packages_are_shown(name: str) -> None:
    code = f"""
import warnings
from autoequivariant.cli.console import prepare_streams
prepare_streams()
warnings.warn("column " + {name!r})
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert f"UserWarning: column {printable(name)}\n" in done.stderr
    assert "\x1b" not in done.stderr


def test_a_complaint_that_nobody_can_read_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise OSError("the terminal is gone")

    monkeypatch.setattr("sys.stderr.write", gone)
    complain("x")


def test_the_script_of_a_shell_is_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    write_script("a\tb")
    assert capsys.readouterr().out == "a\tb\n"


# What Rich and Typer themselves send: colours, and the cursor of a progress bar.
OWN = re.compile(r"\x1b\[[0-9;]*m|\x1b\[\?25[lh]|\x1b\[1A|\x1b\[2K|\r")


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ["search", "x\x1b[2J\u202e"],
        ["search", "--x\x1b[2J\u202e"],
        ["symmetries", "t.csv", "--target", "y"],
        ["symmetries", "t.csv", "--target", "y", "--json"],
        ["search", "t.csv", "--target", "y", "--epochs", "1", "--budget", "2", "--out", "r\x1b[2J"],
    ],
)
def test_what_arrives_at_a_terminal(words: list[str], folder: Path) -> None:
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(folder)
        os.environ |= {"TERM": "xterm-256color", "COLUMNS": "80"}
        os.execv(sys.executable, [sys.executable, "-m", "autoequivariant", *words])
    arrived = b""
    with suppress(OSError):  # the other end is closed
        while some := os.read(terminal, 4096):
            arrived += some
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) in (0, 2)
    text = OWN.sub("", arrived.decode())
    assert r"\x1b" in text or r"\u001b" in text
    assert printable_lines(text) == text
