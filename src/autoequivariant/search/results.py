"""What a search found, as plain records: `results.json`, and the rows that reports show."""

from __future__ import annotations

import importlib.metadata
from dataclasses import asdict, dataclass
from typing import Any

from autoequivariant.groups import Network
from autoequivariant.search.choose import Choice, Finalist, leading
from autoequivariant.search.evaluate import Evaluation
from autoequivariant.search.evidence import wilson_interval
from autoequivariant.search.finish import Final
from autoequivariant.search.problem import Problem
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
class Tested:
    """What the final trainings came to, as `results.json` says it.

    Attributes:
        best: accuracy, interval and equivariance error of the chosen network (`TESTED`).
        baseline: weights, accuracy and interval of the plain network.
    """

    best: dict[str, Any]
    baseline: dict[str, Any]

    @classmethod
    def of(cls, final: Final) -> Tested:
        """Return the record of final trainings."""
        error, chosen, baseline = final.equivariance, final.chosen, final.baseline
        named_error = None if error is None else {"float32": error[0], "worst": error[1]}
        return cls(
            {
                "test_accuracy": chosen.accuracy,
                "test_interval": list(chosen.interval),
                "equivariance_error": named_error,
            },
            {
                "weights": baseline.weights,
                "test_accuracy": baseline.accuracy,
                "test_interval": list(baseline.interval),
            },
        )

    @classmethod
    def read(cls, results: dict[str, Any] | None, symmetries: list[str]) -> Tested | None:
        """Return what earlier results say of the network with these symmetries, if they do."""
        best = (results or {}).get("best")
        baseline = (results or {}).get("baseline")
        if not isinstance(best, dict) or not isinstance(baseline, dict):
            return None
        if best.get("symmetries") != symmetries or any(name not in best for name in TESTED):
            return None
        return cls({name: best[name] for name in TESTED}, baseline)


def leaders_of(problem: Problem, study: SearchStudy) -> list[Leader]:
    """Return the networks that lead on validation, best first."""
    trained = study.trained()
    return [
        _leader(problem, network, trained[network.members])
        for network in leading(problem, study, LEADING_ROWS)
    ]


def make_results(
    problem: Problem,
    status: str,
    trained: int,
    seconds: dict[str, float],
    leaders: list[Leader],
    choice: Choice | None,
    tested: Tested | None,
) -> dict[str, Any]:
    """Return what `results.json` holds.

    Args:
        problem: what was searched.
        status: why the search ended.
        trained: how many distinct networks were trained.
        seconds: `total` and `search`.
        leaders: the leading networks, best first.
        choice: how one was chosen; None after an interruption: then the first leader is the best.
        tested: the final scores; None after an interruption.
    """
    best: dict[str, Any] = {
        "symmetries": leaders[0].symmetries,
        "generators": leaders[0].generators,
        "weights": leaders[0].weights,
        "validation_accuracy": leaders[0].accuracy,
        **dict.fromkeys(TESTED),
    }
    finalists: tuple[Finalist, ...] = ()
    if choice is not None:
        best |= _chosen(problem, choice.chosen)
        finalists = choice.finalists
    if tested is not None:
        best |= tested.best
    return {
        "status": status,
        "data": problem.data.name,
        "states": 2 ** len(problem.candidates),
        "distinct_networks": problem.distinct_networks,
        "networks_trained": trained,
        "sampler": problem.sampler,
        "seconds": seconds,
        "best": best,
        "baseline": None if tested is None else tested.baseline,
        "finalists": [_finalist(problem, finalist) for finalist in finalists],
        "leading": [asdict(leader) for leader in leaders],
        "warnings": list(problem.warnings),
        "seed": problem.settings.seed,
        "version": version(),
    }


def version() -> str:
    """Return this package's version."""
    return importlib.metadata.version("autoequivariant")


def _leader(problem: Problem, network: Network, evaluation: Evaluation) -> Leader:
    hits = int(evaluation.correct.sum())
    return Leader(
        problem.names(network.members),
        problem.names(problem.generators(network.members)),
        evaluation.weights,
        evaluation.accuracy,
        wilson_interval(hits, int(evaluation.correct.size)),
    )


def _chosen(problem: Problem, finalist: Finalist) -> dict[str, Any]:
    return {
        "symmetries": problem.names(finalist.network.members),
        "generators": problem.names(problem.generators(finalist.network.members)),
        "weights": finalist.weights,
        "validation_accuracy": finalist.accuracy,
    }


def _finalist(problem: Problem, finalist: Finalist) -> dict[str, Any]:
    return {
        "symmetries": problem.names(finalist.network.members),
        "weights": finalist.weights,
        "validation_accuracy": finalist.accuracy,
        "behind_best": finalist.behind.mean,
        "standard_error": finalist.behind.standard_error,
    }
