"""Other trainings are tried as long as validation improves and time is left."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.samples import Samples, make_samples
from autoequivariant.searching.experiment import Experiment, make_experiment
from autoequivariant.searching.fit import tuning
from autoequivariant.searching.fit.tuning import Tuning
from autoequivariant.searching.run import search
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training import variant
from autoequivariant.training.checkpoint import Checkpoints
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.loop import Training
from autoequivariant.training.progress import NoProgress
from autoequivariant.training.singles import Single
from autoequivariant.training.variant import LONGER, MOST_DOUBLINGS


def table(n: int = 120) -> Samples:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 4)).astype(np.float32)
    return make_samples("table", Arrays(x, (x[:, 0] > x[:, 1]).astype(int)))


SETTINGS = SearchSettings(
    "table", symmetries=None, tests=False, train_size=60, validation_size=20, fit="full", budget=1
)


@dataclass
class Study:
    """Keeps evaluations in memory."""

    known: dict[tuple[Any, int], Evaluation] = field(default_factory=dict)

    def evaluation(self, child: Child, replicate: int) -> Evaluation | None:
        return self.known.get((child.key, replicate))

    def record(self, some: Sequence[Child], replicate: int, found: Sequence[Evaluation]) -> None:
        self.known |= {(c.key, replicate): e for c, e in zip(some, found, strict=True)}


@dataclass
class FakeSingles:
    """Gives losses by number of epochs, and takes a second for each epoch."""

    losses: Sequence[float]
    splits: Sequence[Any]

    def evaluate(
        self, singles: Sequence[Single], on_part: Any
    ) -> Iterator[tuple[Single, Evaluation]]:
        for single in singles:
            epochs = single.training.epochs
            row = np.full(20, self.losses[int(np.log2(epochs))], np.float16)
            yield single, Evaluation(np.ones(20, bool), 5, float(epochs), losses=row)


def found(
    monkeypatch: pytest.MonkeyPatch,
    losses: Sequence[float],
    study: Study,
    nominal: Callable[..., float | None] = lambda *_: None,
    **changes: Any,
) -> int:
    """The epochs of the baseline, if the recipe has one."""
    experiment = make_experiment(replace(SETTINGS, epochs=1, **changes), table())
    monkeypatch.setattr(
        tuning, "Singles", lambda family, splits, *others: FakeSingles(losses, splits)
    )
    monkeypatch.setattr(type(experiment.problem.family), "moves", (LONGER,))
    monkeypatch.setattr(type(experiment.problem.family), "nominal_seconds", nominal)
    monkeypatch.setattr(Tuning, "n_folds", 1)
    child = experiment.problem.space.baseline
    with LocalExecutor(1) as executor:
        nowhere = Checkpoints(Path(os.devnull), "")
        used = Tuning(experiment, study, executor, Clock(), NoProgress(), nowhere)  # type: ignore[arg-type]
        return used.fitted([child], 1)[child].training.epochs


@pytest.mark.parametrize(
    ("losses", "epochs"),
    [
        ([1.0, 1.0, 0.5], 1),  # no better: the shorter
        ([1.0, 0.8, 0.7, 0.75, 0.1], 4),  # what comes after is not tried
        ([2.0**-k for k in range(MOST_DOUBLINGS + 1)], 2**MOST_DOUBLINGS),
    ],
)
def test_doubled_as_long_as_it_helps(
    monkeypatch: pytest.MonkeyPatch, losses: list[float], epochs: int
) -> None:
    study = Study()
    assert found(monkeypatch, losses, study) == epochs
    tried = len(study.known)
    assert found(monkeypatch, losses, study) == epochs  # from the record alone
    assert len(study.known) == tried


def test_no_longer_than_there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    losses = [2.0**-k for k in range(MOST_DOUBLINGS + 1)]
    # After 1 epoch in 1 s, 2 epochs may take 2 s, and 2 s at the end; after 2 epochs twice that.
    assert found(monkeypatch, losses, Study(), fit_time=3.9) == 1
    assert found(monkeypatch, losses, Study(), fit_time=7.9) == 2


def test_nominal_seconds_count_where_they_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """So the result does not depend on how fast a machine is."""
    losses = [2.0**-k for k in range(MOST_DOUBLINGS + 1)]

    def nominal(self: object, child: Child, training: Training, n_samples: int) -> float:
        return training.epochs / 10

    assert found(monkeypatch, losses, Study(), nominal, fit_time=0.39) == 1
    assert found(monkeypatch, losses, Study(), nominal, fit_time=0.79) == 2
    study = Study()
    assert found(monkeypatch, losses, study, nominal, fit_time=0.09) == 1
    assert not study.known  # not even the first fits


@pytest.mark.parametrize("fit", ["none", "quick"])
def test_without_a_full_fit_nothing_is_tried(monkeypatch: pytest.MonkeyPatch, fit: str) -> None:
    study = Study()
    assert found(monkeypatch, [1.0, 0.5], study, fit=fit) == 1
    assert not study.known


def experiment_with(fit: str) -> Experiment:
    return make_experiment(replace(SETTINGS, fit=fit), table())


def test_the_network_is_trained_on_all_samples_outside_of_test() -> None:
    searched, everything = experiment_with("none"), experiment_with("quick")
    assert (len(searched.known), searched.known_size) == (80, 80)
    n_test = len(everything.data.test)
    assert len(everything.known) == everything.known_size == 120 - n_test
    rows = {row.tobytes() for row in everything.known.x}
    assert len(rows) == 120 - n_test
    assert not rows & {row.tobytes() for row in everything.data.test.x}
    assert {row.tobytes() for row in searched.known.x} < rows


def test_a_second_run_with_another_fit_trains_the_network_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = search(replace(SETTINGS, fit="quick"), tmp_path, samples=table())
    assert quick.results.fit is not None
    assert (quick.results.fit.kind, quick.results.fit.samples) == (
        "quick",
        quick.problem.card.train_size + 36,
    )
    monkeypatch.setattr(variant, "MOST_DOUBLINGS", 1)
    full = search(SETTINGS, tmp_path, samples=table())
    assert full.results.fit is not None
    assert full.results.fit.kind == "full"
    assert full.results.networks_trained == quick.results.networks_trained
    assert full.results.fit.epochs >= quick.results.fit.epochs
    assert search(SETTINGS, tmp_path, samples=table()).results.fit == full.results.fit
