"""Complete searches: they find what was planted, respect the deadline and use test once."""

import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from autoequivariant.data.split import Split
from autoequivariant.errors import SettingsError
from autoequivariant.evidence.class_balance import ClassShares
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.inference.saved_model import open_saved
from autoequivariant.searching import run as run_module
from autoequivariant.searching import session
from autoequivariant.searching.experiment import Experiment, make_experiment
from autoequivariant.searching.fit import fit as fit_module
from autoequivariant.searching.fit import rivals as rivals_module
from autoequivariant.searching.fit.final import FINAL_REPLICATE
from autoequivariant.searching.outcome import Outcome
from autoequivariant.searching.run import search
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.results import Seconds
from autoequivariant.searching.storage.run_folder import RunFolder
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Key
from autoequivariant.training.clock import Clock, Interrupted
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.families.model_files import load_model
from autoequivariant.training.progress import NoProgress

CANDIDATES = "hflip,vflip,swap_left_right,swap_top_bottom,translate_x:2"
SMALL: dict[str, Any] = {
    "symmetries": parse_symmetries("hflip,vflip"),
    "layers": (Grid(4, 4),),
    "channels": 1,
    "epochs": 1,
    "train_size": 60,
    "validation_size": 40,
}


def results(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "results.json").read_text())
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("sampler", "seed"), [("exhaustive", 0), ("lattice", 1)])
def test_planted_symmetries_are_found(tmp_path: Path, sampler: str, seed: int) -> None:
    settings = SearchSettings(
        "digits",
        symmetries=parse_symmetries(CANDIDATES),
        plant=parse_symmetries("hflip,swap_left_right"),
        layers=(Grid(4, 4),),
        channels=8,
        epochs=16,
        sampler=sampler,
        budget=24,
        seed=seed,
        tests=False,
        smallest=True,
    )
    outcome = search(settings, tmp_path / "run")
    problem = outcome.problem
    found = results(tmp_path / "run")
    assert found["best"]["symmetries"] == problem.names(problem.space.child((0, 2)).members)
    assert found["distinct_networks"] == 24
    assert (found["networks_trained"] == 24) == (sampler == "exhaustive")
    assert (found["objective"], found["widths"], found["best"]["width"]) == ("score", [8], 8)
    assert found["best"]["n_parameters"] < found["baseline"]["n_parameters"] / 3
    assert found["best"]["test_score"] > found["baseline"]["test_interval"][0]
    assert found["best"]["equivariance_error"]["float32"] < 1e-5
    model = load_model(tmp_path / "run")
    assert model.n_parameters == found["best"]["n_parameters"]


def test_no_symmetry_is_found_without_any(tmp_path: Path) -> None:
    settings = SearchSettings(
        "digits",
        symmetries=parse_symmetries("rot90,translate_x:2,translate_y:2"),
        layers=(Grid(4, 4),),
        channels=8,
        epochs=8,
    )
    outcome = search(settings, tmp_path / "run")
    assert outcome.results.best.symmetries == ()
    assert outcome.results.best.n_parameters == outcome.results.baseline.n_parameters
    assert outcome.results.best.equivariance_error is None


class NetworkClock(Clock):
    """A clock, and the progress that drives it: each network takes one second."""

    now = 0.0

    @property
    def elapsed(self) -> float:
        return self.now

    def stage(self, name: str, total: int, unit: str = "network") -> None:
        pass

    def advance(self, networks: float) -> None:
        self.now += networks

    def best(self, text: str) -> None:
        pass


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["exhaustive", "lattice", "tpe"])
def test_a_timeout_ends_the_search_with_the_best_so_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sampler: str
) -> None:
    timeout = 6.0
    settings = SearchSettings(
        "digits",
        epochs=2,
        channels=4,
        train_size=400,
        validation_size=150,
        sampler=sampler,
        timeout=timeout,
        tests=False,  # its clock counts networks
    )
    clock = NetworkClock(timeout)
    monkeypatch.setattr(session, "Clock", lambda _: clock)
    outcome = search(settings, tmp_path / "run", clock, executor=LocalExecutor(1))
    # What may follow: one step of a batch, and two final trainings, on train and validation.
    assert clock.now < timeout + 4
    assert outcome.results.status == "timeout"
    found = results(tmp_path / "run")
    assert found["status"] == "timeout"
    assert 1 <= found["networks_trained"] <= timeout
    assert 0 <= found["best"]["test_interval"][0] <= found["best"]["test_score"] <= 1
    assert found["baseline"]["test_score"] > 0
    assert (tmp_path / "run" / "model.safetensors").exists()


def test_a_timeout_before_anything_was_trained(tmp_path: Path) -> None:
    settings = SearchSettings("digits", timeout=1e-3, **SMALL)
    with pytest.raises(SettingsError, match="--timeout 0.001s ended before.*give more time"):
        search(settings, tmp_path / "run")
    assert search(replace(settings, timeout=None), tmp_path / "run").results.status == "complete"


TWO = SMALL | {"objective": "score,parameters", "channels": 2, "epochs": 3}


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["exhaustive", "lattice", "tpe", "nsga2", "random"])
def test_two_objectives_end_with_a_front(tmp_path: Path, sampler: str) -> None:
    settings = SearchSettings("digits", sampler=sampler, budget=9, **TWO)
    outcome = search(settings, tmp_path / "run")
    found = results(tmp_path / "run")
    assert found["widths"] == [1, 2, 4, 8]
    assert found["objective"] == "score,parameters"
    front = [(row["score"], row["n_parameters"]) for row in found["leading"]]
    assert front == sorted(front, reverse=True)
    assert len(set(front)) == len(front)
    for score, n_parameters in trained(outcome).values():
        assert any(a >= score and w <= n_parameters for a, w in front)
        assert not any(
            score >= a and n_parameters <= w and (score, n_parameters) != (a, w) for a, w in front
        )
    assert set(front) <= set(trained(outcome).values())
    # The networks that two objectives select are tested, too.
    rows = [
        found["best"],
        *(found[name] for name in ("smallest_as_good_as_baseline", "best_no_larger_than_baseline")),
    ]
    for row in rows:
        low, high = row["test_interval"]
        assert low <= row["test_score"] <= high
        assert row["width"] in found["widths"]
        assert row["n_parameters"] <= found["baseline"]["n_parameters"]
    shown = [finalist["symmetries"] for finalist in found["finalists"]]
    assert all(row["symmetries"] in shown for row in rows)
    model = load_model(tmp_path / "run")
    assert model.n_parameters == found["best"]["n_parameters"]
    assert model.architecture.hidden_channels == (found["best"]["width"],)


def trained(outcome: Outcome) -> dict[Key, tuple[float, int]]:
    problem = outcome.problem
    path = outcome.folder / "study.db"
    study = SearchStudy(path, problem.space.distributions, problem.directions)
    found = {key: (e.score, e.n_parameters) for key, e in study.trained().items()}
    study.close()
    return found


def test_two_objectives_resume_with_a_larger_budget(tmp_path: Path) -> None:
    settings = SearchSettings("digits", sampler="lattice", budget=4, **TWO)
    assert search(settings, tmp_path / "run").results.networks_trained == 4
    more = replace(settings, budget=7)
    search(more, tmp_path / "run")
    first = results(tmp_path / "run")
    assert (first["status"], first["networks_trained"]) == ("budget", 7)
    # Again: the same results, and nothing is trained or tested.
    model = (tmp_path / "run" / "model.safetensors").stat().st_mtime_ns
    search(more, tmp_path / "run")
    again = results(tmp_path / "run")
    assert (tmp_path / "run" / "model.safetensors").stat().st_mtime_ns == model
    for kept in (first, again):
        del kept["seconds"]
    assert again == first
    # Weights of another network, as a kill before model.json leaves them, are trained again.
    weights = (tmp_path / "run" / "model.safetensors").read_bytes()
    (tmp_path / "run" / "model.safetensors").write_bytes(weights[:-1] + bytes([weights[-1] ^ 1]))
    search(more, tmp_path / "run")
    assert (tmp_path / "run" / "model.safetensors").read_bytes() == weights


class Watched(Split):
    """A split that records in which stages its samples are read."""

    def __init__(self, split: Split, note: Callable[[], None]) -> None:
        super().__init__(split.x, split.y)
        object.__setattr__(self, "note", note)

    def __len__(self) -> int:
        return len(object.__getattribute__(self, "y"))

    def __getattribute__(self, name: str) -> Any:
        if name in ("x", "y") and "note" in object.__getattribute__(self, "__dict__"):
            object.__getattribute__(self, "note")()
        return super().__getattribute__(name)


class Stages:
    """Progress that remembers the stage."""

    now = "before"

    def stage(self, name: str, total: int, unit: str = "network") -> None:
        self.now = name

    def advance(self, networks: float) -> None:
        pass

    def best(self, text: str) -> None:
        pass


def watch(part: str, monkeypatch: pytest.MonkeyPatch, stages: Stages) -> list[str]:
    seen: list[str] = []

    def watched(settings: SearchSettings, *others: Any) -> Experiment:
        experiment = make_experiment(settings, *others)
        split = Watched(getattr(experiment.data, part), lambda: seen.append(stages.now))
        return replace(experiment, data=replace(experiment.data, **{part: split}))

    monkeypatch.setattr(session, "make_experiment", watched)
    return seen


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("test", {"final"}),
        ("validation", {"ask", "compare", "final"}),
        ("train", {"ask", "compare", "final"}),
    ],
)
def test_test_is_read_only_by_the_final_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str, expected: set[str]
) -> None:
    stages = Stages()
    seen = watch(part, monkeypatch, stages)
    search(SearchSettings("digits", **SMALL), tmp_path / "run", stages)
    assert set(seen) == expected
    if part == "test":
        # Samples; labels for the score, the constant predictor and the balanced accuracy.
        assert seen.count("final") <= 4
        seen.clear()
        search(SearchSettings("digits", **SMALL), tmp_path / "run", stages)
        assert seen == []  # the second time it is not read


def test_the_contents_of_test_do_not_change_the_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With noise as test samples, all results but the test scores are the same."""

    def with_noise(settings: SearchSettings, *others: Any) -> Experiment:
        experiment = make_experiment(settings, *others)
        data = experiment.data
        x: NDArray[Any] = np.zeros_like(data.test.x)
        return replace(experiment, data=replace(data, test=Split(x, data.test.y)))

    found = []
    for name, make in (("data", make_experiment), ("noise", with_noise)):
        monkeypatch.setattr(session, "make_experiment", make)
        search(SearchSettings("digits", **SMALL), tmp_path / name)
        kept = results(tmp_path / name)
        for key in ("seconds", "baseline"):
            del kept[key]
        for key in ("test_score", "test_interval", "balanced_accuracy"):
            del kept["best"][key]
        found.append(kept)
    assert found[0] == found[1]


@pytest.mark.parametrize("classes", [2, 3])
def test_classes_have_further_scores(tmp_path: Path, classes: int) -> None:
    rng = np.random.default_rng(0)
    y = (np.arange(300) % 5).clip(0, classes - 1)
    x = rng.normal(size=(300, 6, 6)) + y[:, None, None] / 2
    np.savez(tmp_path / "d.npz", x_train=x, y_train=y)
    settings = SearchSettings(str(tmp_path / "d.npz"), symmetries=parse_symmetries("hflip"))
    settings = replace(settings, tests=False, smallest=True, epochs=3, fit="none")
    found = search(settings, tmp_path / "run").results
    saved = open_saved(tmp_path / "run")
    test = saved.samples(None)
    labels = np.asarray(test.labels).astype(int)
    outputs = saved.outputs(test.x).numpy()
    recall = balanced_accuracy_score(labels, outputs.argmax(1))
    assert found.best.balanced_accuracy == pytest.approx(recall)
    assert found.baseline is not None and found.baseline.balanced_accuracy is not None
    assert found.class_shares == ClassShares.of(labels)
    if classes == 2:
        area = roc_auc_score(labels, outputs[:, 1] - outputs[:, 0])
        assert found.best.auc == pytest.approx(area)
        assert found.baseline.auc is not None
    else:
        assert found.best.auc is found.baseline.auc is None
    again = search(settings, tmp_path / "run").results
    assert again.best == found.best and again.class_shares == found.class_shares


def test_results_without_the_further_scores_are_read(tmp_path: Path) -> None:
    settings = SearchSettings("digits", **SMALL)
    search(settings, tmp_path / "run", rivals=True)
    older = results(tmp_path / "run")
    del older["class_shares"]
    for row in (older["best"], older["baseline"], *older["rivals"]):
        del row["balanced_accuracy"]
    del older["best"]["auc"], older["baseline"]["auc"]
    (tmp_path / "run" / "results.json").write_text(json.dumps(older))
    found = search(settings, tmp_path / "run", rivals=True).results
    assert found.best.balanced_accuracy is found.class_shares is None
    assert found.best.test_score == older["best"]["test_score"]


def test_a_larger_budget_resumes_and_tests_the_new_choice(tmp_path: Path) -> None:
    small = SearchSettings("digits", **SMALL | {"budget": 2, "epochs": 2})
    first = search(small, tmp_path / "run").results
    assert (first.status, first.networks_trained) == ("budget", 2)
    second = search(replace(small, budget=250), tmp_path / "run").results
    assert (second.status, second.networks_trained) == ("complete", 4)
    whole = search(replace(small, budget=250), tmp_path / "whole").results
    assert second.best == whole.best
    assert second.baseline == whole.baseline
    assert json.loads((tmp_path / "run/config.json").read_text())["command"]["budget"] == 250


@pytest.mark.slow
def test_the_results_depend_on_the_seed_alone(tmp_path: Path) -> None:
    options = SMALL | {"epochs": 1}
    first = search(SearchSettings("digits", seed=0, **options), tmp_path / "0").results
    again = search(SearchSettings("digits", seed=0, **options), tmp_path / "again").results
    other = search(SearchSettings("digits", seed=1, **options), tmp_path / "1").results
    seconds = Seconds(0, 0)
    first, again, other = (replace(r, seconds=seconds) for r in (first, again, other))
    assert first == again
    assert first != other


class Interrupting(NoProgress):
    """Interrupts a stage at a call of `advance` for a part, and notes what those are told."""

    def __init__(self, at: int | None = None, stage: str = "final") -> None:
        self.at, self.of, self.is_on = at, stage, False
        self.parts: list[float] = []

    def stage(self, name: str, total: int, unit: str = "network") -> None:
        self.is_on = name == self.of

    def advance(self, networks: float) -> None:
        if self.is_on and networks < 1:
            self.parts.append(networks)
            if len(self.parts) == self.at:
                os.kill(os.getpid(), signal.SIGINT)


def test_an_interrupted_final_training_resumes(tmp_path: Path) -> None:
    settings = SearchSettings("digits", **SMALL, sampler="random", budget=1, tests=False)
    interrupted, resumed, undisturbed = Interrupting(5), Interrupting(), Interrupting()
    with LocalExecutor(1) as executor:
        first = search(settings, tmp_path / "run", interrupted, executor=executor)
        assert first.results.status == "interrupted"
        (checkpoint,) = (tmp_path / "run" / "checkpoints").iterdir()
        assert checkpoint.name.startswith(f"{FINAL_REPLICATE}-")
        again = search(settings, tmp_path / "run", resumed, executor=executor)
        whole = search(settings, tmp_path / "whole", undisturbed, executor=executor)
    each = undisturbed.parts[0]
    assert interrupted.parts == [each] * 5
    assert resumed.parts[0] == pytest.approx(5 * each)
    assert resumed.parts[1:] == undisturbed.parts[5:]
    assert not (tmp_path / "run" / "checkpoints").exists()
    assert again.results.best == whole.results.best
    for name in ("model.safetensors", "model.json"):
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_an_interrupted_rival_resumes(tmp_path: Path) -> None:
    options = SMALL | {"epochs": 4, "tests": False, "smallest": True}
    settings = SearchSettings("digits", **options)
    interrupted, resumed = Interrupting(5, "rivals"), Interrupting(stage="rivals")
    with LocalExecutor(1) as executor:
        arguments: dict[str, Any] = {"executor": executor, "rivals": True}
        first = search(settings, tmp_path / "run", interrupted, **arguments).results
        assert first.status == "interrupted" and first.is_finished
        assert len(list((tmp_path / "run" / "checkpoints").iterdir())) == 1
        again = search(settings, tmp_path / "run", resumed, **arguments).results
        whole = search(settings, tmp_path / "whole", **arguments).results
    assert resumed.parts[0] == pytest.approx(sum(interrupted.parts))  # in one piece
    assert not (tmp_path / "run" / "checkpoints").exists()
    name = rivals_module.AUGMENTED
    scores = [[one.score for one in found.rivals if one.name == name] for found in (again, whole)]
    assert scores[0] == scores[1] != []


def test_checkpoints_belong_to_a_run(tmp_path: Path) -> None:
    one = RunFolder(tmp_path / "one", {"seed": 1, "data": "x"}, {})
    assert one.checkpoints.folder == tmp_path / "one" / "checkpoints"
    same = RunFolder(tmp_path / "two", {"data": "x", "seed": 1}, {"version": "2"})
    other = RunFolder(tmp_path / "three", {"data": "x", "seed": 2}, {})
    assert one.checkpoints.identity == same.checkpoints.identity != other.checkpoints.identity


def test_an_interrupted_resume_keeps_the_earlier_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = SearchSettings("digits", **SMALL)
    search(settings, tmp_path / "run")
    before = (tmp_path / "run" / "results.json").read_bytes()
    monkeypatch.setattr(run_module, "explore", lambda *_: "interrupted")
    outcome = search(replace(settings, budget=400), tmp_path / "run")
    assert outcome.results.status == "interrupted"
    assert (tmp_path / "run" / "results.json").read_bytes() == before


def test_the_baseline_is_trained_whatever_is_proposed(tmp_path: Path) -> None:
    settings = SearchSettings("digits", **SMALL, sampler="random", budget=2, seed=1)
    outcome = search(settings, tmp_path / "run")
    assert outcome.results.networks_trained == 2
    assert () in [finalist.symmetries for finalist in outcome.results.finalists]


@pytest.mark.parametrize("error", [Interrupted, RuntimeError])  # a signal, and a process that dies
def test_what_ends_among_the_rivals_keeps_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    settings, run = SearchSettings("digits", **SMALL), tmp_path / "run"

    def stop(*_: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(rivals_module, "yardstick_scores", stop)
        if error is Interrupted:
            stopped = search(settings, run, rivals=True).results
            assert stopped.status == "interrupted" and stopped.is_finished
            assert stopped.rivals[0].name == "chosen network"
        else:
            with pytest.raises(error):
                search(settings, run, rivals=True)
    assert results(run)["baseline"] is not None
    monkeypatch.setattr(fit_module, "train_final", stop)  # would be trained twice
    resumed = search(settings, run, rivals=True).results
    assert resumed.status == "complete"
    assert resumed.rivals[0].score == resumed.best.test_score and len(resumed.rivals) > 1
    assert results(run)["seconds"]["total"] >= results(run)["seconds"]["fit"] > 0
