"""The command line of a report gives the same settings again."""

import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from autoequivariant.candidates.symmetry_file import read_candidates
from autoequivariant.cli import app
from autoequivariant.errors import SettingsError
from autoequivariant.groups.custom.definition import candidate_of
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.report.findings.rerun import command_of, files_of
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training.executors.options import ExecutorOptions

CASES = [
    (SearchSettings("digits"), "aen search digits"),
    (
        SearchSettings("digits", plant=parse_symmetries("hflip,translate_x:2"), seed=3),
        "aen search digits --plant hflip,translate_x:2 --seed 3",
    ),
    (
        SearchSettings("digits", network="cnn", augmentations=(), sizes=("small", "large")),
        "aen search digits --network cnn --augmentations none --size small,large",
    ),
    (
        SearchSettings("digits", objective="score,parameters", widths=(1, 2), timeout=90.5),
        "aen search digits --objective score,parameters --widths 1,2 --timeout 90.5s",
    ),
    (
        SearchSettings("a b/it's.npz", layers=(Grid(4, 4),), memory_limit=3 * 2**29, timeout=600),
        "aen search 'a b/it'\"'\"'s.npz' --layers 4x4 --timeout 600s --memory-limit 1.5",
    ),
    (
        SearchSettings("mnist", source=Path("x"), preset="paper", train_size=7, network="mlp"),
        "aen search mnist --preset paper --network mlp --train-size 7 --source x",
    ),
    (
        SearchSettings("a.csv", target=("u,v", "w, in m"), drop=("id",), task="regression"),
        "aen search a.csv --target u,v --target 'w, in m' --drop id --task regression",
    ),
    (
        SearchSettings("digits", fit="full", fit_time=480.0),
        "aen search digits --fit full --fit-time 480.0",
    ),
    (
        SearchSettings("digits", tests=False, smallest=True),
        "aen search digits --no-tests --smallest",
    ),
    (
        SearchSettings("digits", executor=ExecutorOptions("ray", "auto", cpus_per_child=2.0)),
        "aen search digits --executor ray --ray-address auto --cpus-per-child 2",
    ),
]


@pytest.mark.parametrize(("settings", "expected"), CASES)
def test_a_command(
    settings: SearchSettings, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command_of(settings) == expected
    read: list[SearchSettings] = []

    def stop(given: SearchSettings, *others: Any, **options: Any) -> None:
        read.append(given)
        raise SettingsError("enough")

    monkeypatch.setattr("autoequivariant.searching.run.search", stop)
    result = CliRunner().invoke(app, shlex.split(expected)[1:])
    assert "enough" in result.stderr
    assert read == [settings]


def test_the_folder_is_named_where_it_is_another() -> None:
    settings = SearchSettings("digits")
    assert command_of(settings, Path("runs/digits")) == "aen search digits"
    found = shlex.split(command_of(settings, Path("a b")))
    assert found == ["aen", "search", "digits", "--out", str(Path("a b").absolute())]


def test_symmetries_of_ones_own_are_a_file(tmp_path: Path) -> None:
    named = parse_symmetries("hflip")
    own = candidate_of({"name": "players", "like": "negate", "outputs": {"swap": "no <-> yes"}})
    settings = SearchSettings("digits", symmetries=(*named, own), plant=named)
    expected = "aen search digits --symmetries symmetries.yaml --plant hflip"
    assert command_of(settings) == expected
    ((name, content),) = files_of(settings)
    assert name == "symmetries.yaml"
    (tmp_path / name).write_text(content)
    assert read_candidates(str(tmp_path / name)) == settings.symmetries
    assert files_of(SearchSettings("digits", symmetries=(*named, candidate_of("square")))) == ()
