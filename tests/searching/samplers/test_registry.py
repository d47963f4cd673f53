"""Samplers by name: the same seed and round propose the same, another round something else."""

import warnings
from typing import Any

import optuna
import pytest

from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.searching.samplers.registry import SAMPLERS, SINGLE_OBJECTIVE, make_sampler
from autoequivariant.searching.space import Space
from autoequivariant.training.families.mlp import MLPFamily

CANDIDATES = (
    "hflip,vflip,translate_x:2,translate_y:2,swap_left_right,swap_top_bottom,"
    "swap_top_bottom_left,swap_left_right_top"
)
ACTIONS = layer_actions(parse_symmetries(CANDIDATES), Grid(8, 8), (Grid(4, 4),))
ONE = Space(MLPFamily(MLPArchitecture(ACTIONS, 1, (2,), 10)), 500)
TWO = Space(ONE.family, 500, (1, 2, 4))
ASKING = [name for name in SAMPLERS if name not in ("auto", "exhaustive")]


def proposals(
    name: str, seed: int, round_number: int, directions: tuple[str, ...] = ("maximize",)
) -> list[dict[str, Any]]:
    space = ONE if len(directions) == 1 else TWO
    random = optuna.samplers.RandomSampler(0)
    study = optuna.create_study(directions=directions, sampler=random)
    for _ in range(12):
        trial = study.ask(dict(space.distributions))
        child = space.child_at(trial.params)
        values = [float(len(child.members)), float(space.count_parameters(child))]
        study.tell(trial, values[: len(directions)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        study.sampler = make_sampler(name, space, seed, round_number)
        return [study.ask(dict(space.distributions)).params for _ in range(6)]


def test_the_names() -> None:
    assert SAMPLERS == ("auto", "lattice", "exhaustive", "random", "tpe", "nsga2", "dqn")
    assert set(SINGLE_OBJECTIVE) < set(SAMPLERS)


@pytest.mark.parametrize("name", ASKING)
def test_the_same_seed_and_round_propose_the_same(name: str) -> None:
    found = proposals(name, 3, 16)
    assert found == proposals(name, 3, 16)
    assert all(set(point) == set(ONE.names) for point in found)


@pytest.mark.parametrize("name", [name for name in ASKING if name not in SINGLE_OBJECTIVE])
def test_with_two_objectives_and_widths_too(name: str) -> None:
    found = proposals(name, 3, 16, ("maximize", "minimize"))
    assert found == proposals(name, 3, 16, ("maximize", "minimize"))
    assert all(point["channels"] in (1, 2, 4) for point in found)


@pytest.mark.parametrize("name", [name for name in ASKING if name != "lattice"])
@pytest.mark.parametrize("other", [(4, 16), (3, 17), (2**100, 16)])
def test_another_seed_or_round_proposes_something_else(name: str, other: tuple[int, int]) -> None:
    assert proposals(name, 3, 16) != proposals(name, *other)


@pytest.mark.parametrize("other", [(4, 16), (2**100, 17)])
def test_the_lattice_proposes_what_is_promising_whatever_the_seed(other: tuple[int, int]) -> None:
    found = proposals("lattice", 3, 16)
    assert found == proposals("lattice", *other)
    assert len({tuple(point.values()) for point in found}) == 6
