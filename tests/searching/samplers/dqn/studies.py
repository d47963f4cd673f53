"""Search spaces and studies for the tests of deep Q-learning."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution
from optuna.samplers import BaseSampler

from autoequivariant.searching.samplers.dqn.learner import Learning

Point = dict[str, Any]
Objective = Callable[[Point], float]
SMALL = Learning(hidden=(32, 32))
"""For tests that are not about what is learned."""


def bits(count: int) -> dict[str, CategoricalDistribution]:
    return {f"b{k}": CategoricalDistribution((False, True)) for k in range(count)}


def count_on(point: Point) -> float:
    return float(sum(point.values()))


def one_good(point: Point) -> float:
    return 0.5 + 0.2 * point["b2"] - 0.05 * sum(point.values())


def make_study(sampler: BaseSampler | None = None, direction: str = "maximize") -> optuna.Study:
    return optuna.create_study(sampler=sampler, direction=direction)


def go_on(
    study: optuna.Study, objective: Objective, n: int, space: dict[str, CategoricalDistribution]
) -> list[Point]:
    """Ask for and tell `n` trials, one by one; return what was proposed."""
    for _ in range(n):
        trial = study.ask(dict(space))
        study.tell(trial, objective(trial.params))
    return points(study)[-n:]


def points(study: optuna.Study) -> list[Point]:
    return [trial.params for trial in study.trials]


def distinct(found: Sequence[Point]) -> int:
    return len({tuple(sorted(point.items())) for point in found})


def some_score(point: Point) -> float:
    return float(np.random.default_rng(list(repr(point).encode())).random())
