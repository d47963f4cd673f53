"""`aen report` and `aen dashboard`, as a person calls them."""

import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autoequivariant.cli import app
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.searching.run import search
from autoequivariant.searching.settings.settings import SearchSettings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = SearchSettings(
        "digits",
        symmetries=parse_symmetries("hflip,vflip"),
        channels=1,
        epochs=1,
        train_size=100,
        validation_size=50,
    )
    return search(settings, tmp_path_factory.mktemp("cli") / "run").folder


def test_a_report_is_written(folder: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["report", str(folder), "--out", str(tmp_path / "r.html")])
    assert result.exit_code == 0, result.output
    assert "r.html" in result.output.replace("\n", "")
    assert (tmp_path / "r.html").read_text().startswith("<!doctype html>")


def test_a_report_is_opened(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("typer.launch", opened.append)
    out = tmp_path / "a b.html"
    CliRunner().invoke(app, ["report", str(folder), "--out", str(out), "--open"])
    assert opened == [out.as_uri()]


REFUSED = [
    (["report", "nowhere"], "nowhere is not the folder of a run"),
    (["dashboard", "nowhere"], "nowhere is not the folder of a run"),
    (["dashboard", "{folder}", "--port", "99999"], "--port must be 0 to 65535; got 99999"),
    (["dashboard", "{folder}", "--host", "999.1.1.1"], "cannot listen at 999.1.1.1"),
    (["report", "{folder}", "--out", "{folder}"], "cannot be written"),
]


@pytest.mark.parametrize(("words", "phrase"), REFUSED)
def test_what_cannot_be_is_refused(folder: Path, words: list[str], phrase: str) -> None:
    result = CliRunner().invoke(app, [word.format(folder=folder) for word in words])
    assert result.exit_code == 2
    assert phrase in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_the_command_answers_until_it_is_interrupted(
    folder: Path, number: signal.Signals, status: int
) -> None:
    command = [sys.executable, "-m", "autoequivariant", "dashboard", str(folder), "--port", "0"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # What a shell starts in the background ignores Ctrl-C, and so would what that starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        port = int(line.split(":")[2].split("/")[0])
        assert (
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/studies", timeout=30).status == 200
        )
        process.send_signal(number)
        _, complaint = process.communicate(timeout=120)
        assert process.returncode == status
        assert complaint == ("aen: dashboard stopped.\n" if status else "")
    finally:
        process.kill()
