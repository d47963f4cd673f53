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
from autoequivariant.report.findings.summary import findings_of
from autoequivariant.searching import time_needed
from autoequivariant.searching.experiment import Experiment, make_experiment
from autoequivariant.searching.fit import fit as fit_module
from autoequivariant.searching.fit import trials
from autoequivariant.searching.fit.trials import Trials
from autoequivariant.searching.fit.tuning import Tuning
from autoequivariant.searching.run import search
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training import variant
from autoequivariant.training.checkpoint import Checkpoints
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.families.model_files import load_model
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
    timeout: float | None = None,
    **changes: Any,
) -> int:
    """The epochs of the baseline, if the recipe has one."""
    experiment = make_experiment(replace(SETTINGS, epochs=1, **changes), table())
    monkeypatch.setattr(
        trials, "Singles", lambda family, splits, *others: FakeSingles(losses, splits)
    )
    monkeypatch.setattr(type(experiment.problem.family), "moves", (LONGER,))
    monkeypatch.setattr(type(experiment.problem.family), "nominal_seconds", nominal)
    monkeypatch.setattr(Trials, "n_folds", 1)
    child = experiment.problem.space.baseline
    with LocalExecutor(1) as executor:
        nowhere = Checkpoints(Path(os.devnull), "")
        used = Trials(
            experiment,
            study,  # type: ignore[arg-type]
            executor,
            Clock(timeout),
            NoProgress(),
            nowhere,
        )
        return Tuning(used).fitted([child], 1)[child].training.epochs


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


def test_a_time_limit_leaves_as_much_for_the_last_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 600 s, 300 may be for trying: with 100 s an epoch, one more epoch does not fit."""
    losses = [2.0**-k for k in range(MOST_DOUBLINGS + 1)]

    def nominal(self: object, child: Child, training: Training, n_samples: int) -> float:
        return 100.0 * training.epochs

    assert found(monkeypatch, losses, Study(), nominal, timeout=600.0) == 1
    assert found(monkeypatch, losses, Study(), nominal) == 4


def test_what_the_time_cut_is_trained_again_without_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(SETTINGS, fit="quick", timeout=600.0)
    with monkeypatch.context() as patched:
        patched.setattr(time_needed, "_SHARE_FOR_TRAINING", 0.0)  # one step fits
        cut = search(settings, tmp_path, samples=table())
    assert cut.results.fit is not None
    assert 0 < cut.results.fit.share < 0.5
    warning = findings_of(cut).test.warning  # type: ignore[union-attr]
    assert warning is not None and warning.startswith("the time limit left out ")
    again = search(settings, tmp_path, samples=table()).results
    assert again.fit == cut.results.fit  # with the same limit it is not
    whole = search(replace(settings, timeout=None), tmp_path, samples=table()).results
    assert whole.fit is not None and whole.fit.share == 1
    assert whole.best.test_score != cut.results.best.test_score


def test_another_time_for_a_full_fit_is_another_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = search(replace(SETTINGS, fit_time=1e-6), tmp_path, samples=table())
    assert short.results.fit is not None and short.results.fit.tried == 0
    details = findings_of(short).test.details  # type: ignore[union-attr]
    assert "(--fit full, whose time was too short to try another training)" in details
    monkeypatch.setattr(variant, "MOST_DOUBLINGS", 1)
    longer = search(SETTINGS, tmp_path, samples=table()).results.fit
    assert longer is not None and longer.tried > 0


def test_old_results_do_not_stand_beside_a_new_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    search(replace(SETTINGS, fit="quick"), tmp_path, samples=table())

    def stop(*_: object) -> None:
        raise RuntimeError  # as if the process died before the results are written

    monkeypatch.setattr(fit_module, "tested_of", stop)
    with pytest.raises(RuntimeError):
        search(replace(SETTINGS, fit="quick", fit_size=4), tmp_path, samples=table())
    assert not (tmp_path / "results.json").exists()
    monkeypatch.undo()
    done = search(replace(SETTINGS, fit="quick"), tmp_path, samples=table()).results
    assert done.fit is not None and done.fit.size is None
    assert load_model(tmp_path).n_parameters == done.best.n_parameters
