"""A whole search, from settings to results: read, search, choose, train, score, write."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autoequivariant.data import fold_count
from autoequivariant.errors import SettingsError
from autoequivariant.groups import Network
from autoequivariant.nn import save_model
from autoequivariant.search.choose import FINALISTS, Choice, choose, leading
from autoequivariant.search.clock import Clock, Interrupted, OutOfTime
from autoequivariant.search.evaluate import Evaluation
from autoequivariant.search.evidence import wilson_interval
from autoequivariant.search.explore import explore
from autoequivariant.search.finish import Final, finish
from autoequivariant.search.problem import Problem, make_problem
from autoequivariant.search.progress import Progress, Silent
from autoequivariant.search.run_folder import RunFolder, write_json
from autoequivariant.search.settings import SearchSettings
from autoequivariant.search.study import SearchStudy

LEADING_ROWS = 10
TESTED = ("test_accuracy", "test_interval", "equivariance_error")
"""What `results.json` says of the best network that comes from its final training."""


@dataclass(frozen=True)
class Leader:
    """A row of the leading table: a network and its validation score.

    Attributes:
        symmetries: its whole closure, by name.
        generators: a smallest set of symmetries that gives it.
        weights: number of trainable numbers.
        accuracy: validation accuracy in the search.
        interval: its 95% Wilson interval.
    """

    symmetries: list[str]
    generators: list[str]
    weights: int
    accuracy: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes:
        status: `complete`, `budget`, `repeats`, `timeout` or `interrupted`: why the search ended.
        problem: what was searched.
        leaders: the leading networks, best first.
        choice: how one was chosen; None after an interruption.
        results: what `results.json` holds.
        folder: where everything was written.
    """

    status: str
    problem: Problem
    leaders: list[Leader]
    choice: Choice | None
    results: dict[str, Any]
    folder: Path


def default_folder(settings: SearchSettings) -> Path:
    """Return where a run goes when nobody says: `runs/` and the data set's name."""
    name = Path(settings.data).resolve().name  # what `..` and `.` stand for
    return Path("runs") / (name.removesuffix(".npz") or "search")


def search(
    settings: SearchSettings,
    out: Path | None = None,
    progress: Progress | None = None,
    announce: Callable[[Problem], None] | None = None,
) -> Outcome:
    """Search for the symmetries of a data set, and train the network that has them.

    Run again with the same settings and folder, it goes on where it was: nothing recorded is
    trained again.

    Args:
        settings: what is asked.
        out: the run's folder. Default: `runs/NAME`.
        progress: who watches. Default: nobody.
        announce: called with the problem before the first network is trained.

    Raises:
        AutoequivariantError: what is wrong and what to do.
    """
    clock = Clock(settings.timeout)
    solved = make_problem(settings)
    command = {
        "budget": settings.budget,
        "timeout": settings.timeout,
        "preset": settings.preset,
        "version": version(),
    }
    path = default_folder(settings) if out is None else out
    folder = RunFolder(path, solved.identity(), command)
    study = SearchStudy(folder.study, solved.candidates)
    with clock:
        try:
            if announce is not None:
                announce(solved)
            return _Run(solved, folder, study, clock, progress or Silent()).outcome()
        finally:
            study.close()


def version() -> str:
    """Return this package's version."""
    return importlib.metadata.version("autoequivariant")


class _Run:
    def __init__(
        self,
        problem: Problem,
        folder: RunFolder,
        study: SearchStudy,
        clock: Clock,
        progress: Progress,
    ) -> None:
        self.problem = problem
        self.folder = folder
        self.study = study
        self.clock = clock
        self.progress = progress
        self.evaluator = problem.evaluator(problem.data.train, problem.data.validation)

    def outcome(self) -> Outcome:
        start = self.clock.elapsed
        status = explore(
            self.problem, self.evaluator, self.study, self.clock, self.progress, self._reserve
        )
        searched = self.study.add_seconds("search", self.clock.elapsed - start)
        self._refuse_nothing(status)
        if status == "interrupted":
            return self._write(status, searched, None, None)
        try:
            choice = choose(
                self.problem, self.study, self.clock, self.progress, self._reserve(final=True)
            )
            former = self._finished_before(choice.chosen.network)
            final = None if former else self._finish(choice.chosen.network)
        except Interrupted:
            return self._write("interrupted", searched, None, None)
        return self._write(status, searched, choice, final, former)

    def _refuse_nothing(self, status: str) -> None:
        if self.study.trained():
            return
        if status == "interrupted":
            raise KeyboardInterrupt
        raise SettingsError(
            f"--timeout {self.problem.settings.timeout:g}s was over before the first network "
            "was trained: give more time, fewer --epochs or a smaller --train-size."
        )

    def _reserve(self, final: bool = False) -> float:
        """Seconds to keep before the deadline for choosing and finishing, from what training takes
        here.
        """
        trained = self.study.trained()
        if self.clock.timeout is None or not trained:
            return 0.0
        each = sum(e.seconds for e in trained.values()) / len(trained)
        data = self.problem.data
        growth = 1 + len(data.validation) / len(data.train)
        finishing = 1.0 + 2 * each * growth * 1.5
        choosing = 0.0 if final else 1.2 * each * min(FINALISTS, len(trained)) * fold_count(data)
        return min(finishing + choosing, self.clock.timeout / 2)

    def _finish(self, network: Network) -> Final:
        self.progress.stage("final", 2)
        model_steps = self.evaluator.steps

        def on_step() -> None:
            # The answer is worth the seconds that the reserve did not foresee.
            with suppress(OutOfTime):
                self.clock.check()
            self.progress.advance(2 / model_steps)

        final = finish(self.problem, network, on_step)
        save_model(final.model, self.folder.path, self.problem.data.classes)
        return final

    def _finished_before(self, network: Network) -> dict[str, Any] | None:
        former = self.folder.read_results()
        names = self.problem.names(network.members)
        files = all((self.folder.path / f).exists() for f in ("model.safetensors", "model.json"))
        if not former or not files or not former.get("baseline"):
            return None
        best = former.get("best")
        if not isinstance(best, dict) or any(name not in best for name in TESTED):
            return None
        return former if best.get("symmetries") == names else None

    def _leaders(self) -> list[Leader]:
        return [
            _leader(self.problem, network, evaluation)
            for network in leading(self.problem, self.study, LEADING_ROWS)
            for evaluation in [self.study.evaluation(network)]
            if evaluation is not None
        ]

    def _write(
        self,
        status: str,
        searched: float,
        choice: Choice | None,
        final: Final | None,
        former: dict[str, Any] | None = None,
    ) -> Outcome:
        problem, leaders = self.problem, self._leaders()
        best: dict[str, Any] = {
            "symmetries": leaders[0].symmetries,
            "generators": leaders[0].generators,
            "weights": leaders[0].weights,
            "validation_accuracy": leaders[0].accuracy,
            "test_accuracy": None,
            "test_interval": None,
            "equivariance_error": None,
        }
        baseline = None
        if choice is not None:
            best |= _chosen(problem, choice)
        if final is not None:
            best |= _test(final)
            baseline = _scores(final)
        if former is not None:
            best |= {name: former["best"][name] for name in TESTED}
            baseline = former["baseline"]
        results = {
            "status": status,
            "data": problem.data.name,
            "states": 2 ** len(problem.candidates),
            "distinct_networks": problem.distinct_networks,
            "networks_trained": len(self.study.trained()),
            "sampler": problem.sampler,
            "seconds": {
                "total": self.study.add_seconds("total", self.clock.elapsed),
                "search": searched,
            },
            "best": best,
            "baseline": baseline,
            "finalists": []
            if choice is None
            else [_finalist(problem, f) for f in choice.finalists],
            "leading": [asdict(leader) for leader in leaders],
            "warnings": list(problem.warnings),
            "seed": problem.settings.seed,
            "version": version(),
        }
        write_json(self.folder.results, results)
        return Outcome(status, problem, leaders, choice, results, self.folder.path)


def _leader(problem: Problem, network: Network, evaluation: Evaluation) -> Leader:
    n = int(evaluation.correct.size)
    return Leader(
        problem.names(network.members),
        problem.names(problem.generators(network.members)),
        evaluation.weights,
        evaluation.accuracy,
        wilson_interval(int(evaluation.correct.sum()), n),
    )


def _chosen(problem: Problem, choice: Choice) -> dict[str, Any]:
    network = choice.chosen.network
    return {
        "symmetries": problem.names(network.members),
        "generators": problem.names(problem.generators(network.members)),
        "weights": choice.chosen.weights,
        "validation_accuracy": choice.chosen.accuracy,
    }


def _finalist(problem: Problem, finalist: Any) -> dict[str, Any]:
    return {
        "symmetries": problem.names(finalist.network.members),
        "weights": finalist.weights,
        "validation_accuracy": finalist.accuracy,
        "behind_best": finalist.behind.mean,
        "standard_error": finalist.behind.standard_error,
    }


def _test(final: Final) -> dict[str, Any]:
    error = final.equivariance
    return {
        "test_accuracy": final.chosen.accuracy,
        "test_interval": list(final.chosen.interval),
        "equivariance_error": None if error is None else {"float32": error[0], "worst": error[1]},
    }


def _scores(final: Final) -> dict[str, Any]:
    return {
        "weights": final.baseline.weights,
        "test_accuracy": final.baseline.accuracy,
        "test_interval": list(final.baseline.interval),
    }
