"""Spaces, proposals and samplers for the tests of the registered samplers."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import optuna
from optuna.samplers import RandomSampler
from optuna.study import Study

from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.searching.samplers.sampler import SearchSampler, load_sampler, mixed_seed
from autoequivariant.searching.space import Space
from autoequivariant.training.child import Child
from autoequivariant.training.families.mlp.family import MLPFamily

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
