"""A complete search: read, ask the data, explore, choose, settle, train, test, write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from autoequivariant.data.folds import fold_count
from autoequivariant.data.registry import short_name
from autoequivariant.data.samples import Samples
from autoequivariant.errors import SettingsError
from autoequivariant.evidence.direct import NO_TIME
from autoequivariant.searching.coding import KEY, recorded_coding
from autoequivariant.searching.experiment import Experiment, make_experiment
from autoequivariant.searching.explore import explore
from autoequivariant.searching.fit.fit import Fit
from autoequivariant.searching.fit.rivals import Rivals
from autoequivariant.searching.outcome import (
    Outcome,
    Tested,
    make_results,
)
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.choice import FINALISTS, Choice, choose
from autoequivariant.searching.selection.folds import FoldTrainer
from autoequivariant.searching.selection.use import Settled, settle
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.consistency import check_study
from autoequivariant.searching.storage.results import (
    Seconds,
    Status,
    version,
    write_results,
)
from autoequivariant.searching.storage.rivals import RivalRecord
from autoequivariant.searching.storage.run_folder import RunFolder
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.searching.time_needed import (
    seconds_needed,
)
from autoequivariant.searching.verdicts import recorded_verdicts
from autoequivariant.training.clock import Clock, Interrupted
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.progress import NoProgress, Progress

SecondsNeeded = Callable[[], float | None]
"""Returns the seconds that a run may take, after about a second of training; None if they are not
known.
"""
Announce = Callable[[Problem, SecondsNeeded | None], None]


def default_folder(settings: SearchSettings) -> Path:
    """Return the folder of a run without `--out`: `runs/NAME`."""
    return Path("runs") / (short_name(settings.data) or "search")


def search(
    settings: SearchSettings,
    out: Path | None = None,
    progress: Progress | None = None,
    announce: Announce | None = None,
    samples: Samples | None = None,
    executor: Executor | None = None,
    rivals: bool = False,
    refits: int = 0,
) -> Outcome:
    """Search for the symmetries of a data set, and train the network that has them.

    A second call with the same settings and folder resumes: nothing recorded is retrained.

    Args:
        settings: options of the search.
        out: the run's folder. Default: `runs/NAME`.
        progress: shows the progress. Default: nothing.
        announce: called before the first network is trained, with the problem, which has the
            verdicts of the direct tests, and with a function that estimates the seconds that the
            run may take (`searching.time_needed`), None if it resumes.
        samples: the data, if they are in memory. Default: those that the settings name.
        executor: trains networks; the caller shuts it down. Default: a process for each core.
        rivals: whether to compare the chosen network with its rivals (`fit.rivals`). Default: no.
        refits: full trainings of one network for which the caller needs a share of the time limit
            afterwards. Default: none.

    Raises:
        AutoequivariantError: the data, the settings or the folder cannot be used.
    """
    clock = Clock(settings.timeout)
    progress = progress or NoProgress()
    path = out or default_folder(settings)
    coding = None if settings.coding is not None else recorded_coding(path)
    experiment = make_experiment(settings, samples, coding)
    problem, data = experiment.problem, experiment.data
    names = {
        "classes": list(data.classes),
        "columns": list(data.columns),
        "categories": list(map(list, data.categories)),
        "few_values": list(map(list, experiment.few_values)),
    }
    command = {**problem.settings.to_json(), **names, "version": version()}
    if problem.coding is not None:
        command[KEY] = asdict(problem.coding)
    with clock:
        folder = RunFolder(path, problem.identity(), command)
        start = clock.elapsed
        if settings.tests:
            experiment = _tested(experiment, folder, clock, progress)
        asked = clock.elapsed - start
        problem = experiment.problem
        study = SearchStudy(folder.study, problem.space.distributions, problem.directions)
        used = LocalExecutor() if executor is None else executor
        try:
            check_study(problem, study)
            study.add_seconds("tests", asked)
            run = _Run(experiment, folder, study, used, clock, progress, rivals, refits)
            if announce is not None:
                announce(problem, None if study.trained() else run.seconds_needed)
            return run.outcome()
        finally:
            if executor is None:
                used.shutdown()
            study.close()


def _tested(
    experiment: Experiment, folder: RunFolder, clock: Clock, progress: Progress
) -> Experiment:
    """Return the experiment with the verdicts of the direct tests."""
    try:
        return experiment.with_verdicts(recorded_verdicts(experiment, folder, clock, progress))
    except Interrupted:
        raise KeyboardInterrupt from None


def _too_short(problem: Problem) -> SettingsError:
    return SettingsError(
        f"--timeout {problem.settings.timeout:g}s ended before the first network was "
        "trained: give more time, fewer --epochs or a smaller --train-size."
    )


@dataclass
class _Run:
    experiment: Experiment
    folder: RunFolder
    study: SearchStudy
    executor: Executor
    clock: Clock
    progress: Progress
    rivals: bool
    refits: int

    def __post_init__(self) -> None:
        self.problem, self.data = self.experiment.problem, self.experiment.data
        self.counted = 0.0  # seconds of this process that are recorded
        self.evaluator = self.problem.evaluator(
            self.data.train, self.data.validation, self.executor
        )
        self.fit = Fit(
            self.experiment,
            self.evaluator,
            self.study,
            self.folder,
            self.executor,
            self.clock,
            self.progress,
            self.refits,
        )

    def seconds_needed(self) -> float | None:
        """Return how long the run may take from here; None if that is not known."""
        known = self.experiment.known
        full = self.problem.full_training(len(known))
        return seconds_needed(
            self.problem,
            self.evaluator,
            self.problem.evaluator(known, known, self.executor, full),
            fold_count(self.data),
            self.executor.n_workers,
            self.rivals,
        )

    def outcome(self) -> Outcome:
        start = self.clock.elapsed
        status = explore(
            self.problem, self.evaluator, self.study, self.clock, self.progress, self._reserve
        )
        self.study.add_seconds("search", self.clock.elapsed - start)
        self._check_anything_trained(status)
        if status == "interrupted":
            return self._write(status)
        reserve = self._reserve(final=True)
        trainer = FoldTrainer(
            self.experiment, self.study, self.executor, self.clock, self.progress, reserve
        )
        try:
            settled = settle(self.problem, choose(self.problem, trainer), trainer)
            tested = self._fitted(settled.choice)
        except Interrupted:
            return self._write("interrupted")
        if not self.rivals:
            return self._write(status, settled, tested)
        if tested.networks:
            self._write(status, settled, tested)  # a killed process has trained them
        rivals = Rivals(self.fit, settled.choice.chosen.child, tested)
        try:
            rivals.train()
        except Interrupted:
            status = "interrupted"
        return self._write(status, settled, tested, rivals.records())

    def _fitted(self, choice: Choice) -> Tested:
        start = self.clock.elapsed
        try:
            return self.fit.tested(choice)
        finally:
            self.study.add_seconds("fit", self.clock.elapsed - start)

    def _check_anything_trained(self, status: str) -> None:
        if self.study.trained():
            return
        if status == "interrupted":
            raise KeyboardInterrupt
        if any(one.reason == NO_TIME for one in self.problem.verdicts):
            self.folder.verdicts.unlink()  # a rerun may have more time to ask
        raise _too_short(self.problem)

    def _reserve(self, final: bool = False) -> float:
        """Return seconds to keep before the deadline for the choice (unless `final`) and the final
        training, estimated from the trainings so far.
        """
        trained = self.study.trained()
        if self.clock.timeout is None or not trained:
            return 0.0
        each = sum(e.seconds for e in trained.values()) / len(trained)
        finishing = 1.0 + 1.5 * self.fit.seconds
        finalists = min(FINALISTS, len(trained))
        choosing = 0.0 if final else 1.2 * each * finalists * fold_count(self.data)
        return min(finishing + choosing, self.clock.timeout / 2)

    def _write(
        self,
        status: Status,
        settled: Settled | None = None,
        tested: Tested | None = None,
        rivals: tuple[RivalRecord, ...] = (),
    ) -> Outcome:
        elapsed = self.clock.elapsed
        self.study.add_seconds("total", elapsed - self.counted)
        self.counted = elapsed
        names = ("total", "search", "tests", "fit")
        seconds = Seconds(*(self.study.add_seconds(name, 0.0) for name in names))
        results = make_results(self.problem, self.study, status, seconds, settled, tested)
        results = replace(results, rivals=rivals)
        former = self.folder.read_results()
        if settled is not None or former is None or not former.is_finished:
            write_results(self.folder.results, results)  # an earlier result is kept
        if tested is not None:
            self.folder.checkpoints.clear()
        return Outcome(self.problem, results, self.folder.path)
