"""What a search found, as plain records: `results.json`, and the rows that reports show."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from autoequivariant.evidence.intervals import mean_interval
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.ablation import Ablation
from autoequivariant.searching.selection.choice import Choice, Finalist, front, leading
from autoequivariant.searching.selection.final import Final, TestScore
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation

LEADING_ROWS = 10
TESTED = ("test_score", "test_interval", "equivariance_error")
"""What `results.json` says of the best network that comes from its final training."""
NAMED = ("smallest_as_good_as_baseline", "best_no_larger_than_baseline")
"""What `results.json` says with `--objective score,parameters`, beside the front."""


@dataclass(frozen=True)
class Leader:
    """A row of the leading table: a network and its validation score.

    Attributes:
        symmetries: its whole closure, by name.
        generators: a smallest set of symmetries that gives it.
        augmentations: of its training.
        width: its width (`Family.width_name`).
        weights: number of trainable numbers.
        accuracy: validation accuracy in the search; R² of regression.
        interval: its 95% interval (`evidence.mean_interval`).
    """

    symmetries: list[str]
    generators: list[str]
    augmentations: list[str]
    width: int
    n_parameters: int
    score: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Tested:
    """What the final trainings came to, as `results.json` says it.

    Attributes:
        best: accuracy, interval and equivariance error of the chosen network (`TESTED`).
        baseline: weights, accuracy and interval of the plain network.
        named: accuracy and interval of the networks that answer the questions of two objectives
            (`NAMED`); empty with one.
        guessing: score of always giving the same answer.
    """

    best: dict[str, Any]
    baseline: dict[str, Any]
    named: dict[str, dict[str, Any]]
    constant_score: float

    @classmethod
    def of(cls, final: Final, problem: Problem, choice: Choice) -> Tested:
        """Return the record of final trainings."""
        error = final.equivariance
        named_error = None if error is None else {"float32": error[0], "worst": error[1]}
        baseline = final.scores[problem.space.baseline_of(choice.chosen.child)]
        return cls(
            {
                **_score(final.scores[choice.chosen.child]),
                "equivariance_error": named_error,
            },
            {"n_parameters": baseline.n_parameters, **_score(baseline)},
            {name: _score(final.scores[f.child]) for name, f in named(problem, choice).items()},
            final.constant_score,
        )

    @classmethod
    def read(
        cls, results: dict[str, Any] | None, problem: Problem, choice: Choice
    ) -> Tested | None:
        """Return what earlier results say of the same networks, if they do."""
        former = results or {}
        best, baseline = former.get("best"), former.get("baseline")
        constant_score = former.get("constant_score")
        if not (
            isinstance(best, dict)
            and isinstance(baseline, dict)
            and isinstance(constant_score, float)
        ):
            return None
        if not _is_of(best, problem, choice.chosen) or any(name not in best for name in TESTED):
            return None
        answers = named(problem, choice)
        if any(not _is_of(former.get(name), problem, f) for name, f in answers.items()):
            return None
        return cls(
            {name: best[name] for name in TESTED},
            baseline,
            {name: {key: former[name][key] for key in TESTED[:2]} for name in answers},
            constant_score,
        )


def named(problem: Problem, choice: Choice) -> dict[str, Finalist]:
    """Return the answers to the questions of two objectives (`NAMED`); none with one."""
    if not problem.has_two_objectives:
        return {}
    return dict(zip(NAMED, (choice.smallest_as_accurate, choice.best_no_larger), strict=True))


def _is_of(record: Any, problem: Problem, finalist: Finalist) -> bool:
    """Whether a record of earlier results is of this finalist."""
    if not isinstance(record, dict):
        return False
    wanted = _of_child(problem, finalist.child)
    return all(record.get(key) == value for key, value in wanted.items())


def _score(score: TestScore) -> dict[str, Any]:
    return {"test_score": score.score, "test_interval": list(score.interval)}


def leaders_of(problem: Problem, study: SearchStudy) -> list[Leader]:
    """Return the networks that lead on validation, best first; with two objectives the front."""
    trained = study.trained()
    if problem.has_two_objectives:
        children = front(problem, study, len(trained))
    else:
        children = leading(problem, study, LEADING_ROWS)
    return [_leader(problem, child, trained[child.key]) for child in children]


def make_results(
    problem: Problem,
    status: str,
    trained: int,
    seconds: dict[str, float],
    leaders: list[Leader],
    choice: Choice | None,
    ablations: Sequence[Ablation],
    tested: Tested | None,
    shares: dict[str, float] | None,
) -> dict[str, Any]:
    """Return what `results.json` holds.

    Args:
        problem: what was searched.
        status: why the search ended.
        trained: how many distinct networks were trained.
        seconds: `total` and `search`.
        leaders: the leading networks, best first.
        choice: how one was chosen; None after an interruption: then the first leader is the best.
        ablations: the chosen network without each of its symmetries.
        tested: the final scores; None after an interruption.
        shares: what matters most (`importance`), for CNNs.
    """
    best: dict[str, Any] = {
        "symmetries": leaders[0].symmetries,
        "generators": leaders[0].generators,
        "augmentations": leaders[0].augmentations,
        "width": leaders[0].width,
        "n_parameters": leaders[0].n_parameters,
        "validation_score": leaders[0].score,
        **dict.fromkeys(TESTED),
    }
    finalists: tuple[Finalist, ...] = ()
    answers: dict[str, Any] = {}
    if choice is not None:
        best |= _of_finalist(problem, choice.chosen)
        finalists = choice.finalists
        for name, finalist in named(problem, choice).items():
            scores = {} if tested is None else tested.named[name]
            answers[name] = {**_of_finalist(problem, finalist), **scores}
    if tested is not None:
        best |= tested.best
    return {
        "status": status,
        "data": problem.data.name,
        "network": problem.family.name,
        "task": problem.family.task.name,
        "metric": problem.family.task.metric,
        "states": problem.states,
        "distinct_networks": problem.distinct_networks,
        "widths": list(problem.space.widths),
        "networks_trained": trained,
        "sampler": problem.sampler,
        "objective": problem.settings.objective,
        "seconds": seconds,
        "best": best,
        "baseline": None if tested is None else tested.baseline,
        "constant_score": None if tested is None else tested.constant_score,
        **answers,
        "importance": shares,
        "finalists": [_compared(problem, finalist) for finalist in finalists],
        "ablation": [_ablated(problem, ablation) for ablation in ablations],
        "leading": [asdict(leader) for leader in leaders],
        "warnings": list(problem.warnings),
        "seed": problem.settings.seed,
        "version": version(),
    }


def version() -> str:
    """Return this package's version."""
    return importlib.metadata.version("autoequivariant")


def _leader(problem: Problem, child: Child, evaluation: Evaluation) -> Leader:
    return Leader(
        **_of_child(problem, child),
        n_parameters=evaluation.n_parameters,
        score=evaluation.score,
        interval=mean_interval(evaluation.scores),
    )


def _of_child(problem: Problem, child: Child) -> dict[str, Any]:
    return {
        "symmetries": problem.symmetries(child.members),
        "generators": problem.symmetries(problem.space.smallest_generators(child)),
        "augmentations": problem.augmentations(child.members),
        "width": child.width,
    }


def _of_finalist(problem: Problem, finalist: Finalist) -> dict[str, Any]:
    return {
        **_of_child(problem, finalist.child),
        "n_parameters": finalist.n_parameters,
        "validation_score": finalist.score,
    }


def _compared(problem: Problem, finalist: Finalist) -> dict[str, Any]:
    return {
        **_of_finalist(problem, finalist),
        "behind_best": finalist.behind.mean,
        "standard_error": finalist.behind.standard_error,
        "folds": finalist.folds,
    }


def _ablated(problem: Problem, ablation: Ablation) -> dict[str, Any]:
    return {
        "left_out": problem.symmetries(ablation.left_out),
        "shown": ablation.is_shown,
        "lost": ablation.lost.mean,
        "interval": list(ablation.interval),
        "folds": ablation.folds,
        "without": {
            **_of_child(problem, ablation.child),
            "n_parameters": ablation.n_parameters,
            "validation_score": ablation.score,
        },
    }
