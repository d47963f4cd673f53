"""Scores of the final networks on the test samples, and whether to trust them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autoequivariant.report.render.formatting import ACCURACY, R2, metric_of, score
from autoequivariant.searching.run import Outcome

QUESTIONS: Mapping[str, str] = {
    "smallest_as_good_as_baseline": "smallest that is as good as the baseline",
    "best_no_larger_than_baseline": "best that is no larger than the baseline",
}
BASELINE_IS_BETTER = (
    "the baseline is better on test, so do not trust this result: give more --epochs, more samples "
    "or a larger --budget."
)
NO_BETTER_THAN_CONSTANT: Mapping[str, str] = {
    ACCURACY: "no network is better on test than always predicting the commonest class",
    R2: "no network is better on test than always predicting the mean",
}
MEANS_NOTHING = (
    "so this result says nothing about symmetries: give more samples, more --epochs or more "
    "informative inputs."
)


@dataclass(frozen=True)
class TestRow:
    """A network on the test samples."""

    name: str
    n_parameters: int
    score: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class TestFindings:
    """The final networks on the test samples.

    Attributes:
        samples: number of test samples.
        rows: the chosen network, the baseline, and with two objectives the answers to `QUESTIONS`.
        warning: why not to trust the result; None where nothing speaks against it.
        error: largest equivariance error and its symmetry; None without symmetries.
        measured: what the error is of.
    """

    samples: int
    rows: tuple[TestRow, ...]
    warning: str | None
    error: tuple[float, str] | None
    measured: str

    @property
    def error_sentence(self) -> str:
        """The largest equivariance error in a sentence; empty without symmetries."""
        if self.error is None:
            return ""
        return (
            f"Largest equivariance error of {self.measured}: {self.error[0]:.0e} "
            f"({self.error[1]}, float32)."
        )


def _warning(results: dict[str, Any]) -> str | None:
    best, baseline = results["best"]["test_interval"], results["baseline"]["test_interval"]
    constant = results.get("constant_score")
    if constant is not None and best[0] <= constant and baseline[0] <= constant:
        metric = metric_of(results)
        return f"{NO_BETTER_THAN_CONSTANT[metric]} ({score(constant, metric)}), {MEANS_NOTHING}"
    return BASELINE_IS_BETTER if best[1] < baseline[0] else None


def test_findings(outcome: Outcome) -> TestFindings:
    """Return the test scores of an outcome."""
    problem, results = outcome.problem, outcome.results
    best, baseline = results["best"], results["baseline"]
    name = f"baseline ({problem.family.name.upper()} of the same layers)"
    records = [("chosen network", best), (name, baseline)]
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
