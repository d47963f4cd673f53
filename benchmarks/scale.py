"""Searches of more closed states than can be listed: what each part costs, and what is found.

    python benchmarks/scale.py costs
    python benchmarks/scale.py simulate [--seeds 5] [--first-seed 0] [--trainings 500]

`costs` measures what a search of many closed states needs beside its trainings: listing closed
states, proposals, rows of the study, `results.json` and the report. `simulate` searches spaces of
40 candidates, in which every subset is a closed state (about 10^12), with the sampler of a search.
No network is trained there: a state has a true score with a known optimum, and a training
returns it with the noise of 1,000 validation samples. A space is solved once one of its eight
leading networks, which a search compares, is within one standard error of the optimum.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, islice
from pathlib import Path

import numpy as np
import optuna
from numpy.typing import NDArray

from autoequivariant.groups.closure.lattice import ClosedState, Enumeration
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Features
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.searching.problem import FEWEST_COUNTED
from autoequivariant.searching.samplers.lattice import Lattice
from autoequivariant.searching.space import Space
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.families.mlp.family import MLPFamily

CANDIDATES = 40
LIMIT = FEWEST_COUNTED
"""Closed states that a search lists before it gives up, for a budget of up to 500."""
SAMPLES = 1000
FINALISTS = 8
BASELINE, OPTIMUM = 0.7, 0.9
KINDS = ("plant", "pairs", "fives")


@dataclass(frozen=True)
class Subsets:
    """Networks of which every set of candidates is a closed state; what `Space` needs of a family.

    Attributes:
        count: number of candidates.
    """

    count: int = CANDIDATES
    default_width: int = 1
    width_name: str = "channels"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the candidates."""
        return tuple(f"candidate {number}" for number in range(self.count))

    def closure(self, state: Iterable[int]) -> frozenset[int]:
        """The state itself."""
        return frozenset(state)

    def closed_states(self, limit: int, excluded: frozenset[int] = frozenset()) -> Enumeration:
        """List the smallest states first, at most `limit`."""
        numbers = [number for number in range(self.count) if number not in excluded]
        sizes = range(len(numbers) + 1)
        states = (state for size in sizes for state in combinations(numbers, size))
        found = tuple(ClosedState(state, state) for state in islice(states, limit))
        return Enumeration(found, complete=2 ** len(numbers) <= limit)

    def smallest_generators(self, members: Iterable[int], limit: int) -> tuple[int, ...]:
        """All members."""
        return tuple(sorted(members))

    def weaker(self, number: int) -> int | None:
        """None: candidates are switched on as a whole."""
        return None

    def to_add(self, members: Iterable[int]) -> tuple[int, ...]:
        """All that are missing."""
        known = frozenset(members)
        return tuple(number for number in range(self.count) if number not in known)

    def count_parameters(self, generators: tuple[int, ...], width: int) -> int:
        """A fifth fewer with each candidate."""
        return max(1, round(1e6 * 0.8 ** len(generators)))

    def allows_width(self, generators: tuple[int, ...], width: int) -> bool:
        """Any."""
        return True


class Scores:
    """True scores of all sets of candidates, with the best one known, and noisy ones.

    `plant`: ten candidates help, and all others harm, each by as much. `pairs`, `fives`: candidates
    have normal effects that harm a little on average; within disjoint pairs or fives, every two
    interact as strongly, whatever each does alone. All are scaled so that the baseline has 0.7 and
    the best set 0.9.

    Args:
        kind: one of `KINDS`.
        seed: of effects and noise.
    """

    def __init__(self, kind: str, seed: int, count: int = CANDIDATES) -> None:
        rng = np.random.default_rng((KINDS.index(kind), seed))
        size = {"plant": 1, "pairs": 2, "fives": 5}[kind]
        self.blocks = rng.permutation(count).reshape(-1, size)
        self._tables = [self._table(size, rng) for _ in self.blocks]
        if kind == "plant":
            helps = rng.permutation(count) < count // 4
            self._tables = [np.array([0.0, 1.0 if one else -1.0]) for one in helps]
        self._unit = (OPTIMUM - BASELINE) / sum(table.max() for table in self._tables)
        self._noise_seed = seed

    @staticmethod
    def _table(size: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """The value of each subset of a block, by its bits."""
        bits = (np.arange(2**size)[:, None] >> np.arange(size)) & 1
        alone, together = rng.normal(-0.5, 1, size), rng.normal(0, 1, (size, size))
        both = np.triu(together, 1)
        return np.asarray(bits @ alone + np.einsum("si,ij,sj->s", bits, both, bits))

    @cached_property
    def best(self) -> frozenset[int]:
        """The set with the largest true score."""
        found = set[int]()
        for block, table in zip(self.blocks, self._tables, strict=True):
            on = int(table.argmax())
            found |= {int(one) for place, one in enumerate(block) if on >> place & 1}
        return frozenset(found)

    def true(self, members: Iterable[int]) -> float:
        """The score of a set without noise."""
        has = set(members)
        values = (
            table[sum(1 << place for place, one in enumerate(block) if int(one) in has)]
            for block, table in zip(self.blocks, self._tables, strict=True)
        )
        return max(0.05, BASELINE + self._unit * float(sum(values)))

    def observed(self, members: Iterable[int]) -> float:
        """The score of a set on 1,000 samples, the same each time."""
        members = sorted(members)
        true = self.true(members)
        rng = np.random.default_rng((self._noise_seed, 7, *members))
        return float(rng.binomial(SAMPLES, true) / SAMPLES)


@dataclass(frozen=True)
class Found:
    """What a simulated search found.

    Attributes:
        solved_after: trainings until it was solved; None if it was not.
        gap: what the best of the leading networks lacks to the optimum, at the end.
        trained: distinct networks that were trained.
        seconds: of proposals.
    """

    solved_after: int | None
    gap: float
    trained: int
    seconds: float


def simulate(scores: Scores, trainings: int, seed: int = 0, until_solved: bool = False) -> Found:
    """Search, round by round as `searching/explore.py`, without stopping for convergence.

    Args:
        scores: of the networks.
        trainings: budget.
        seed: of the search.
        until_solved: whether to stop there.
    """
    space = Space(Subsets(), LIMIT)  # type: ignore[arg-type]
    assert space.size is None
    sampler = Lattice()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize")
    tolerance = (OPTIMUM * (1 - OPTIMUM) / SAMPLES) ** 0.5
    trained: dict[Child, float] = {}
    solved: int | None = None
    proposals = 0
    gap, seconds = OPTIMUM - BASELINE, 0.0
    while len(trained) < trainings and not (solved and until_solved):
        started = time.perf_counter()
        proposer = sampler.make(space, seed, proposals, SAMPLES)
        size = min(sampler.batch_size(proposer, study), trainings - len(trained))
        study.sampler = proposer
        asked = [study.ask(dict(space.distributions)) for _ in range(size)]
        seconds += time.perf_counter() - started
        proposals += size
        for trial in asked:
            child = space.child_at(trial.params)
            trained[child] = scores.observed(child.members)
            study.tell(trial, trained[child])
        leaders = sorted(trained, key=lambda child: -trained[child])[:FINALISTS]
        gap = OPTIMUM - max(scores.true(child.members) for child in leaders)
        if solved is None and gap <= tolerance:
            solved = len(trained)
    return Found(solved, gap, len(trained), seconds)


def seconds_of(work: Callable[[], object]) -> float:
    """Processor time of this process, so that other programs count less."""
    started = time.process_time()
    work()
    return time.process_time() - started


def random_states(count: int, seed: int) -> list[list[int]]:
    """Sets of candidates, of all sizes."""
    rng = np.random.default_rng(seed)
    bits = rng.random((count, CANDIDATES)) < rng.random((count, 1))
    return [np.flatnonzero(row).tolist() for row in bits]


def costs_of_states() -> Iterator[tuple[str, str]]:
    """Listing and describing closed states of MLPs on 80 columns that 40 exchanges swap in pairs:
    2^40 closed states.
    """
    exchanges = ",".join(f"swap:{2 * k}-{2 * k + 1}" for k in range(CANDIDATES))
    domain = Features(2 * CANDIDATES)
    for count in (250, 500, 1000):
        # Each from the start: closures are kept.
        actions = layer_actions(parse_symmetries(exchanges), domain, (domain,))
        family = MLPFamily(MLPArchitecture(actions, 1, (1,), 2))
        spent = seconds_of(lambda family=family, count=count: Space(family, count))
        yield f"listing {count:,} closed states", f"{1e3 * spent / count:.1f} ms each"
    actions = layer_actions(parse_symmetries(exchanges), domain, (domain,))
    tracemalloc.start()
    space = Space(MLPFamily(MLPArchitecture(actions, 1, (1,), 2)), LIMIT)
    held = tracemalloc.get_traced_memory()[0] / LIMIT
    tracemalloc.stop()
    yield "memory of a listed closed state", f"{held / 1e3:.1f} kB"
    children: list[Child] = []
    spent = seconds_of(lambda: children.extend(map(space.child, random_states(50, 0))))
    yield "closure of a state that is not listed", f"{1e3 * spent / 50:.1f} ms"
    spent = seconds_of(lambda: [space.count_parameters(child) for child in children])
    yield "number of its parameters, once", f"{1e3 * spent / 50:.1f} ms"


def costs_of_proposals() -> Iterator[tuple[str, str]]:
    """Four proposals, after so many trainings in a space whose closures cost nothing."""
    space, sampler, scores = Space(Subsets(), LIMIT), Lattice(), Scores("fives", 0)  # type: ignore[arg-type]
    for count in (100, 200, 400, 1000, 4000):
        study = optuna.create_study(direction="maximize")
        first = [child.members for child in space.first]
        states = [*first, *random_states(count - len(first), 1)]
        for members in states:
            child = space.child(members)
            study.add_trial(
                optuna.create_trial(
                    value=scores.observed(child.members),
                    params=space.point(child),
                    distributions=space.distributions,
                )
            )
        proposer = sampler.make(space, 0, count, SAMPLES)
        reading = seconds_of(lambda proposer=proposer, study=study: proposer.unscreened(study))
        study.sampler = proposer

        def ask(study: optuna.Study = study) -> None:
            for _ in range(4):
                study.ask(dict(space.distributions))

        spent = seconds_of(ask)
        text = f"{spent:.2f} s, of which {8 * reading:.2f} s reading the trials"
        yield f"four proposals after {count:,} trainings", text


def costs_of_closures() -> Iterator[tuple[str, str]]:
    """Proposals in the space of `costs_of_states`, by a sampler that has seen no closure before."""
    exchanges = ",".join(f"swap:{2 * k}-{2 * k + 1}" for k in range(CANDIDATES))
    domain = Features(2 * CANDIDATES)
    actions = layer_actions(parse_symmetries(exchanges), domain, (domain,))
    space = Space(MLPFamily(MLPArchitecture(actions, 1, (1,), 2)), LIMIT)
    scores = Scores("fives", 0)
    study = optuna.create_study(direction="maximize")
    for members in [*(child.members for child in space.first), *random_states(59, 1)]:
        study.add_trial(
            optuna.create_trial(
                value=scores.observed(members),
                params=space.point(space.child(members)),
                distributions=space.distributions,
            )
        )
    study.sampler = Lattice().make(space, 0, 100, SAMPLES)
    spent = seconds_of(lambda: [study.ask(dict(space.distributions)) for _ in range(4)])
    yield "four proposals after 100 trainings, closures of 80 columns", f"{spent:.2f} s"


def costs_of_rows() -> Iterator[tuple[str, str]]:
    """Recording trainings in `study.db`, and reading them again."""
    space = Space(Subsets(), LIMIT)  # type: ignore[arg-type]
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        done = 0
        path = Path(folder) / "study.db"
        for count in (50, 200, 400):
            study = SearchStudy(path, space.distributions)
            bits = rng.random((count - done, CANDIDATES)) < 0.5  # all of them distinct
            children = [space.child(np.flatnonzero(row).tolist()) for row in bits]

            def record(study: SearchStudy = study, children: Sequence[Child] = children) -> None:
                for child in children:
                    evaluation = Evaluation(rng.random(SAMPLES) < 0.9, 1000, 0.1)
                    study.record([child], 0, [evaluation])
                    study.add([space.point(child)], [(0.9,)], [evaluation])

            spent = seconds_of(record) / len(children)
            study.close()
            done = count
            size = path.stat().st_size / count
            opened = seconds_of(lambda: SearchStudy(path, space.distributions).close())
            text = f"{1e3 * spent:.0f} ms and {size / 1e3:.1f} kB each; opened in {opened:.1f} s"
            yield f"recording up to {count:,} trainings", text


def print_costs() -> None:
    """Print each cost as a row of a table."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    print("| what | processor time |\n| --- | --- |")
    for costs in (costs_of_states, costs_of_proposals, costs_of_closures, costs_of_rows):
        for what, cost in costs():
            print(f"| {what} | {cost} |", flush=True)


def main() -> int:
    """Measure what was asked for; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("part", choices=("costs", "simulate"))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--trainings", type=int, default=500)
    arguments = parser.parse_args()
    if arguments.part == "costs":
        print_costs()
        return 0
    print("| scores | seed | solved after | gap at the end, points | trained | proposals, s |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    unsolved = 0
    for kind in KINDS:
        for seed in range(arguments.first_seed, arguments.first_seed + arguments.seeds):
            found = simulate(Scores(kind, seed), arguments.trainings, seed, until_solved=True)
            unsolved += found.solved_after is None
            after = found.solved_after or "not"
            row = f"| {kind} | {seed} | {after} | {100 * found.gap:.2f} | {found.trained} "
            print(f"{row}| {found.seconds:.0f} |", flush=True)
    return 1 if unsolved else 0


if __name__ == "__main__":
    sys.exit(main())
