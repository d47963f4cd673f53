"""`aen reproduce`: what it refuses, prints and writes."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from autoequivariant.cli import app
from autoequivariant.paper.reproduction import Reproduction


def aen(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == code, (done.stderr, done.exception)
    return done.stderr if code else done.stdout


@pytest.mark.parametrize(
    ("command", "options"),
    [
        (
            "mlp",
            "dataset source out mixes sampler budget train-size epochs seed device domains seeds",
        ),
        ("cnn", "dataset source out scale seed device"),
    ],
)
def test_help_names_every_option(command: str, options: str) -> None:
    printed = aen("reproduce", command, "--help")
    for option in options.split():
        assert f"--{option}" in printed


@pytest.mark.parametrize(
    ("arguments", "phrases"),
    [
        (
            "mlp --dataset mnits --source x --mixes mix6",
            ["--dataset must be one of mnist, fashion_mnist; got 'mnits'", "--mixes", "'mix6'"],
        ),
        (
            "mlp --dataset mnist --source x --domains 14x14 --seeds 0",
            ["--domains must be one of paper, proper; got '14x14'", "--seeds must be 1 or more"],
        ),
        ("mlp --dataset mnist --source nothere", ["'nothere'"]),
        ("mlp --dataset mnist --source digits", ["'digits'"]),
        ("cnn --dataset cifar100 --source x --scale tpu", ["'cifar100'", "got 'tpu'"]),
        ("cnn --dataset cifar10 --source nothere", ["--source 'nothere' does not exist"]),
    ],
)
def test_what_cannot_be_reproduced_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: str, phrases: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    complaint = aen("reproduce", *arguments.split(), code=2)
    assert complaint.startswith("aen: ")
    assert complaint.count("\n") == 1
    for phrase in phrases:
        assert phrase in complaint
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["mlp", "cnn"])
def test_it_prints_the_summary_and_what_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    out = Path("a [red] name")
    made: list[Any] = []

    def reproduction(settings: Any) -> Reproduction:
        made.append(settings)
        return Reproduction(
            kind, {}, lambda workspace: {}, lambda results: {"a.md": ""}, lambda results: ["Said."]
        )

    monkeypatch.setattr(f"autoequivariant.paper.{kind}.{kind}_reproduction", reproduction)
    dataset = {"mlp": "mnist", "cnn": "rotmnist"}[kind]
    arguments = ["--dataset", dataset, "--source", "anywhere", "--seed", "3", "--out", str(out)]
    printed = aen("reproduce", kind, *arguments)
    assert printed == f"Said.\n\nwritten to {out}: results.json, a.md\n"
    assert {path.name for path in out.iterdir()} == {"config.json", "results.json", "a.md"}
    assert (made[0].dataset, made[0].source, made[0].seed) == (dataset, Path("anywhere"), 3)
