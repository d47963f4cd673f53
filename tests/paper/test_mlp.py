"""The MLP tables on a few small images: the records, and resuming after an interruption."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoequivariant.data.formats.idx import idx_bytes
from autoequivariant.data.registry import read
from autoequivariant.data.split import split
from autoequivariant.errors import DataError, RunError, SettingsError
from autoequivariant.paper.g_mnist import SINGLES, transformed
from autoequivariant.paper.mlp import mlp_reproduction
from autoequivariant.paper.mlp_settings import MLPSettings
from autoequivariant.paper.reproduction import reproduce
from autoequivariant.searching.experiment import make_experiment
from autoequivariant.searching.fit.final import FINAL_REPLICATE
from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.evaluator import Evaluator
from autoequivariant.training.executors.local import LocalExecutor

pytestmark = pytest.mark.slow

SMALL: dict[str, Any] = {"train_size": 64, "epochs": 1, "sampler": "random", "budget": 3}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four noisy patterns of 28x28 as IDX files."""
    folder = tmp_path_factory.mktemp("originals") / "small"
    folder.mkdir()
    rng = np.random.default_rng(0)
    patterns = rng.integers(0, 256, (4, 28, 28))
    for part, n in (("train", 100), ("t10k", 40)):
        labels = (np.arange(n) % 4).astype(np.uint8)
        noisy = patterns[labels] + rng.normal(0, 60, (n, 28, 28))
        images = np.clip(noisy, 0, 255).astype(np.uint8)
        (folder / f"{part}-images-idx3-ubyte").write_bytes(idx_bytes(images))
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(idx_bytes(labels))
    return folder


@pytest.fixture(scope="module")
def whole(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reproduction with one mixed setting that nothing interrupted."""
    out = tmp_path_factory.mktemp("whole") / "run"
    reproduce(mlp_reproduction(MLPSettings("mnist", source, ("mix1",), **SMALL)), out)
    return out


def results(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "results.json").read_text())
    return found


class Ended(Exception):
    """Stands for the end of a process."""


class Trainings:
    """Counts what is trained, and ends the process in a call of the evaluator if asked to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.counts: Counter[tuple[int, ...]] = Counter()
        self.calls = 0
        self.last: int | None = None
        evaluate = Evaluator.evaluate
        watch = self

        def watched(
            evaluator: Evaluator, children: list[Child], replicate: int, on_step: Any
        ) -> Iterator[tuple[list[Child], list[Evaluation]]]:
            watch.calls += 1

            def step(count: int) -> None:
                if watch.calls == watch.last:
                    raise Ended
                on_step(count)

            for part, found in evaluate(evaluator, children, replicate, step):
                watch.counts.update(child.members for child in part)
                yield part, found

        monkeypatch.setattr(Evaluator, "evaluate", watched)


def test_every_single_symmetry_on_every_single_data_set(whole: Path) -> None:
    found = results(whole)
    rows = found["singles"]
    assert [row["data"] for row in rows] == [setting for setting in SINGLES for _ in range(13)]
    networks = [row["network"] for row in rows[:13]]
    assert networks[:5] == ["baseline", "rot90", "hflip", "vflip", "translate_x:4"]
    assert [row["network"] for row in rows] == networks * 13
    for row in rows:
        low, high = row["test_interval"]
        assert 0 <= low <= row["test_score"] <= high <= 1
        assert (
            row["n_parameters"]
            == next(r for r in rows if r["network"] == row["network"])["n_parameters"]
        )
    assert (found["train_size"], found["epochs"], found["test_size"]) == (64, 1, 40)


def test_a_cell_is_what_training_it_alone_gives(whole: Path, source: Path) -> None:
    """The slow twin: one network, on one data set, without company and without the machinery."""
    settings = MLPSettings("mnist", source, (), **SMALL)
    problem = make_experiment(settings.tables).problem
    data = split(transformed(read(source), "hflip", 0), 64, None, 0)
    child = problem.space.child({6})
    with LocalExecutor() as executor:
        evaluator = problem.evaluator(data.train, data.test, executor)
        ((_, (alone,)),) = evaluator.evaluate([child], FINAL_REPLICATE, lambda _: None)
    (row,) = [
        row
        for row in results(whole)["singles"]
        if (row["data"], row["network"]) == ("hflip", "swap_left_right")
    ]
    assert (row["test_score"], row["n_parameters"]) == (alone.score, alone.n_parameters)


def test_a_mixed_setting(whole: Path) -> None:
    (mix,) = results(whole)["mixes"]
    assert (mix["data"], mix["search"]["networks_trained"]) == ("mix1", 3)
    baseline, single, found = mix["networks"]
    assert [row["network"] for row in mix["networks"]] == ["baseline", "best single", "found"]
    assert (baseline["symmetries"], len(single["symmetries"])) == ([], 1)
    searched = results(whole / "mix1")
    assert found["symmetries"] == searched["best"]["symmetries"]
    assert found["n_parameters"] == searched["best"]["n_parameters"]


def test_the_best_single_symmetry_is_the_best_on_validation(whole: Path) -> None:
    records = json.loads((whole / "records" / "mix1-validation.json").read_text())
    (mix,) = results(whole)["mixes"]
    single = mix["networks"][1]
    assert len(records) >= 9  # of the twelve the search trained no more than three
    assert single["validation_score"] >= max(r["score"] for r in records)


def test_the_search_is_what_aen_search_goes_on_with(whole: Path) -> None:
    config = json.loads((whole / "mix1" / "config.json").read_text())
    assert config["command"]["preset"] == "paper"
    assert config["identity"]["layers"] == ["20x20", "20x20"]
    assert (config["identity"]["epochs"], config["identity"]["final"]) == (4, "dense")
    assert {p.name for p in (whole / "data").iterdir()} == {"mix1"}


def test_nothing_is_trained_twice_and_the_numbers_are_the_same(
    whole: Path, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = MLPSettings("mnist", source, (), **SMALL)
    folds = Trainings(monkeypatch)
    folds.last = 3  # the third data set
    with pytest.raises(Ended):
        reproduce(mlp_reproduction(settings), tmp_path / "run")
    assert not (tmp_path / "run" / "results.json").exists()
    assert sum(folds.counts.values()) == 26
    folds.last = None
    reproduce(mlp_reproduction(settings), tmp_path / "run")
    assert set(folds.counts.values()) == {13}
    assert len(folds.counts) == 13
    assert results(tmp_path / "run")["singles"] == results(whole)["singles"]


def test_again_after_the_end_says_the_same(
    whole: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (whole / "results.json").read_bytes()
    folds = Trainings(monkeypatch)
    reproduce(mlp_reproduction(MLPSettings("mnist", source, ("mix1",), **SMALL)), whole)
    assert not folds.counts
    assert (whole / "results.json").read_bytes() == before


@pytest.mark.parametrize(
    ("options", "trouble"),
    [
        ({"seed": 1}, "holds another reproduction .seed was 0 and is now 1.: choose another --out"),
        ({"dataset": "fashion_mnist"}, "data set was mnist and is now fashion_mnist"),
        ({"epochs": 2, "train_size": 60}, "train size was 64 and is now 60; epochs was 1"),
    ],
)
def test_another_reproduction_is_refused(
    whole: Path, source: Path, options: dict[str, Any], trouble: str
) -> None:
    settings = {"dataset": "mnist", "source": source, "mixes": (), **SMALL, **options}
    with pytest.raises(RunError, match=trouble):
        reproduce(mlp_reproduction(MLPSettings(**settings)), whole)


@pytest.fixture(scope="module")
def seeded(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reproduction on proper hidden domains with two seeds, the second added later."""
    out = tmp_path_factory.mktemp("seeded") / "run"
    options: dict[str, Any] = {**SMALL, "domains": "proper"}
    for seeds in (1, 2):
        settings = MLPSettings("mnist", source, ("mix1",), **options, seeds=seeds)
        reproduce(mlp_reproduction(settings), out)
    return out


def test_translations_act_properly_on_proper_domains_only(source: Path) -> None:
    """Law 4: on the paper's domains both are blind to positions, which a warning says."""
    samples = read(source)
    warned = {}
    for domains in ("paper", "proper"):
        settings = MLPSettings("mnist", source, **SMALL, domains=domains)
        problem = make_experiment(settings.tables, samples).problem
        warned[domains] = problem.family.warnings
        assert problem.family.identity()["final"] == "dense"
    assert not warned["proper"]
    assert warned["paper"]
    layers, channels = (problem.family.identity()[name] for name in ("layers", "channels"))
    assert (layers, channels) == (["14x14", "14x14"], [2, 2])


def test_the_second_seed_is_a_reproduction_of_its_own(seeded: Path, source: Path) -> None:
    """Except that the first has another folder, the runs are those of each seed alone."""
    found = results(seeded)
    assert (found["domains"], [run["seed"] for run in found["runs"]]) == ("proper", [0, 1])
    settings = MLPSettings("mnist", source, (), **SMALL, domains="proper", seed=1)
    reproduce(mlp_reproduction(settings), seeded.parent / "alone")
    assert results(seeded.parent / "alone")["singles"] == found["runs"][1]["singles"]
    assert found["runs"][0]["singles"] != found["runs"][1]["singles"]
    searched = results(seeded / "seed-1" / "mix1")
    assert (
        searched["best"]["symmetries"]
        == (found["runs"][1]["mixes"][0]["networks"][2]["symmetries"])
    )


def test_with_seeds_nothing_is_trained_twice(
    seeded: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (seeded / "results.json").read_bytes()
    trained = Trainings(monkeypatch)
    settings = MLPSettings("mnist", source, ("mix1",), **SMALL, domains="proper", seeds=2)
    reproduce(mlp_reproduction(settings), seeded)
    assert not trained.counts
    assert (seeded / "results.json").read_bytes() == before


def test_other_domains_are_refused_in_the_same_folder(seeded: Path, source: Path) -> None:
    with pytest.raises(RunError, match="domains was proper and is now paper"):
        reproduce(mlp_reproduction(MLPSettings("mnist", source, **SMALL)), seeded)


def test_a_folder_that_holds_a_search_is_refused(whole: Path, source: Path) -> None:
    settings = MLPSettings("mnist", source, (), **SMALL)
    with pytest.raises(RunError, match=r"cannot be read as the settings of a reproduction"):
        reproduce(mlp_reproduction(settings), whole / "mix1")


def test_data_that_cannot_be_used_is_refused(source: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="10,?000"):
        mlp_reproduction(MLPSettings("mnist", source))
    (tmp_path / "half").mkdir()
    for path in source.glob("train-*"):
        (tmp_path / "half" / path.name).write_bytes(path.read_bytes())
    with pytest.raises(DataError, match="half has no test set.*add t10k-images"):
        mlp_reproduction(MLPSettings("mnist", tmp_path / "half", **SMALL))
    assert [path.name for path in tmp_path.iterdir()] == ["half"]


INTERRUPTED = """
import signal
from autoequivariant.__main__ import main
from autoequivariant.training.evaluator import Evaluator

evaluate, calls = Evaluator.evaluate, []

def interrupted(evaluator, children, replicate, on_step):
    calls.append(children)

    def step(count):
        if len(calls) == 2:
            signal.raise_signal(signal.SIGINT)
        on_step(count)

    return evaluate(evaluator, children, replicate, step)

Evaluator.evaluate = interrupted
main()
"""


def test_ctrl_c_says_how_to_resume(source: Path, tmp_path: Path) -> None:
    """The signal comes in a training step of the second data set."""
    out = tmp_path / "run"
    options = ["--mixes", "none", "--train-size", "64", "--epochs", "1", "--out", str(out)]
    command = ["reproduce", "mlp", "--dataset", "mnist", "--source", str(source), *options]
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, *command],
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 130
    assert done.stderr.startswith("aen: interrupted; ")
    assert done.stderr.count("\n") == 1
    assert [path.name for path in out.rglob("*.part")] == []
    assert [path.name for path in (out / "records").iterdir()] == ["none.json"]
    assert not (out / "results.json").exists()
