"""A whole search, from settings to results: read, search, choose, ablate, train, score, write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autoequivariant.data.folds import fold_count
from autoequivariant.data.registry import short_name
from autoequivariant.data.samples import Samples
from autoequivariant.errors import SettingsError
from autoequivariant.nn.io.model_files import save_model
from autoequivariant.searching.explore import explore
from autoequivariant.searching.problem import Problem, make_problem
from autoequivariant.searching.selection.ablation import Ablation, ablate
from autoequivariant.searching.selection.choice import FINALISTS, Choice, choose
from autoequivariant.searching.selection.final import finish
from autoequivariant.searching.selection.importance import importance
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.results import (
    Leader,
    Tested,
    leaders_of,
    make_results,
    named,
    version,
)
from autoequivariant.searching.storage.run_folder import RunFolder, write_json
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.clock import Clock, DeadlineReached, Interrupted
from autoequivariant.training.progress import NoProgress, Progress


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes:
        status: `complete`, `converged`, `budget`, `repeats`, `timeout` or `interrupted`: why the
            search ended.
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
    return Path("runs") / (short_name(settings.data) or "search")


def search(
    settings: SearchSettings,
    out: Path | None = None,
    progress: Progress | None = None,
    announce: Callable[[Problem], None] | None = None,
    samples: Samples | None = None,
) -> Outcome:
    """Search for the symmetries of a data set, and train the network that has them.

    Run again with the same settings and folder, it goes on where it was: nothing recorded is
    trained again.

    Args:
        settings: what is asked.
        out: the run's folder. Default: `runs/NAME`.
        progress: who watches. Default: nobody.
        announce: called with the problem before the first network is trained.
        samples: as in `make_problem`.

    Raises:
        AutoequivariantError: what is wrong and what to do.
    """
    clock = Clock(settings.timeout)
    solved = make_problem(settings, samples)
    names = {"classes": list(solved.data.classes), "columns": list(solved.data.columns)}
    command = {**settings.to_json(), **names, "version": version()}
    path = default_folder(settings) if out is None else out
    folder = RunFolder(path, solved.identity(), command)
    study = SearchStudy(folder.study, solved.space.distributions, solved.directions)
    with clock:
        try:
            if announce is not None:
                announce(solved)
            return _Run(solved, folder, study, clock, progress or NoProgress()).outcome()
        finally:
            solved.workers.close()
            study.close()


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
            return self._write(status, searched)
        try:
            watched = self.clock, self.progress, self._reserve(final=True)
            choice = choose(self.problem, self.study, *watched)
            ablations = ablate(self.problem, self.study, choice, *watched)
            tested = self._tested(choice)
        except Interrupted:
            return self._write("interrupted", searched)
        return self._write(status, searched, choice, ablations, tested)

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
        if self.clock.timeout is None:
            return 0.0
        trained = self.study.trained()
        if not trained:
            return 0.0
        each = sum(e.seconds for e in trained.values()) / len(trained)
        data = self.problem.data
        growth = 1 + len(data.validation) / len(data.train)
        finishing = 1.0 + 2 * each * growth * 1.5
        choosing = 0.0 if final else 1.2 * each * min(FINALISTS, len(trained)) * fold_count(data)
        return min(finishing + choosing, self.clock.timeout / 2)

    def _tested(self, choice: Choice) -> Tested:
        """Train and test the chosen network and others, unless an earlier process did."""
        files = all((self.folder.path / f).exists() for f in ("model.safetensors", "model.json"))
        former = Tested.read(self.folder.read_results(), self.problem, choice)
        if files and former is not None:
            return former
        others = [finalist.child for finalist in named(self.problem, choice).values()]
        children = {choice.chosen.child, self.problem.space.baseline, *others}
        self.progress.stage("final", len(children))

        def on_step(count: int) -> None:
            # The answer is worth the seconds that the reserve did not foresee.
            with suppress(DeadlineReached):
                self.clock.check()
            self.progress.advance(count / self.evaluator.steps)

        final = finish(self.problem, choice.chosen.child, others, on_step)
        data = self.problem.data
        save_model(
            final.model,
            self.folder.path,
            data.classes,
            str(data.train.x.dtype),
            data.targets,
            data.columns,
        )
        return Tested.of(final, self.problem, choice)

    def _write(
        self,
        status: str,
        searched: float,
        choice: Choice | None = None,
        ablations: Sequence[Ablation] = (),
        tested: Tested | None = None,
    ) -> Outcome:
        leaders = leaders_of(self.problem, self.study)
        total = self.study.add_seconds("total", self.clock.elapsed)
        results = make_results(
            self.problem,
            status,
            len(self.study.trained()),
            {"total": total, "search": searched},
            leaders,
            choice,
            ablations,
            tested,
            importance(self.problem, self.study) if self.problem.family.name == "cnn" else None,
        )
        former = self.folder.read_results() or {}
        if choice is not None or not former.get("baseline"):  # an earlier answer stays
            write_json(self.folder.results, results)
        return Outcome(status, self.problem, leaders, choice, results, self.folder.path)
