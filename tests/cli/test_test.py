"""`aen test`: verdicts from samples and labels alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from autoequivariant.cli import app
from autoequivariant.cli.completion import NamesInHelp

from .command import aen

RNG = np.random.default_rng(0)
KEYS = {"name", "verdict", "reason", "inputs", "task", "use", "trained", "proposed"}


def strict(text: str) -> dict[str, Any]:
    """Parse JSON, which has no NaN and no key twice."""

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)

    found: dict[str, Any] = json.loads(text, parse_constant=refuse, object_pairs_hook=unique)
    return found


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A label that depends on one of three columns alone."""
    path = tmp_path_factory.mktemp("data") / "rooms.csv"
    x = RNG.normal(size=(600, 3))
    rows = [f"{a:.6f},{b:.6f},{c:.6f},{'yes' if a > 0 else 'no'}" for a, b, c in x]
    path.write_text("\n".join(["a,b,c,label", *rows]) + "\n")
    return str(path)


@pytest.fixture(scope="module")
def found(table: str) -> dict[str, Any]:
    return strict(aen("test", table, "--target", "label", "--symmetries", "swap:0-1", "--json"))


def test_json_has_verdicts_closure_and_seconds(found: dict[str, Any]) -> None:
    assert set(found) == {"verdicts", "closure", "seconds"}
    (verdict,) = found["verdicts"]
    assert set(verdict) == KEYS
    assert verdict["name"] == "swap:0-1"
    assert verdict["verdict"] == "does not hold"  # the label needs column a
    assert (verdict["use"], verdict["trained"]) == ("not tried", None)
    assert found["closure"] == []
    assert found["seconds"] > 0


def test_a_second_run_gives_the_same_answer(table: str, found: dict[str, Any]) -> None:
    words = ["--target", "label", "--symmetries", "swap:0-1", "--json"]
    again = strict(aen("test", table, *words))
    assert again["verdicts"] == found["verdicts"]


def test_the_default_candidates_are_those_of_a_search(table: str) -> None:
    names = [
        v["name"] for v in strict(aen("test", table, "--target", "label", "--json"))["verdicts"]
    ]
    assert names == ["swap a <-> b", "swap b <-> c"]


def test_output_to_a_file_is_plain_and_narrow(table: str, tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    words = ["test", table, "--target", "label", "--symmetries", "swap:0-1,swap:1-2"]
    with path.open("w") as out:
        done = subprocess.run(
            [sys.executable, "-m", "autoequivariant", *words], stdout=out, stderr=subprocess.PIPE
        )
    assert (done.returncode, done.stderr) == (0, b"")
    text = path.read_text()
    command = f"  aen search {table} --target label --symmetries swap:0-1,swap:1-2"
    lines = [line for line in text.splitlines() if line != command]
    assert len(lines) < len(text.splitlines()), text  # the command is there, to be copied
    assert "\x1b" not in text
    assert max(map(len, lines)) <= 80
    assert "480 samples (120 kept for test)" in text


def test_a_warning_goes_to_stderr(tmp_path: Path) -> None:
    images = npz(tmp_path, RNG.normal(size=(60, 28, 28)), Y)
    words = ["--preset", "paper", "--symmetries", "translate_x:4"]
    done = CliRunner().invoke(app, ["test", images, *words, "--json"])
    assert [one["name"] for one in strict(done.stdout)["verdicts"]] == ["translate_x:4"]
    assert done.stderr.startswith("aen: warning: translate_x:4")
    printed = aen("test", images, *words)  # in the table, it is printed with the rest
    assert "warning: translate_x:4" in printed


def npz(folder: Path, x: Any, y: Any) -> str:
    path = folder / "some.npz"
    np.savez(path, x_train=x, y_train=y)
    return str(path)


X = RNG.normal(size=(60, 4))
Y = np.arange(60) % 2
REFUSED: list[tuple[Any, Any, str, str]] = [
    (X, Y, "--symmetries none", "--symmetries names no candidate"),
    (X * [1, 10, 100, 1000], Y, "", "Neither the names of the columns"),
    (X, Y * 0, "", "hold only one class"),
    (X[:3], Y[:3], "--symmetries swap:0-1", "too few for 2 classes"),
    (np.where(X > 2, np.nan, X), Y, "", "NaN"),
    (X.reshape(60, 2, 2)[:, :, :1], Y, "--symmetries rot90", "rot90 is not defined on 2x1"),
    (X, Y, "--symmetries swap:0-9", "swap:0-9"),
    (X, Y, "--symmetries swap:0-1 --plant hflip", "hflip is not defined on features:4"),
    (X, Y, "--network rnn", "--network must be one of auto, mlp, cnn"),
    (X, Y, "--seed -1", "--seed must be 0 or more"),
    (X, Y, "--memory-limit 0.0000001", "--memory-limit"),
]


@pytest.mark.parametrize(("x", "y", "words", "phrase"), REFUSED)
@pytest.mark.parametrize("as_json", [False, True])
def test_refused(x: Any, y: Any, words: str, phrase: str, as_json: bool, tmp_path: Path) -> None:
    arguments = [*words.split(), *["--json"] * as_json]
    complaint = aen("test", npz(tmp_path, x, y), *arguments, code=2)
    assert complaint.startswith("aen: ")
    assert complaint.count("\n") == 1
    assert phrase in complaint


@pytest.mark.parametrize("words", ["", "--symmetries swap:0-1", "--plant swap:0-1", "--seed 7"])
def test_their_twins_are_accepted(words: str, tmp_path: Path) -> None:
    assert strict(aen("test", npz(tmp_path, X, Y), *words.split(), "--json"))["verdicts"]


def test_a_constant_column_is_no_obstacle(tmp_path: Path) -> None:
    x = np.column_stack([X, np.full(60, 7.0)])
    data = npz(tmp_path, x, Y)
    names = ["swap:0-4", "negate_column:4"]
    verdicts = strict(aen("test", data, "--symmetries", ",".join(names), "--json"))["verdicts"]
    assert [one["name"] for one in verdicts] == names


def test_the_command_is_registered_with_completion() -> None:
    import typer

    command = typer.main.get_command(app).commands["test"]  # type: ignore[attr-defined]
    assert isinstance(command, NamesInHelp)
    completed = [p.name for p in command.params if p._custom_shell_complete is not None]
    assert {"data", "symmetries", "plant"} <= set(completed)
