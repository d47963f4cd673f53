"""Searches on the table: scores are looked up, so a whole search takes seconds.

from replay import load, run

problem = load("mnist", "mix1")
trained = run(problem, "lattice", repeat=0, most=100)
"""

from __future__ import annotations

import csv
import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import optuna
from optuna.samplers import BaseSampler, GPSampler

from autoequivariant.groups.catalogue import default_candidates, paper_candidates
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Grid
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.searching.exploring.rounds import MOST_REPEATS
from autoequivariant.searching.samplers.lattice import (
    BATCH_AFTER_SCREENING,
    MIN_IMPROVEMENT,
    LatticeSampler,
)
from autoequivariant.searching.samplers.sampler import load_sampler
from autoequivariant.searching.space import Space
from autoequivariant.training.child import Child
from autoequivariant.training.families.mlp.family import MLPFamily

TABLE = Path(__file__).with_name("table.csv")
VALIDATION, TEST = 1000, 10_000
SAMPLERS = ("lattice", "tpe", "nsga2", "gp", "dqn", "random", "random order")
optuna.logging.set_verbosity(logging.WARNING)


@dataclass(frozen=True)
class Scores:
    """The scores of one network in the table.

    Attributes:
        validation: accuracy on validation, one for each seed.
        test: accuracy on test, the mean over seeds.
        n_parameters: number of parameters.
    """

    validation: tuple[float, ...]
    test: float
    n_parameters: int


@dataclass(frozen=True)
class TabularProblem:
    """The search space of one data set and setting, with all scores.

    Attributes:
        space: the children, as `aen search` has them.
        scores: of each.
    """

    space: Space
    scores: dict[Child, Scores]

    @property
    def best_test(self) -> float:
        """The highest test accuracy of all networks."""
        return max(scores.test for scores in self.scores.values())

    def measured(self, repeat: int) -> dict[Child, float]:
        """What run `repeat` measures: each network's validation accuracy for a random seed."""
        rng = np.random.default_rng(repeat)
        return {child: float(rng.choice(s.validation)) for child, s in self.scores.items()}

    def test_of_best(self, trained: list[Child], repeat: int) -> list[float]:
        """After each network, the test accuracy of the best one on validation so far."""
        measured = self.measured(repeat)
        found: list[float] = []
        leader = trained[0]
        for child in trained:
            leader = max(leader, child, key=measured.__getitem__)
            found.append(self.scores[leader].test)
        return found


@cache
def space_of(shapes: str) -> Space:
    """The search space of `ours` or of the `paper`'s shapes, as `make.py` has it."""
    domain = Grid(28, 28)
    if shapes == "paper":
        actions = layer_actions(paper_candidates(), domain, [Grid(20, 20)] * 2, allow_improper=True)
        architecture = MLPArchitecture(actions, 1, (1, 1), 10, "dense")
    else:
        actions = layer_actions(default_candidates(domain), domain, [Grid(14, 14)] * 2)
        architecture = MLPArchitecture(actions, 1, (2, 2), 10, "invariant")
    return Space(MLPFamily(architecture), limit=1000)


def load(data: str, setting: str, shapes: str = "ours", table: Path = TABLE) -> TabularProblem:
    """Read the rows of one data set and setting."""
    space = space_of(shapes)
    rows: dict[Child, list[dict[str, str]]] = {}
    with table.open(newline="") as lines:
        for row in csv.DictReader(lines):
            if (row["data"], row["setting"], row["shapes"]) == (data, setting, shapes):
                members = [number for number, bit in enumerate(row["network"]) if bit == "1"]
                rows.setdefault(space.child(members), []).append(row)
    if set(rows) != set(space.children):
        raise LookupError(f"{table} does not hold every network of {data}, {setting}, {shapes}.")
    return TabularProblem(space, {child: _scores(found) for child, found in rows.items()})


def _scores(rows: list[dict[str, str]]) -> Scores:
    by_seed = sorted(rows, key=lambda row: int(row["seed"]))
    return Scores(
        tuple(int(row["validation_correct"]) / VALIDATION for row in by_seed),
        float(np.mean([int(row["test_correct"]) / TEST for row in by_seed])),
        int(rows[0]["weights"]),
    )


def run(
    problem: TabularProblem,
    name: str,
    repeat: int,
    most: int,
    stop: Callable[[list[Child]], bool] = lambda trained: False,
) -> list[Child]:
    """Search once; return the networks in the order of their training.

    Lattice proposes as many networks at a time as in `aen search`, the other samplers one. A
    repeated proposal costs nothing.

    Args:
        problem: the search space and its scores.
        name: one of `SAMPLERS`.
        repeat: number of the run; decides the sampler's seed and the scores it sees.
        most: most networks to train.
        stop: called with the trained networks after each round; True ends the search.
    """
    if name == "random order":
        order = np.random.default_rng(repeat).permutation(len(problem.space.children))
        return [problem.space.children[k] for k in order[:most]]
    sampler = _sampler(problem.space, name, repeat)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    measured = problem.measured(repeat)
    trained: dict[Child, float] = {}
    repeats = 0
    while len(trained) < min(most, len(problem.scores)) and repeats < MOST_REPEATS:
        asked = 1
        if isinstance(sampler, LatticeSampler):
            screening = len(sampler.screening())
            asked = 1 if len(trained) < screening else BATCH_AFTER_SCREENING
        trials = [study.ask(problem.space.distributions) for _ in range(asked)]
        for trial in trials:
            child = problem.space.child_at(trial.params)
            repeats = 0 if child not in trained else repeats + 1
            trained[child] = measured[child]
            study.tell(trial, trained[child])
        if stop(list(trained)):
            break
    return list(trained)[:most]


def ends(problem: TabularProblem, trained: list[Child], repeat: int) -> int:
    """Return the number of networks after which `aen search --sampler lattice` would have ended."""
    sampler = LatticeSampler(problem.space, VALIDATION, repeat)
    measured = problem.measured(repeat)
    study = optuna.create_study(direction="maximize")
    first = len(sampler.screening())
    for number, child in enumerate(trained):
        begins_round = number >= first and (number - first) % BATCH_AFTER_SCREENING == 0
        if begins_round and sampler.largest_improvement(study) < MIN_IMPROVEMENT:
            return number
        study.add_trial(
            optuna.trial.create_trial(
                value=measured[child],
                params=problem.space.point(child),
                distributions=problem.space.distributions,
            )
        )
    return len(trained)


def _sampler(space: Space, name: str, seed: int) -> BaseSampler:
    if name == "gp":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            return GPSampler(seed=seed)
    return load_sampler(name).make(space, seed, 0, VALIDATION)
