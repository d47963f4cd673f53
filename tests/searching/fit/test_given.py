"""A fit trains the network with exactly what is given, and its baseline; it claims nothing."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoequivariant import fit
from autoequivariant.candidates.symmetry_file import read_candidates
from autoequivariant.data.arrays import Arrays
from autoequivariant.data.samples import Samples, make_samples
from autoequivariant.errors import AutoequivariantError
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.searching import session
from autoequivariant.searching.experiment import Experiment
from autoequivariant.searching.fit import fit as fit_module
from autoequivariant.searching.fit.final import train_final
from autoequivariant.searching.run import search
from autoequivariant.searching.session import SecondsNeeded
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Interrupted
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.families.model_files import load_model

SMALL: dict[str, Any] = {"epochs": 1, "channels": 1}
SQUARE = SearchSettings("digits", symmetries=parse_symmetries("rot90,hflip,transpose"), **SMALL)


@pytest.fixture
def executor() -> LocalExecutor:
    return LocalExecutor(1)


Trainings = list[Mapping[Child, Any]]


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> Trainings:
    """What is trained in full, in order."""
    found: Trainings = []

    def watched(experiment: Any, chosen: Child, trainings: Any, *others: Any) -> Any:
        found.append(trainings)
        return train_final(experiment, chosen, trainings, *others)

    monkeypatch.setattr(fit_module, "train_final", watched)
    return found


def images(side: int = 16, n: int = 60) -> Samples:
    x = np.random.default_rng(0).normal(size=(n, side, side)).astype(np.float32)
    return make_samples("images", Arrays(x, (x[:, 0, 0] > x[:, 0, -1]).astype(int)))


def test_the_network_has_the_closure_and_nothing_is_claimed(
    tmp_path: Path, executor: LocalExecutor, trained: Trainings
) -> None:
    outcome = fit(SQUARE, tmp_path / "run", executor=executor)
    found = outcome.results
    assert found.best.symmetries == ("rot90", "hflip", "transpose")
    assert found.best.generators == ("rot90", "hflip")
    assert found.baseline is not None
    assert found.best.n_parameters < found.baseline.n_parameters
    assert found.best.equivariance_error is not None
    assert found.best.equivariance_error.float32 < 1e-5
    (children,) = trained
    assert [child.members for child in children] == [(0, 1, 2), ()]
    assert {(one.verdict, one.use, one.reason) for one in found.verdicts} == {
        ("undecided", "not tried", "given, not tested")
    }
    assert (found.status, found.sampler, found.networks_trained) == ("given", "none", 0)
    assert (found.finalists, found.leading, found.best.validation_score) == ((), (), None)
    assert found.fit is not None
    assert found.fit.samples == len(outcome.problem.card.classes) * 143 + 8  # all but test
    assert load_model(tmp_path / "run").n_parameters == found.best.n_parameters
    assert not (tmp_path / "run" / "verdicts.json").exists()


def test_only_another_fit_trains_again(
    tmp_path: Path, executor: LocalExecutor, trained: Trainings
) -> None:
    first = fit(SQUARE, tmp_path / "run", executor=executor).results
    again = fit(SQUARE, str(tmp_path / "run"), executor=executor).results
    assert len(trained) == 1
    assert replace(again, seconds=first.seconds) == first
    longer = replace(SQUARE, fit="full", fit_time=1e-6)
    full = fit(longer, tmp_path / "run", executor=executor).results
    assert len(trained) == 2
    assert full.fit is not None
    assert full.fit.kind == "full"
    (tmp_path / "run" / "model.safetensors").unlink()
    fit(longer, tmp_path / "run", executor=executor)
    assert len(trained) == 3


@pytest.mark.parametrize("symmetries", [None, ()])
def test_without_symmetries_the_baseline_is_fitted_alone(
    tmp_path: Path, executor: LocalExecutor, trained: Trainings, symmetries: Any
) -> None:
    settings = SearchSettings("digits", given=True, symmetries=symmetries, **SMALL)
    found = fit(settings, tmp_path / "run", executor=executor).results
    (children,) = trained
    assert [child.members for child in children] == [()]
    assert found.baseline is not None
    assert (found.best.symmetries, found.best.test_score) == ((), found.baseline.test_score)
    assert found.verdicts == ()


def test_the_baseline_is_that_of_a_search_with_the_same_settings(
    tmp_path: Path, executor: LocalExecutor
) -> None:
    settings = replace(SQUARE, tests=False, train_size=60, validation_size=40, budget=1)
    searched = search(settings, tmp_path / "search", executor=executor).results
    fitted = fit(settings, tmp_path / "fit", executor=executor).results
    assert fitted.baseline == searched.baseline


def test_a_cnn_has_the_augmentations_that_are_given_and_none_by_default(
    tmp_path: Path, executor: LocalExecutor
) -> None:
    settings = SearchSettings("images", epochs=1, symmetries=parse_symmetries("rot90"))
    plain = fit(settings, tmp_path / "a", samples=images(), executor=executor)
    assert (plain.results.network, plain.results.best.augmentations) == ("cnn", ())
    moved = replace(settings, augmentations=("scale", "shear"))
    found = fit(moved, tmp_path / "b", samples=images(), executor=executor).results
    assert found.best.augmentations == ("scale", "shear")
    assert found.best.symmetries == ("rot90",)


def test_an_interrupted_fit_resumes(
    tmp_path: Path,
    executor: LocalExecutor,
    trained: Trainings,
    stopping_clock: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "Clock", lambda _: stopping_clock(5, Interrupted))
    with pytest.raises(KeyboardInterrupt):
        fit(SQUARE, tmp_path / "run", executor=executor)
    assert not (tmp_path / "run" / "results.json").exists()
    monkeypatch.undo()
    resumed = fit(SQUARE, tmp_path / "run", executor=executor).results
    whole = fit(SQUARE, tmp_path / "whole", executor=executor).results
    assert replace(resumed, seconds=whole.seconds) == whole


@pytest.mark.parametrize(
    ("options", "is_timed"),
    [({}, False), ({"fit": "full", "fit_time": 1e-6}, True)],
)
def test_the_time_of_a_full_fit_of_an_mlp_is_said_before(
    tmp_path: Path, executor: LocalExecutor, options: dict[str, Any], is_timed: bool
) -> None:
    told: list[float | None] = []

    def announce(_: Experiment, needed: SecondsNeeded | None) -> None:
        told.append(None if needed is None else needed())

    settings = replace(SQUARE, **options)
    fit(settings, tmp_path / "run", announce=announce, executor=executor)
    fit(settings, tmp_path / "run", announce=announce, executor=executor)
    first, again = told
    assert (first is not None and first > 0) == is_timed
    assert again is None  # it has a result


CONTRADICTION = """
- name: one
  like: hflip
  outputs: {swap: a <-> b}
- hflip
"""


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"network": "cnn", "symmetries": "swap_left_right"}, "swap_left_right"),
        ({"symmetries": "rot91"}, "rot91"),
        ({"symmetries": "rot90_xy"}, "rot90_xy"),
        ({"sizes": ("small", "large")}, "--size must be one of small, large"),
        ({"fit": "none"}, "--fit must be quick or full; got none"),
        ({"network": "mlp", "augmentations": ("scale",)}, "requires --network cnn"),
        ({"symmetries": "contradiction.yaml"}, "contradict each other"),
        ({"symmetries": "contradiction.yaml", "network": "cnn"}, "contradict each other"),
    ],
)
def test_what_cannot_be_given_is_refused_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contradiction.yaml").write_text(CONTRADICTION)
    samples = replace(images(), classes=("a", "b"))
    with pytest.raises(AutoequivariantError, match=message):
        named = changes.get("symmetries")
        given = {} if named is None else {"symmetries": read_candidates(named)}
        settings = SearchSettings(
            "images", given=True, **{**SMALL, **changes, **given, "channels": None}
        )
        fit(settings, tmp_path / "run", samples=samples)
    assert [path.name for path in tmp_path.iterdir()] == ["contradiction.yaml"]


def test_other_symmetries_need_another_folder(tmp_path: Path, executor: LocalExecutor) -> None:
    fit(SQUARE, tmp_path / "run", executor=executor)
    before = json.loads((tmp_path / "run" / "results.json").read_text())
    other = replace(SQUARE, symmetries=parse_symmetries("hflip"))
    with pytest.raises(AutoequivariantError, match="holds another fit .symmetries was rot90,hflip"):
        fit(other, tmp_path / "run", executor=executor)
    assert json.loads((tmp_path / "run" / "results.json").read_text()) == before
