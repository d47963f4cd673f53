"""Errors that a user can fix are one sentence and an exit status; faults are not hidden."""

import errno
import io
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from autoequivariant.cli import app
from autoequivariant.cli.console import say
from autoequivariant.cli.refusals import refusals
from autoequivariant.errors import DataError


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        (MemoryError(), 2),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried 9 bytes"), 2),
        (RuntimeError("CUDA out of memory. Tried to allocate 9 GiB."), 2),
        (RuntimeError("CUDA error: an illegal memory access was encountered"), 1),
        (RuntimeError("a fault of our own"), 1),
    ],
)
def test_too_little_memory_is_said_and_faults_are_not_hidden(
    monkeypatch: pytest.MonkeyPatch, trouble: Exception, status: int
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise trouble

    monkeypatch.setattr("autoequivariant.searching.run.search", fail)
    result = CliRunner().invoke(app, ["search", "digits"])
    assert result.exit_code == status
    assert ("not enough memory" in result.stderr) == (status == 2)


@pytest.mark.parametrize(
    ("trouble", "status", "said"),
    [
        (DataError("The table has no rows."), 2, "aen: The table has no rows.\n"),
        (KeyboardInterrupt(), 130, "aen: stopped.\n"),
        (
            OSError(errno.ENOSPC, "No space left on device", "a.csv"),
            2,
            "aen: a.csv cannot be read or written (No space left on device): free some space, or "
            "choose another --out.\n",
        ),
    ],
    ids=["ours", "Ctrl-C", "the system's"],
)
def test_a_sentence_and_a_status(
    trouble: BaseException, status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended, refusals("stopped."):
        raise trouble
    assert ended.value.exit_code == status
    assert capsys.readouterr().err == said


def test_what_is_no_refusal_passes() -> None:
    with pytest.raises(ValueError, match="fault"), refusals():
        raise ValueError("fault")


def test_a_reader_that_has_gone_is_no_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout", io.StringIO())
    with pytest.raises(typer.Exit) as ended, refusals():
        raise BrokenPipeError(errno.EPIPE, "pipe")
    assert ended.value.exit_code == 141
    assert capsys.readouterr().err == ""
    say("nobody reads this")


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "free some space, or write it elsewhere."),
        (errno.EIO, "write it elsewhere."),
    ],
)
def test_an_output_that_cannot_be_written(
    number: int, remedy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit), refusals():
        raise OSError(number, "why")
    assert capsys.readouterr().err == f"aen: the output cannot be written (why): {remedy}\n"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows removes no folder that is in use")
def test_a_working_folder_that_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    script = "import os, sys; os.rmdir(os.getcwd()); from autoequivariant.__main__ import main; "
    for gone, status in ((True, 2), (False, 0)):
        folder.mkdir(exist_ok=True)
        code = (script if gone else script.replace("os.rmdir(os.getcwd()); ", "")) + "main()"
        command = [sys.executable, "-c", code, "--version"]
        found = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert found.returncode == status, found.stderr
        assert ("working folder does not exist" in found.stderr) == gone
