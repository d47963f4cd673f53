"""A complete search: read, ask the data, explore, choose, settle, train, test, write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from autoequivariant.data.folds import fold_count
from autoequivariant.data.samples import Samples
from autoequivariant.errors import SettingsError
from autoequivariant.evidence.direct import NO_TIME
from autoequivariant.searching.data_card import DataCard
from autoequivariant.searching.exploring.explore import explore
from autoequivariant.searching.fit.fit import Fit
from autoequivariant.searching.fit.rivals import Rivals
from autoequivariant.searching.fit.tested import ScoredOnTest, handed_over
from autoequivariant.searching.outcome import Outcome, make_results
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.choice import FINALISTS, Choice, choose
from autoequivariant.searching.selection.folds import FoldTrainer
from autoequivariant.searching.selection.use import Settled, settle
from autoequivariant.searching.session import SecondsNeeded, Session, open_session
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.sharing.evaluations import shared_evaluator
from autoequivariant.searching.storage.results import Seconds, Status, write_results
from autoequivariant.searching.storage.rivals import RivalRecord
from autoequivariant.searching.time_needed import seconds_needed
from autoequivariant.training.clock import DeadlineReached, Interrupted
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.progress import Progress

Announce = Callable[[Problem, SecondsNeeded | None], None]


def search(
    settings: SearchSettings,
    out: Path | str | None = None,
    progress: Progress | None = None,
    announce: Announce | None = None,
    samples: Samples | None = None,
    executor: Executor | None = None,
    rivals: bool = False,
    refits: int = 0,
    begin: Callable[[DataCard], None] | None = None,
) -> Outcome:
    """Search for the symmetries of a data set, and train the network that has them.

    A second call with the same settings and folder resumes: nothing recorded is retrained.

    Args:
        settings: options of the search.
        out: the run's folder. Default: `default_folder`.
        progress: shows the progress. Default: nothing.
        announce: called before the first network is trained, with the problem, which has the
            verdicts of the direct tests, and with a function that estimates the seconds that the
            run may take (`searching.time_needed`), None if it resumes.
        samples: the data, if they are in memory. Default: those that the settings name.
        executor: trains networks; the caller shuts it down. Default: a process for each core.
        rivals: whether to compare the chosen network with its rivals (`fit.rivals`). Default: no.
        refits: full trainings of one network for which the caller needs a share of the time limit
            afterwards. Default: none.
        begin: called with the data once they are read and split, before the direct tests, which
            may take long. Default: nothing.

    Raises:
        AutoequivariantError: the data, the settings or the folder cannot be used.
    """
    with open_session(settings, out, progress, samples, executor, begin) as session:
        run = _Run(session, rivals, refits)
        if announce is not None:
            announce(run.problem, None if run.study.trained() else run.seconds_needed)
        return run.outcome()


def _too_short(problem: Problem) -> SettingsError:
    return SettingsError(
        f"--timeout {problem.settings.timeout:g}s ended before the first network was "
        "trained: give more time, fewer --epochs or a smaller --train-size."
    )


@dataclass
class _Run:
    session: Session
    rivals: bool
    refits: int

    def __post_init__(self) -> None:
        session = self.session
        self.experiment, self.folder = session.experiment, session.folder
        self.study, self.executor = session.study, session.executor
        self.clock, self.progress = session.clock, session.progress
        self.problem, self.data = self.experiment.problem, self.experiment.data
        self.counted = 0.0  # seconds of this process that are recorded
        self.evaluator = shared_evaluator(
            self.problem, (self.data.train, self.data.validation), self.executor, session.store
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
            session.store,
        )

    def seconds_needed(self) -> float | None:
        """Return how long the run may take from here; None if that is not known."""
        known = self.experiment.known
        full = self.problem.full_training(len(known))
        try:
            return seconds_needed(
                self.experiment,
                self.evaluator,
                self.problem.evaluator(known, known, self.executor, full),
                self.executor.n_workers,
                self.rivals,
                self.clock.check,
            )
        except DeadlineReached:
            return None
        except Interrupted:
            raise KeyboardInterrupt from None

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
            self.experiment,
            self.study,
            self.executor,
            self.clock,
            self.progress,
            reserve,
            self.session.store,
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

    def _fitted(self, choice: Choice) -> ScoredOnTest:
        start = self.clock.elapsed
        try:
            return self.fit.tested(handed_over(self.problem, choice))
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
        tested: ScoredOnTest | None = None,
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
        if tested is not None and status != "interrupted":  # among the rivals
            self.folder.checkpoints.clear()
        return Outcome(self.problem, results, self.folder.path)
