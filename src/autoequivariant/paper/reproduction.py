"""What all reproductions share: the run folder, resumption, progress, records and output files."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import RenderableType

from autoequivariant.data.samples import Samples
from autoequivariant.errors import SettingsError
from autoequivariant.evidence.intervals import mean_interval
from autoequivariant.files import write_atomically
from autoequivariant.paper.derived_data import make_data
from autoequivariant.paper.evaluation_file import EvaluationFile
from autoequivariant.searching.outcome import Outcome
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.run import Announce, search
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.config_file import write_json
from autoequivariant.searching.storage.results import version
from autoequivariant.searching.storage.run_folder import RunFolder
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock, Interrupted
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.evaluator import Evaluator
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.executors.options import ExecutorOptions
from autoequivariant.training.executors.registry import make_executor
from autoequivariant.training.progress import NoProgress, PrefixedProgress, Progress

Records = dict[str, Any]


@dataclass(frozen=True)
class Workspace:
    """Where a reproduction trains: what is recorded in the folder is never retrained.

    Attributes:
        folder: the folder of the reproduction.
        progress: receives the progress.
        announce: called with a problem before its first network is trained, as by `search`.
        executor: trains the networks.
    """

    folder: Path
    progress: Progress
    announce: Announce
    executor: Executor

    def data(self, recipe: str, name: str, source: Path, setting: str | None, seed: int) -> Path:
        """Return the folder `data/NAME`; if missing, it is made (`make_data`) as a whole."""
        path = self.folder / "data" / name
        if not path.exists():
            part = path.with_name(f".{name}.part")
            shutil.rmtree(part, ignore_errors=True)
            make_data(recipe, source, setting, seed, part)
            part.rename(path)
        return path

    def search(
        self,
        name: str,
        settings: SearchSettings,
        samples: Samples | None = None,
        announce: Announce | None = None,
    ) -> Outcome:
        """Search as `aen search` does, in the folder `NAME`.

        Raises:
            KeyboardInterrupt: the user asked to stop.
        """
        progress = PrefixedProgress(self.progress, name)
        folder = self.folder / name
        outcome = search(settings, folder, progress, announce, samples, self.executor)
        if not outcome.results.is_finished:
            raise KeyboardInterrupt
        return outcome

    def evaluations(
        self,
        name: str,
        children: Sequence[Child],
        make_evaluator: Callable[[Executor], Evaluator],
        replicate: int,
    ) -> list[Evaluation]:
        """Return evaluations of children, recorded in `records/NAME.json`.

        Args:
            name: a name for the data and the training.
            children: what to evaluate.
            make_evaluator: called only if an evaluation is missing.
            replicate: selects the random numbers (`Evaluator.evaluate`).

        Raises:
            KeyboardInterrupt: the user asked to stop; what was trained until then is recorded.
            RunError: the file exists and cannot be read.
        """
        file = EvaluationFile(self.folder / "records" / f"{name}.json")
        missing = file.missing(children)
        self.progress.advance(len(set(children)) - len(missing))
        if not missing:
            return file.recorded(children)
        evaluator = make_evaluator(self.executor)
        with Clock() as clock:

            def on_step(count: int) -> None:
                clock.check()
                self.progress.advance(count / evaluator.steps)

            try:
                for part, evaluations in evaluator.evaluate(missing, replicate, on_step):
                    file.add(part, evaluations)
                clock.check()  # the signal may have come while the last children were scored
            except Interrupted:
                raise KeyboardInterrupt from None
        return file.recorded(children)


@dataclass(frozen=True)
class Reproduction:
    """One of the paper's experiments, with its data read and checked, and nothing written.

    Attributes:
        name: names the default folder, `runs/reproduce-NAME`.
        identity: the settings that decide the records, by their names in messages.
        records: returns what `results.json` holds. It trains through the workspace alone, so that
            it resumes.
        files: returns the files to write beside the records, by name.
        summary: returns what to print of the records, for a terminal of 80 columns.
        command: other settings to keep in `config.json`.
        executor: where the workspace trains.
    """

    name: str
    identity: dict[str, Any]
    records: Callable[[Workspace], Records]
    files: Callable[[Records], dict[str, str]]
    summary: Callable[[Records], list[RenderableType]]
    command: dict[str, Any] = field(default_factory=dict)
    executor: ExecutorOptions = ExecutorOptions()


@dataclass(frozen=True)
class Reproduced:
    """A finished reproduction: its records, its folder, and the names of the files in it."""

    results: Records
    folder: Path
    files: list[str]


def reproduce(
    reproduction: Reproduction,
    out: Path | None = None,
    progress: Progress | None = None,
    announce: Announce | None = None,
) -> Reproduced:
    """Run a reproduction; with the same settings and folder a second call resumes.

    Args:
        reproduction: what to run.
        out: the folder. Default: `runs/reproduce-NAME`.
        progress: receives the progress. Default: none.
        announce: called with a problem before its first network is trained. Default: none.

    Raises:
        AutoequivariantError: names the problem and the remedy.
        KeyboardInterrupt: the user asked to stop.
    """
    path = Path("runs") / f"reproduce-{reproduction.name}" if out is None else out
    command = {**reproduction.command, "version": version()}
    folder = RunFolder(path, reproduction.identity, command, "reproduction")
    told = announce or (lambda problem, seconds: None)
    with make_executor(reproduction.executor) as executor:
        workspace = Workspace(folder.path, progress or NoProgress(), told, executor)
        results = {**reproduction.records(workspace), "version": version()}
    write_json(folder.results, results)
    contents = reproduction.files(results)
    for name, content in contents.items():
        write_atomically(folder.path / name, content.encode())
    return Reproduced(results, folder.path, [folder.results.name, *contents])


def search_record(outcome: Outcome, *keys: str) -> Records:
    """Return some of a search's results."""
    record = outcome.results.to_json()
    return {key: record[key] for key in keys}


def network_record(name: str, problem: Problem, child: Child, evaluation: Evaluation) -> Records:
    """Return what a network is, and its score on test."""
    return {
        "network": name,
        "symmetries": problem.symmetries(child.members),
        "generators": problem.symmetries(problem.space.smallest_generators(child)),
        "augmentations": problem.augmentations(child.members),
        **score_record(evaluation),
    }


def score_record(evaluation: Evaluation) -> Records:
    """Return the size of a network and its score on test."""
    return {
        "n_parameters": evaluation.n_parameters,
        "test_score": evaluation.score,
        "test_interval": list(mean_interval(evaluation.scores)),
    }


def refuse_unknown(
    option: str, values: Iterable[str], choices: Iterable[str], how_many: str = "one"
) -> list[str]:
    """Return a sentence that names the values that are not among the choices, if there are any."""
    known = tuple(choices)
    unknown = ", ".join(repr(value) for value in values if value not in known)
    return [f"{option} must be {how_many} of {', '.join(known)}; got {unknown}."] * bool(unknown)


def refuse(problems: list[str], check: Callable[[], object]) -> None:
    """Raise a `SettingsError` of these sentences and what `check` raises, if there are any."""
    try:
        check()
    except SettingsError as error:
        problems = [*problems, str(error)]
    if problems:
        raise SettingsError(" ".join(problems))
