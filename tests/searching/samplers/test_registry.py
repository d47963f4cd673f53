"""The registry: every entry keeps the contract, and another one needs no change elsewhere."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.samplers import RandomSampler
from optuna.study import Study

from autoequivariant.cli.completion import complete_samplers
from autoequivariant.errors import SettingsError
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.searching.explore import explore
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.samplers.registry import SAMPLERS, resolve_auto, sampler_names
from autoequivariant.searching.samplers.sampler import (
    BATCH_SIZE,
    SearchSampler,
    load_sampler,
    mixed_seed,
    samplers_for,
)
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.space import Space
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock
from autoequivariant.training.families.mlp.family import MLPFamily
from autoequivariant.training.progress import NoProgress

CANDIDATES = (
    "hflip,vflip,translate_x:2,translate_y:2,swap_left_right,swap_top_bottom,"
    "swap_top_bottom_left,swap_left_right_top"
)
ACTIONS = layer_actions(parse_symmetries(CANDIDATES), Grid(8, 8), (Grid(4, 4),))
ONE = Space(MLPFamily(MLPArchitecture(ACTIONS, 1, (2,), 10)), 500)
TWO = Space(ONE.family, 500, (1, 2, 4))


def proposals(
    name: str, seed: int, round_number: int, directions: tuple[str, ...] = ("maximize",)
) -> list[dict[str, Any]]:
    space = ONE if len(directions) == 1 else TWO
    study = optuna.create_study(directions=directions, sampler=RandomSampler(0))
    for _ in range(12):
        trial = study.ask(dict(space.distributions))
        child = space.child_at(trial.params)
        values = [float(len(child.members)), float(space.count_parameters(child))]
        study.tell(trial, values[: len(directions)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        study.sampler = load_sampler(name).make(space, seed, round_number, 1000)
        return [study.ask(dict(space.distributions)).params for _ in range(6)]


# --- every entry ----------------------------------------------------------------------------------


def test_the_names() -> None:
    assert sampler_names() == ("auto", "lattice", "exhaustive", "random", "tpe", "nsga2", "dqn")
    assert set(SAMPLERS) - set(samplers_for(2)) == {"dqn"}
    assert samplers_for(1) == tuple(SAMPLERS)


@pytest.mark.parametrize("name", SAMPLERS)
def test_the_same_seed_and_round_propose_the_same(name: str) -> None:
    found = proposals(name, 3, 16)
    assert found == proposals(name, 3, 16)
    assert all(set(point) == set(ONE.names) for point in found)


@pytest.mark.parametrize("name", samplers_for(2))
def test_with_two_objectives_and_widths_too(name: str) -> None:
    found = proposals(name, 3, 16, ("maximize", "minimize"))
    assert found == proposals(name, 3, 16, ("maximize", "minimize"))
    assert all(point["channels"] in (1, 2, 4) for point in found)


@pytest.mark.parametrize("name", [name for name in SAMPLERS if name != "lattice"])
@pytest.mark.parametrize("other", [(4, 16), (3, 17), (2**100, 16)])
def test_another_seed_or_round_proposes_something_else(name: str, other: tuple[int, int]) -> None:
    assert proposals(name, 3, 16) != proposals(name, *other)


@pytest.mark.parametrize("other", [(4, 16), (2**100, 17)])
def test_the_lattice_proposes_the_same_whatever_the_seed(other: tuple[int, int]) -> None:
    found = proposals("lattice", 3, 16)
    assert found == proposals("lattice", *other)
    assert len({tuple(point.values()) for point in found}) == 6


def test_only_exhaustive_has_an_order() -> None:
    assert load_sampler("exhaustive").order(ONE) == ONE.children
    assert all(load_sampler(n).order(ONE) is None for n in SAMPLERS if n != "exhaustive")


@pytest.mark.parametrize(
    ("name", "n_networks", "budget", "expected"),
    [
        ("auto", 32, 32, "exhaustive"),
        ("auto", 33, 100, "lattice"),
        ("auto", 32, 31, "lattice"),
        ("auto", None, 100, "lattice"),
        ("tpe", 1, 100, "tpe"),
    ],
)
def test_auto(name: str, n_networks: int | None, budget: int, expected: str) -> None:
    assert resolve_auto(name, n_networks, budget) == expected


# --- one more -------------------------------------------------------------------------------------


class Toy(SearchSampler[RandomSampler]):
    """Random, in batches of 3, until 7 networks are trained."""

    max_objectives = 1
    allows_pruning = False

    def make(self, space: Space, seed: int, round_number: int, n_samples: int) -> RandomSampler:
        return RandomSampler(mixed_seed(seed, round_number))

    def batch_size(self, sampler: RandomSampler, study: Study) -> int:
        assert isinstance(sampler, RandomSampler)
        return 3

    def has_converged(self, sampler: RandomSampler, study: Study, n_trained: int) -> bool:
        return n_trained >= 7


class Backwards(Toy):
    """All networks, in the order opposite to that of `exhaustive`."""

    def order(self, space: Space) -> Sequence[Child]:
        return space.children[::-1]


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SAMPLERS, "toy", Toy)
    monkeypatch.setitem(SAMPLERS, "backwards", Backwards)


def searched(
    problem: Problem, folder: Path, evaluator: Any
) -> tuple[str, list[tuple[tuple[int, ...], int]]]:
    study = SearchStudy(folder / "study.db", problem.space.distributions, problem.directions)
    try:
        status = explore(problem, evaluator, study, Clock(), NoProgress(), lambda: 0.0)
        return status, list(study.trained())
    finally:
        study.close()


@pytest.mark.usefixtures("toys")
def test_a_new_sampler_searches(
    tmp_path: Path, small_problem: Callable[..., Problem], fake_evaluator: Callable[..., Any]
) -> None:
    problem = small_problem(CANDIDATES, sampler="toy")
    evaluator = fake_evaluator()
    evaluator.at_once = 100
    status, trained = searched(problem, tmp_path, evaluator)
    assert status == "converged"
    assert evaluator.batches[0] == 1  # the baseline
    assert max(evaluator.batches) <= 3 < BATCH_SIZE
    assert 7 <= len(trained) < 10


@pytest.mark.usefixtures("toys")
def test_a_new_order_is_followed(
    tmp_path: Path, small_problem: Callable[..., Problem], fake_evaluator: Callable[..., Any]
) -> None:
    problem = small_problem(sampler="backwards")
    status, trained = searched(problem, tmp_path, fake_evaluator())
    assert status == "complete"
    assert trained == [child.key for child in problem.space.children[::-1]]


@pytest.mark.usefixtures("toys")
def test_a_new_sampler_is_offered_and_checked() -> None:
    assert complete_samplers("to") == ["toy"]
    assert SearchSettings("digits", sampler="toy").sampler == "toy"
    for options, message in (
        ({"sampler": "toys"}, "toy, backwards"),
        (
            {"sampler": "toy", "objective": "score,parameters"},
            "--sampler toy handles one objective",
        ),
        ({"sampler": "toy", "network": "cnn", "pruner": "median"}, "--sampler toy does not prune"),
    ):
        with pytest.raises(SettingsError, match=message):
            SearchSettings("digits", **options)  # type: ignore[arg-type]
