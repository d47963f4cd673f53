"""A run's record read again, without training or changing anything: for reports and dashboards."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from autoequivariant.data.samples import Samples
from autoequivariant.data.split import DataSet, Split
from autoequivariant.errors import AutoequivariantError, ModelError, RunError
from autoequivariant.groups.custom.definition import candidate_of
from autoequivariant.groups.domain import parse_domain
from autoequivariant.jsonio import Fields, shown
from autoequivariant.nn.io.model_files import read_description
from autoequivariant.nn.mlp.architecture import FINALS
from autoequivariant.runs.run import Names, Run
from autoequivariant.searching.problem import Problem, family_for, problem_of
from autoequivariant.searching.run import Outcome
from autoequivariant.searching.selection.choice import Choice, decide
from autoequivariant.searching.settings.settings import MOST_CHANNELS, NETWORKS, SearchSettings
from autoequivariant.searching.storage.results import Leader, leaders_of, make_results
from autoequivariant.searching.storage.run_folder import STUDY
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation

_MIXED = (
    "study.db does not hold the networks that results.json compares: give the whole folder of one "
    "run."
)
_MOST_SAMPLES = 2**40


@dataclass(frozen=True)
class Replay:
    """What a run left behind.

    Attributes:
        run: its folder, settings and results.
        study: a copy of the study, so that the run stays as it is.
        outcome: what the search returned, or would have if it had been interrupted now.
        missing: why the data could not be read, in a sentence; None where they were. Without them
            the samples of the problem are zeros, of the right number and shape.
    """

    run: Run
    study: SearchStudy
    outcome: Outcome
    missing: str | None


@contextmanager
def replay_run(run: Run) -> Iterator[Replay]:
    """Read what a run left behind.

    Raises:
        RunError: its study is missing, cannot be read, or holds no network yet.
    """
    problem, missing = _problem(run)
    with tempfile.TemporaryDirectory() as temporary:
        copy_study(run.folder, Path(temporary))
        with _opened(run, problem, Path(temporary) / STUDY) as study:
            if not study.trained():
                raise RunError(
                    f"{run.folder} has no trained network yet: give the same aen search command "
                    "again to go on with it."
                )
            yield Replay(run, study, _outcome(run, problem, study), missing)


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


def _problem(run: Run) -> tuple[Problem, str | None]:
    """The problem that was searched, and why its data are not there."""
    # Nothing is trained, so that a machine without the device will do.
    here = replace(run, settings=replace(run.settings, device="cpu", memory_limit=None))
    try:
        return here.problem(), None
    except AutoequivariantError as error:
        return _without_data(here), str(error)


def _without_data(run: Run) -> Problem:
    """The same networks, and samples of zeros; what decided the networks stands in the identity."""
    try:
        identity = Fields(run.identity, "its search")
        domain = parse_domain(identity.text("domain"))
        channels = identity.whole("channels in", 1, MOST_CHANNELS)
        targets = identity.texts("targets") if identity.has("targets") else ()
        names = _names(run)
        classes = () if targets else names.classes

        def blank(name: str) -> Split:
            n = identity.whole(f"{name} size", 1, _MOST_SAMPLES)
            x = np.broadcast_to(np.zeros((), np.float32), (n, channels, *domain.shape))
            zero = np.zeros(len(targets), np.float32) if targets else np.zeros((), np.int64)
            return Split(x, np.broadcast_to(zero, (n, *zero.shape)))

        parts = blank("train"), blank("validation"), blank("test")
        name, fingerprint = identity.text("data"), identity.text("data fingerprint")
        form = name, domain, channels, classes
        data = DataSet(*form, *parts, fingerprint, names.columns, targets)
        one = parts[0]
        samples = Samples(*form, one.x[:1], one.y[:1], columns=names.columns, targets=targets)
        family, widths = family_for(samples, _decided(run, identity))
        return problem_of(run.settings, data, family, widths, torch.device("cpu"))
    except (AutoequivariantError, LookupError, TypeError, ValueError) as error:
        raise RunError(
            f"{run.folder} does not say what was searched: give the folder of another run."
        ) from error


def _decided(run: Run, identity: Fields) -> SearchSettings:
    """The settings with what was left to the data and is no longer: candidates and layers."""
    network = identity.choice("network", NETWORKS)
    candidates = tuple(map(candidate_of, identity.records("symmetries")))
    # Without candidates none of the blank columns look alike, which gives none again.
    named = candidates if candidates or network == "cnn" else None
    settings = replace(run.settings, network=network, symmetries=named)
    if network != "mlp":
        return settings
    layers = tuple(map(parse_domain, identity.texts("layers")))
    channels = identity.wholes("channels", 1, MOST_CHANNELS)[0]
    return replace(
        settings, layers=layers, channels=channels, final=identity.choice("final", FINALS)
    )


def _names(run: Run) -> Names:
    """Names of classes and columns, of a run that does not keep them as its model has them; without
    a model the number of classes does not matter much.
    """
    if run.names.classes or run.identity.get("targets"):
        return run.names
    try:
        description = read_description(run.folder)
        return Names(description.classes, description.columns)
    except ModelError:
        return Names(("0", "1"))


def _outcome(run: Run, problem: Problem, study: SearchStudy) -> Outcome:
    results = run.results or _so_far(problem, study)
    rows = results["leading"]
    known = [field.name for field in fields(Leader)]
    leaders = [
        Leader(**{**{name: row[name] for name in known}, "interval": tuple(row["interval"])})
        for row in rows
    ]
    choice = _choice(problem, study, results) if results.get("baseline") else None
    status = results["status"] if choice is not None else "interrupted"
    return Outcome(status, problem, leaders, choice, results, run.folder)


def _so_far(problem: Problem, study: SearchStudy) -> dict[str, Any]:
    """The results of a search that was killed, as if it had been interrupted."""
    trained = study.trained()
    seconds = {name: study.add_seconds(name, 0.0) for name in ("total", "search")}
    seconds["search"] = seconds["search"] or sum(e.seconds for e in trained.values())
    leaders = leaders_of(problem, study)
    found = make_results(
        problem, "interrupted", len(trained), seconds, leaders, None, (), None, None
    )
    plain: dict[str, Any] = json.loads(json.dumps(found | {"leading": [vars(x) for x in leaders]}))
    return plain


def _choice(problem: Problem, study: SearchStudy, results: dict[str, Any]) -> Choice:
    """The choice as it was made, from the same evaluations by the same rule."""
    folds = max((row["folds"] for row in results["finalists"]), default=0)
    found: dict[Child, list[Evaluation]] = {}
    for row in results["finalists"]:
        child = child_of(problem, row)
        replicates = range(1, row["folds"] + 1) if folds else (0,)
        evaluations = [study.evaluation(child, replicate) for replicate in replicates]
        if None in evaluations or not evaluations:
            raise RunError(_MIXED)
        found[child] = [e for e in evaluations if e is not None]
    if problem.space.baseline not in found:
        raise RunError(_MIXED)
    return decide(found, problem.space.baseline, folds, problem.family.simplicity)


def child_of(problem: Problem, row: dict[str, Any]) -> Child:
    """Return the child that a row of `results.json` is about.

    Raises:
        RunError: the row names what was not searched.
    """
    first = len(problem.candidates)
    numbers = {name: k for k, name in enumerate(problem.symmetries(range(first)))}
    augments = problem.augmentations(range(len(problem.space.names)))
    numbers_of_augments = {name: first + k for k, name in enumerate(augments)}
    strangers = [name for name in row["symmetries"] if name not in numbers]
    strangers += [name for name in row["augmentations"] if name not in numbers_of_augments]
    if strangers:
        raise RunError(
            f"results.json names {shown(strangers[0])}, which was not searched: give the whole "
            "folder of one run."
        )
    state = [numbers[name] for name in row["symmetries"]]
    state += [numbers_of_augments[name] for name in row["augmentations"]]
    return problem.space.child(state, row["width"])
