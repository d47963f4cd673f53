"""Errors that a user can fix are one sentence and an exit status; faults are not hidden."""

import errno

import pytest
import typer
from typer.testing import CliRunner

from autoequivariant.cli import app
from autoequivariant.cli.refusals import refusals
from autoequivariant.errors import DataError


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        (MemoryError(), 2),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried 9 bytes"), 2),
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


@pytest.mark.parametrize("trouble", [BrokenPipeError(errno.EPIPE, "pipe"), ValueError("fault")])
def test_what_is_no_refusal_passes(trouble: Exception) -> None:
    with pytest.raises(type(trouble)), refusals():
        raise trouble
