"""A run replayed from disk, without training or changing anything: for reports and dashboards."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from autoequivariant.errors import AutoequivariantError, ModelError, RunError
from autoequivariant.groups.custom.definition import DataSpec, candidate_of
from autoequivariant.groups.domain import Features, parse_domain
from autoequivariant.runs.run import Names, Run
from autoequivariant.searching.data_card import DataCard
from autoequivariant.searching.experiment import Experiment
from autoequivariant.searching.outcome import Outcome, child_of, make_results
from autoequivariant.searching.problem import Problem, make_problem
from autoequivariant.searching.storage.results import Results, Seconds
from autoequivariant.searching.storage.run_folder import STUDY
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.families.model_files import read_description
from autoequivariant.training.families.registry import KINDS

_MIXED = (
    "study.db does not hold the networks that results.json compares: give the whole folder of one "
    "run."
)


@dataclass(frozen=True)
class Replay:
    """A run as its search returned it, or would have if it had been interrupted now.

    Attributes:
        run: its folder, settings and results.
        study: a copy of the study, so that the run stays as it is.
        outcome: what the search returned.
        experiment: the problem with its data; None where they cannot be read.
        missing: why the data cannot be read, in a sentence; None where they can.
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
        RunError: its study is missing, cannot be read, or holds no network yet.
    """
    experiment, missing = _experiment(run)
    problem = _without_data(run) if experiment is None else experiment.problem
    with tempfile.TemporaryDirectory() as temporary:
        copy_study(run.folder, Path(temporary))
        with _opened(run, problem, Path(temporary) / STUDY) as study:
            if not study.trained():
                raise RunError(
                    f"{run.folder} has no trained network yet: rerun the same aen search command "
                    "to resume it."
                )
            outcome = Outcome(problem, _results(run, problem, study), run.folder)
            yield Replay(run, study, outcome, experiment, missing)


@contextmanager
def _opened(run: Run, problem: Problem, copy: Path) -> Iterator[SearchStudy]:
    try:
        study = SearchStudy(copy, problem.space.distributions, problem.directions)
    except RunError as error:
        reason = str(error.__cause__ or error).partition("\n")[0]
        raise RunError(
            f"{run.folder / STUDY} cannot be read as the study of this run ({reason}): give the "
            "whole folder of one run."
        ) from error
    try:
        yield study
    finally:
        study.close()


def copy_study(folder: Path, target: Path) -> None:
    """Copy the study of a run into another folder, also while a search writes to it.

    Raises:
        RunError: there is none, or it cannot be read.
    """
    path = folder / STUDY
    if not path.is_file():
        raise RunError(f"{folder} has no {STUDY}: give the whole folder of a run.")
    try:
        source = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)
        copy = sqlite3.connect(target / STUDY)
        try:
            source.backup(copy)
        finally:
            source.close()
            copy.close()
    except sqlite3.OperationalError:  # where nothing may be written, nobody else writes either
        shutil.copyfile(path, target / STUDY)
    except sqlite3.Error as error:
        raise RunError(
            f"{path} cannot be read as a study ({error}): give the folder of another run."
        ) from error


def _experiment(run: Run) -> tuple[Experiment | None, str | None]:
    """Return the problem with its data, or why these cannot be read."""
    # Nothing is trained, so a machine without the device will do.
    here = replace(run, settings=replace(run.settings, device="cpu", memory_limit=None))
    try:
        return here.experiment(), None
    except AutoequivariantError as error:
        return None, str(error)


def _without_data(run: Run) -> Problem:
    """Return the problem without its data, from what decided it (`Problem.identity`)."""
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
            # Without candidates none are chosen again: no columns are known to look alike.
            symmetries=candidates if candidates or kind.searches_without_symmetries else None,
            **kind.settings_from_identity(run.identity),
        )
        alike = () if isinstance(domain, Features) else None
        outputs = classes or identity.targets
        spec = DataSpec(domain, names.columns, identity.channels_in, outputs, bool(classes), alike)
        family, widths = kind.family(spec, settings)
        return replace(
            make_problem(settings, card, family, widths, torch.device("cpu")), settings=run.settings
        )
    except (AutoequivariantError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise RunError(
            f"{run.folder} does not say what was searched: give the folder of another run."
        ) from error


def _names(run: Run) -> Names:
    """Return the names of classes and columns; a run that does not keep them has them in its model.

    Without a model the number of classes matters little.
    """
    if run.names.classes or run.typed_identity.targets:
        return run.names
    try:
        description = read_description(run.folder)
        return Names(description.classes, description.columns)
    except ModelError:
        return Names(("0", "1"))


def _results(run: Run, problem: Problem, study: SearchStudy) -> Results:
    """Return the results, or those of a killed search as if it had been interrupted."""
    if run.results is None:
        searched = study.add_seconds("search", 0.0)
        searched = searched or sum(e.seconds for e in study.trained().values())
        seconds = Seconds(study.add_seconds("total", 0.0), searched)
        return make_results(problem, study, "interrupted", seconds)
    results = run.results
    if not results.is_finished:
        return replace(results, status="interrupted")
    known = {
        child.key: row.folds for row in results.finalists for child in [child_of(problem, row)]
    }
    if problem.space.baseline.key not in known:
        raise RunError(_MIXED)
    for (members, width), folds in known.items():
        child = problem.space.child(members, width)
        replicates = range(1, folds + 1) if results.folds else (0,)
        if (
            not folds
            and results.folds
            or any(study.evaluation(child, replicate) is None for replicate in replicates)
        ):
            raise RunError(_MIXED)
    return results
