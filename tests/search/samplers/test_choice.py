"""Samplers by name: the same seed and round propose the same, another round something else."""

import warnings
from typing import Any

import optuna
import pytest
from optuna.distributions import CategoricalDistribution

from autoequivariant.search.samplers import SAMPLERS, make_sampler

NAMES = [f"s{k}" for k in range(8)]
POINTS = [{name: name == other for name in NAMES} for other in NAMES]
SPACE = {name: CategoricalDistribution((False, True)) for name in NAMES}


def proposals(name: str, seed: int, round_number: int, scored: int = 12) -> list[dict[str, Any]]:
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(0))
    for _ in range(scored):
        trial = study.ask(dict(SPACE))
        study.tell(trial, sum(trial.params.values()))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        study.sampler = make_sampler(name, POINTS, seed, round_number)
        return [study.ask(dict(SPACE)).params for _ in range(6)]


@pytest.mark.parametrize("name", [name for name in SAMPLERS if name != "auto"])
def test_the_same_seed_and_round_propose_the_same(name: str) -> None:
    assert proposals(name, 3, 16) == proposals(name, 3, 16)


@pytest.mark.parametrize("name", ["random", "tpe"])
@pytest.mark.parametrize("other", [(4, 16), (3, 17), (2**100, 16)])
def test_another_seed_or_round_proposes_something_else(name: str, other: tuple[int, int]) -> None:
    assert proposals(name, 3, 16) != proposals(name, *other)


def test_exhaustive_proposes_the_points() -> None:
    assert proposals("exhaustive", 0, 0, scored=0) == POINTS[:6]
