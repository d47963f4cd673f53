"""What the final trainings came to on test, and whether that is to be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autoequivariant.report.render.formatting import ACCURACY, R2, metric_of, score
from autoequivariant.searching.run import Outcome

QUESTIONS: Mapping[str, str] = {
    "smallest_as_good_as_baseline": "as accurate as plain, fewest weights",
    "best_no_larger_than_baseline": "most accurate, no larger than plain",
}
PLAIN_IS_BETTER = (
    "the plain network is better on test: do not trust what was found; "
    "give more --epochs, more samples or a larger --budget."
)

NO_BETTER_THAN_GUESSING: Mapping[str, str] = {
    ACCURACY: "no network is shown to be better on test than always giving the commonest class",
    R2: "no network is shown to be better on test than always giving the mean",
}
"""By the metric."""
MEANS_NOTHING = (
    "so what was found says nothing of symmetries; give more samples, more --epochs or data that "
    "tell more about the answer."
)


@dataclass(frozen=True)
class TestRow:
    """A network on the test samples, or with other words the answer to a question."""

    name: str
    n_parameters: int
    score: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class TestFindings:
    """What the final trainings came to.

    Attributes:
        samples: number of test samples.
        rows: the chosen network, the plain one, and the answers to the questions of two objectives.
        warning: why what was found is not to be trusted; None where nothing speaks against it.
        error: largest equivariance error and the symmetry it belongs to; None without symmetries.
        measured: whose error that is.
    """

    samples: int
    rows: tuple[TestRow, ...]
    warning: str | None
    error: tuple[float, str] | None
    measured: str


def _warning(results: dict[str, Any]) -> str | None:
    """Why what was found is not to be trusted, by its scores on test."""
    best, baseline = results["best"]["test_interval"], results["baseline"]["test_interval"]
    constant_score = results.get("constant_score")  # runs of older versions do not say
    if constant_score is not None and best[0] <= constant_score and baseline[0] <= constant_score:
        metric = metric_of(results)
        reached = score(constant_score, metric)
        return f"{NO_BETTER_THAN_GUESSING[metric]} ({reached}), {MEANS_NOTHING}"
    return PLAIN_IS_BETTER if best[1] < baseline[0] else None


def test_findings(outcome: Outcome) -> TestFindings:
    """Return what the final trainings came to."""
    problem, results = outcome.problem, outcome.results
    best, baseline = results["best"], results["baseline"]
    plain = f"plain {problem.family.name.upper()} of the same layers"
    records = [("chosen", best), (plain, baseline)]
    records += [(words, results[key]) for key, words in QUESTIONS.items() if key in results]
    rows = tuple(
        TestRow(name, row["n_parameters"], row["test_score"], tuple(row["test_interval"]))
        for name, row in records
    )
    error = best.get("equivariance_error")
    return TestFindings(
        len(problem.data.test),
        rows,
        _warning(results),
        None if not error else (error["float32"], error["worst"]),
        "the chosen network" if problem.family.is_invariant else "its hidden layers",
    )
