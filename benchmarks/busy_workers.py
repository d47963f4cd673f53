"""How busy many workers are in a search without rounds, and with them.

    python benchmarks/busy_workers.py [--workers 8 32 128] [--samplers lattice tpe random]

Children only sleep, for times that are drawn from a log-normal distribution, so that one machine
stands in for a cluster; proposals, records and the sampler's model are those of `aen search`. A
worker is busy while its child sleeps. Busy is the share of the workers' time from the first start
to the last one: at the end of a search every worker waits for the last, whatever the search does.
The lattice search does not end by itself here, as its workers would have nothing to do then.
`--rounds` shows the same searches with rounds.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import optuna

from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.searching.experiment import make_experiment
from autoequivariant.searching.exploring.explore import explore
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.samplers import lattice
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.evaluator import Request
from autoequivariant.training.executors.executor import Executor, Job, OnStep, Part, Result
from autoequivariant.training.progress import NoProgress
from autoequivariant.training.pruning import Pruning

CANDIDATES = 20
SAMPLES = 1000
SPREAD = 0.5  # of the logarithm of the seconds: the slowest of 100 takes 3 times the median


class Threads(Executor):
    """As many threads as there are to be workers: each only sleeps."""

    caller_works = False

    def __init__(self, n_workers: int) -> None:
        self.n_workers = n_workers
        self._pool = ThreadPoolExecutor(n_workers)
        self._running: list[Future[object]] = []

    def available(self, parts: int) -> int:
        self._running = [future for future in self._running if not future.done()]
        return self.n_workers - len(self._running)

    def submit(self, job: Job[Part, Result], part: Part, on_step: OnStep) -> Future[Result]:
        future = self._pool.submit(job, part, on_step)
        self._running.append(future)
        return future

    def cancel(self) -> None:
        pass

    def shutdown(self) -> None:
        self._pool.shutdown()


@dataclass
class Sleeper:
    """Stands in for `Evaluator`: a child sleeps and has a score that its members give it.

    Attributes:
        executor: whose workers sleep.
        seconds: mean time of a child.
        naps: start and end of each.
    """

    executor: Threads
    seconds: float
    naps: list[tuple[float, float]] = field(default_factory=list)
    steps: int = 1

    def __post_init__(self) -> None:
        rng = np.random.default_rng(0)
        self.effects = rng.normal(0, 0.02, (CANDIDATES, CANDIDATES)) * (
            rng.random((CANDIDATES, CANDIDATES)) < 0.1
        )

    @property
    def n_workers(self) -> int:
        return self.executor.n_workers

    def sleep(self, child: Child) -> Evaluation:
        rng = np.random.default_rng(child.members)
        seconds = self.seconds * rng.lognormal(-(SPREAD**2) / 2, SPREAD)
        start = time.perf_counter()
        time.sleep(seconds)
        self.naps.append((start, time.perf_counter()))
        on = np.isin(np.arange(CANDIDATES), child.members)
        score = float(np.clip(0.7 + on @ self.effects @ on, 0, 1))
        return Evaluation(rng.random(SAMPLES) < score, 1000 - len(child.members), seconds)

    def evaluate_each(
        self, request: Callable[[], Request | None], on_step: OnStep
    ) -> Iterator[tuple[Child, Evaluation]]:
        def job(given: Request, on_step: OnStep) -> tuple[Child, Evaluation]:
            return given[0], self.sleep(given[0])

        for _, result in self.executor.run(job, request, on_step):
            yield result

    def evaluate(
        self,
        children: Sequence[Child],
        replicate: int,
        on_step: OnStep,
        pruning: Pruning | None = None,
    ) -> Iterator[tuple[list[Child], list[Evaluation]]]:
        left = iter(children)

        def request() -> Request | None:
            child = next(left, None)
            return None if child is None else (child, None)

        for child, evaluation in self.evaluate_each(request, on_step):
            yield [child], [evaluation]

    def busy(self) -> float:
        """Return the busy share of the workers' time until the last child starts."""
        first = min(start for start, _ in self.naps)
        last = max(start for start, _ in self.naps)
        slept = sum(min(end, last) - start for start, end in self.naps)
        return slept / (self.n_workers * (last - first))


def problem_of(folder: Path, sampler: str, budget: int, in_rounds: bool) -> Problem:
    """Return the problem of a table with independent exchanges of columns: 2^20 closed states."""
    path = folder / "table.npz"
    x = np.random.default_rng(0).normal(size=(60, 2 * CANDIDATES)).astype(np.float32)
    np.savez(path, x_train=x, y_train=np.arange(60) % 2)
    names = ",".join(f"swap:{2 * k}-{2 * k + 1}" for k in range(CANDIDATES))
    settings = SearchSettings(
        str(path),
        kind="features",
        symmetries=parse_symmetries(names),
        sampler=sampler,
        budget=budget,
        tests=False,
        deterministic=in_rounds,
        channels=1,
    )
    return make_experiment(settings).problem


def measure(sampler: str, workers: int, each: int, seconds: float, in_rounds: bool) -> str:
    """Return a row of the table."""
    with TemporaryDirectory() as folder, Threads(workers) as executor:
        sleeper = Sleeper(executor, seconds)
        problem = problem_of(Path(folder), sampler, workers * each, in_rounds)
        space = problem.space
        study = SearchStudy(Path(folder) / "study.db", space.distributions, problem.directions)
        start, used = time.perf_counter(), time.process_time()
        status = explore(problem, sleeper, study, Clock(), NoProgress(), lambda: 0.0)  # type: ignore[arg-type]
        elapsed, used = time.perf_counter() - start, time.process_time() - used
        trained = len(study.trained())
        study.close()
    how = "rounds" if in_rounds else "no rounds"
    cells = (sampler, how, workers, trained, f"{sleeper.busy():.0%}", f"{elapsed:.0f}")
    return f"| {' | '.join(map(str, cells))} | {used / trained * 1000:.0f} | {status} |"


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--workers", type=int, nargs="+", default=[8, 32, 128])
    parser.add_argument("--samplers", nargs="+", default=["lattice", "tpe", "random"])
    parser.add_argument("--each", type=int, default=5, help="children for each worker")
    parser.add_argument("--seconds", type=float, default=20.0, help="mean time of a child")
    parser.add_argument("--rounds", action="store_true", help="with rounds")
    given = parser.parse_args()
    lattice.MIN_IMPROVEMENT = -1.0
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    print("| sampler | how | workers | trained | busy | seconds | processor ms each | ended |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |")
    for sampler in given.samplers:
        for workers in given.workers:
            print(measure(sampler, workers, given.each, given.seconds, given.rounds), flush=True)


if __name__ == "__main__":
    main()
