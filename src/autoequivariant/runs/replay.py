"""Replays a run from disk for reports and dashboards, without training or changing it."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from autoequivariant.errors import AutoequivariantError, ModelError, RunError
from autoequivariant.files import writing_error
from autoequivariant.groups.custom.definition import DataSpec, candidate_of
from autoequivariant.groups.domain import parse_domain
from autoequivariant.runs.run import Names, Run
from autoequivariant.searching.data_card import DataCard
from autoequivariant.searching.experiment import Experiment
from autoequivariant.searching.named import child_of
from autoequivariant.searching.outcome import Outcome, make_results
from autoequivariant.searching.problem import Problem, make_problem
from autoequivariant.searching.storage.consistency import check_study
from autoequivariant.searching.storage.results import Results, Seconds
from autoequivariant.searching.storage.run_folder import CONFIG, STUDY
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.searching.storage.study_errors import errors_named, reason_of
from autoequivariant.searching.storage.study_file import StepLimit, check_files, connect
from autoequivariant.training.families.model_files import read_description
from autoequivariant.training.families.registry import KINDS

_MIXED_FILES = (
    "study.db does not hold the networks that results.json compares: give the whole folder of one "
    "run."
)


@dataclass(frozen=True)
class Replay:
    """A run with the outcome that its search returned, or would return if interrupted now.

    Attributes:
        run: the folder, settings and results.
        study: a copy of the study.
        outcome: what the search returned.
        experiment: the problem with its data; None if they cannot be read.
        data_error: why the data cannot be read, as a sentence; None if they can.
    """

    run: Run
    study: SearchStudy
    outcome: Outcome
    experiment: Experiment | None
    data_error: str | None


@contextmanager
def replay_run(run: Run) -> Iterator[Replay]:
    """Replay a run.

    Raises:
        RunError: the study is missing, cannot be read, or holds no network yet; or the run is a fit
            of given symmetries.
    """
    if run.settings.given:
        raise RunError(
            f"{run.folder} is a fit of given symmetries, so it has no search to show: its scores "
            "are in results.json, and aen evaluate prints more of them."
        )
    experiment, data_error = _experiment(run)
    problem = _problem_without_data(run) if experiment is None else experiment.problem
    with tempfile.TemporaryDirectory() as temporary:
        copy_study(run.folder, Path(temporary))
        with _open_study(run, problem, Path(temporary) / STUDY) as study:
            if not study.trained():
                raise RunError(
                    f"{run.folder} has no trained network yet: rerun the same aen search command "
                    "to resume the search."
                )
            outcome = Outcome(problem, _results(run, problem, study), run.folder)
            yield Replay(run, study, outcome, experiment, data_error)


@contextmanager
def _open_study(run: Run, problem: Problem, copy: Path) -> Iterator[SearchStudy]:
    with _refused_as(run.folder / STUDY):
        study = SearchStudy(copy, problem.space.distributions, problem.directions)
    try:
        with _refused_as(run.folder / STUDY):
            check_study(problem, study)
        yield study
    finally:
        study.close()


@contextmanager
def _refused_as(path: Path) -> Iterator[None]:
    """Name the file of the run in errors of its copy."""
    try:
        yield
    except RunError as error:
        if error.__cause__ is None:  # of a file beside it, which the message names
            raise
        reason = reason_of(error.__cause__)
        raise RunError(
            f"{path} cannot be read as the study of this run ({reason}): give the whole folder of "
            "one run."
        ) from error


def copy_study(folder: Path, target: Path) -> None:
    """Copy the study of a run into another folder; a search may write to it meanwhile.

    Raises:
        RunError: `study.db` is missing or cannot be read.
    """
    path, copy = folder / STUDY, target / STUDY
    if not path.is_file():
        raise RunError(f"{folder} has no {STUDY}: give the whole folder of a run.")
    with _refused_as(path), errors_named(path):
        check_files(path)
        try:
            _back_up(path, copy)
        except sqlite3.OperationalError:
            if writing_error(path) is None:
                raise
            # No search writes to a folder that is read-only. SQLite cannot read it in place.
            for ending in ("", "-wal"):
                if (beside := path.with_name(f"{STUDY}{ending}")).exists():
                    shutil.copyfile(beside, copy.with_name(beside.name))


def _back_up(path: Path, copy: Path) -> None:
    with (
        closing(connect(path, StepLimit(path), "rw")) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)


def _experiment(run: Run) -> tuple[Experiment | None, str | None]:
    """Return the experiment, or None and why its data cannot be read."""
    # Nothing is trained, so the device of the search is not needed.
    settings = replace(run.settings, device="cpu", memory_limit=run.memory_limit)
    on_cpu = replace(run, settings=settings)
    try:
        return on_cpu.experiment(), None
    except AutoequivariantError as error:
        return None, str(error)


def _problem_without_data(run: Run) -> Problem:
    """Return the problem from the identity that the run records."""
    try:
        identity = run.typed_identity
        domain = parse_domain(identity.domain)
        names = _names(run)
        classes = () if identity.targets else names.classes
        card = DataCard(
            identity.data,
            domain,
            identity.channels_in,
            classes,
            identity.targets,
            names.columns,
            identity.train_size,
            identity.validation_size,
            identity.test_size,
            identity.data_fingerprint,
        )
        kind = KINDS[identity.network]
        candidates = tuple(map(candidate_of, identity.symmetries))
        settings = replace(
            run.settings,
            network=kind.name,
            # None selects the default candidates: none here, as nothing is proposed.
            symmetries=candidates if candidates or kind.searches_without_symmetries else None,
            **kind.settings_from_identity(run.identity),
        )
        outputs = classes or identity.targets
        spec = DataSpec(
            domain,
            names.columns,
            identity.channels_in,
            outputs,
            bool(classes),
            proposed=(),
            categories=names.categories,
            few_values=names.few_values,
            knots=names.knots,
        )
        family, widths = kind.family(spec, settings)
        problem = make_problem(settings, card, family, widths, torch.device("cpu"))
    except (AutoequivariantError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise RunError(
            f"{run.folder / CONFIG} does not describe a search: give the folder of another run."
        ) from error
    return replace(run.with_verdicts(problem), settings=run.settings)


def _names(run: Run) -> Names:
    """Return the names of classes and columns, from the model if the run does not record them.

    Without a model, two classes stand for all.
    """
    if run.names.classes or run.typed_identity.targets:
        return run.names
    try:
        description = read_description(run.folder)
        return Names(description.classes, description.columns, description.categories)
    except ModelError:
        return Names(("0", "1"))


def _results(run: Run, problem: Problem, study: SearchStudy) -> Results:
    """Return the results; if there are none yet, those of a search interrupted now."""
    if run.results is None:
        searched = study.add_seconds("search", 0.0)
        searched = searched or sum(e.seconds for e in study.trained().values())
        seconds = Seconds(study.add_seconds("total", 0.0), searched)
        return make_results(problem, study, "interrupted", seconds)
    results = run.results
    if len(study.trained()) < results.networks_trained:
        raise RunError(_MIXED_FILES)
    if not results.is_finished:
        return replace(results, status="interrupted")
    folds_of = {child_of(problem, row).key: row.folds for row in results.finalists}
    if problem.space.baseline.key not in folds_of:
        raise RunError(_MIXED_FILES)
    for (members, width), folds in folds_of.items():
        child = problem.space.child(members, width)
        replicates = range(1, folds + 1) if results.folds else (0,)
        if not replicates or any(study.evaluation(child, n) is None for n in replicates):
            raise RunError(_MIXED_FILES)
    return results
