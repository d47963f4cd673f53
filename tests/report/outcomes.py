"""Outcomes of a search, made by hand."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from autoequivariant.evidence.verdict import Answer, Use
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.searching.experiment import make_experiment
from autoequivariant.searching.outcome import Outcome
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.results import (
    AblationRecord,
    Baseline,
    Best,
    EquivarianceRecord,
    FinalistRecord,
    Leader,
    Results,
    Seconds,
    Status,
    Without,
)
from autoequivariant.training.child import Child


def problem_of(data: str = "digits", **options: Any) -> Problem:
    return make_experiment(SearchSettings(data, **options)).problem


def small_problem() -> Problem:
    return problem_of(symmetries=parse_symmetries("hflip,vflip,rot90"), budget=50)


def leader(
    symmetries: list[str], augmentations: list[str], width: int, n_parameters: int, *scores: Any
) -> Leader:
    names = tuple(symmetries)
    return Leader(names, names, tuple(augmentations), width, n_parameters, *scores)


def outcome(problem: Problem, status: Status = "complete", folds: int = 4) -> Outcome:
    """Three networks were compared, and hflip was chosen, which is as good as the baseline."""
    plain, flip, turn = problem.space.children[:3]
    state = {"symmetries": ("hflip",), "generators": ("hflip",), "augmentations": ()}
    state |= {"width": flip.width, "n_parameters": 450}
    best = Best(**state, validation_score=0.94, test_score=0.9, test_interval=(0.85, 0.95))
    results = Results(
        status=status,
        data="digits",
        network="mlp",
        task="classification",
        metric="accuracy",
        states=problem.states,
        distinct_networks=problem.space.size,
        widths=problem.space.widths,
        networks_trained=3,
        sampler="exhaustive",
        objective="score",
        seconds=Seconds(20.0, 12.34),
        best=replace(best, equivariance_error=EquivarianceRecord(2e-7, "hflip")),
        baseline=Baseline(900, 0.9, (0.85, 0.95)),
        constant_score=None,
        smallest_as_good_as_baseline=None,
        best_no_larger_than_baseline=None,
        importance=None,
        compared_samples=1438,
        compared_by="accuracy",
        dropped=(),
        finalists=(
            finalist(problem, plain, 900, 0.95, 0.0, 0.0, folds),
            finalist(problem, flip, 450, 0.94, 0.01, 0.02, folds),
            finalist(problem, turn, 300, 0.5, 0.45, 0.01, min(2, folds)),
        ),
        ablation=(),
        leading=(Leader(**state, score=0.94, interval=(0.9, 0.97)),),
        verdicts=problem.verdicts,
        warnings=(),
        seed=0,
        version="0",
    )
    return Outcome(problem, results, Path("runs/[x]"))


def finalist(problem: Problem, child: Child, *numbers: Any) -> FinalistRecord:
    generators = problem.symmetries(problem.space.smallest_generators(child))
    names = tuple(problem.symmetries(child.members)), tuple(generators)
    return FinalistRecord(*names, (), child.width, *numbers)


def changed(found: Outcome, **fields: Any) -> Outcome:
    """The same outcome with other fields of its results."""
    return replace(found, results=replace(found.results, **fields))


def interrupted(found: Outcome) -> Outcome:
    """The same search, stopped before finalists were compared."""
    best = replace(found.results.best, test_score=None, test_interval=None)
    fields = {"status": "interrupted", "baseline": None, "finalists": (), "compared_samples": 0}
    return changed(found, best=best, **fields)


def ablated(
    left_out: tuple[str, ...], lost: float, interval: tuple[float, float]
) -> AblationRecord:
    without = Without((), (), (), 2, 900, validation_score=0.909)
    return AblationRecord(left_out, lost, interval, 4, without)


def judged(found: Outcome, **judgements: tuple[Answer, Use]) -> Outcome:
    """The same outcome with other verdicts and uses of some candidates."""
    verdicts = [
        replace(one, verdict=judgements[one.name][0], use=judgements[one.name][1])
        if one.name in judgements
        else one
        for one in found.results.verdicts
    ]
    problem = found.problem.with_verdicts(verdicts)
    return changed(replace(found, problem=problem), verdicts=tuple(verdicts))


HELPFUL = ablated(("hflip",), 0.031, (0.012, 0.05))
HARMLESS = ablated(("v[/]",), -0.001, (-0.01, 0.008))
TOGETHER = ablated(("hflip", "v[/]"), 0.031, (0.012, 0.05))


def printed(show: Callable[..., None], *arguments: object) -> str:
    """What is printed at a width of 80 columns."""
    console = Console(file=io.StringIO(), width=80, highlight=False)
    show(console, *arguments)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text
