"""Usage errors repeat what was typed, and show what a terminal would obey."""

import pytest
from typer.testing import CliRunner

from autoequivariant.cli import app

EVIL, SHOWN = "x\x1b[2J\u202e", r"x\x1b[2J\u202e"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([EVIL], "No such command"),
        (["search", f"--{EVIL}"], "No such option"),
        (["search", "digits", EVIL], "unexpected extra argument"),
        (["data", EVIL], "No such command"),
        (["reproduce", "mlp", f"--{EVIL}"], "No such option"),
    ],
)
@pytest.mark.parametrize("typed", [EVIL, "x"])
def test_arguments_are_shown(words: list[str], said: str, typed: str) -> None:
    result = CliRunner().invoke(app, [word.replace(EVIL, typed) for word in words])
    assert result.exit_code == 2
    text = "".join(result.stderr.replace("│", "").split())
    assert "".join(said.split()) in text
    assert (SHOWN if typed == EVIL else "x") in text
    assert "\x1b" not in result.stderr and "\u202e" not in result.stderr


@pytest.mark.parametrize("length", [10, 100_000])
def test_long_arguments_are_shortened(length: int) -> None:
    result = CliRunner().invoke(app, ["search", "digits", "x" * length])
    assert result.exit_code == 2
    assert len(result.stderr) < 3000
    assert "unexpected extra argument" in result.stderr
