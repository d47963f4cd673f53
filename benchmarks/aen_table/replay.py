"""A search on the table: each network's score is looked up, so a whole search takes seconds.

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
from autoequivariant.searching.explore import LEAST_PROMISE, MOST_REPEATS, PROMISING_TOGETHER
from autoequivariant.searching.samplers.lattice import LatticeSampler
from autoequivariant.searching.samplers.registry import make_sampler
from autoequivariant.searching.space import Space
from autoequivariant.training.child import Child
from autoequivariant.training.families.mlp import MLPFamily

TABLE = Path(__file__).with_name("table.csv")
VALIDATION, TEST = 1000, 10_000
SAMPLERS = ("lattice", "tpe", "nsga2", "gp", "dqn", "random", "random order")
optuna.logging.set_verbosity(logging.WARNING)


@dataclass(frozen=True)
class Scores:
    """What the table says of one network.

    Attributes:
        validation: accuracy on validation, one for each seed.
        test: accuracy on test, the mean over seeds.
        weights: number of trainable numbers.
    """

    validation: tuple[float, ...]
    test: float
    weights: int


@dataclass(frozen=True)
class TabularProblem:
    """The search space of one data set and setting, with all scores known.

    Attributes:
        space: the children, as `aen search` has them.
        scores: of each.
    """

    space: Space
    scores: dict[Child, Scores]

    @property
    def best_test(self) -> float:
        """The accuracy on test of the best network there is."""
        return max(scores.test for scores in self.scores.values())

    def measured(self, repeat: int) -> dict[Child, float]:
        """What run `repeat` measures: of each network the validation accuracy of a random seed."""
        rng = np.random.default_rng(repeat)
        return {child: float(rng.choice(s.validation)) for child, s in self.scores.items()}

    def test_of_best(self, trained: list[Child], repeat: int) -> list[float]:
        """After each network, the accuracy on test of the one that is best on validation so far."""
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
    """Search once; return the networks in the order in which they were trained.

    Every sampler is asked for one proposal at a time, but lattice for as many as `aen search` asks
    it for. A proposal that is known already costs nothing.

    Args:
        problem: where.
        name: one of `SAMPLERS`.
        repeat: number of the run: decides the sampler's seed, and whose scores it sees.
        most: most networks to train.
        stop: asked after each network whether that is enough.
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
            asked = 1 if len(trained) < screening else PROMISING_TOGETHER
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
    """Return after how many of these networks `aen search --sampler lattice` would have ended."""
    sampler = LatticeSampler(problem.space, VALIDATION, repeat)
    measured = problem.measured(repeat)
    study = optuna.create_study(direction="maximize")
    first = len(sampler.screening())
    for number, child in enumerate(trained):
        begins_round = number >= first and (number - first) % PROMISING_TOGETHER == 0
        if begins_round and sampler.largest_promise(study) < LEAST_PROMISE:
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
    return make_sampler(name, space, seed, 0, samples=VALIDATION)
