"""What was searched, what is chosen, and how far to trust it: three sentences."""

from __future__ import annotations

from dataclasses import dataclass

from autoequivariant.report.findings.plan import searched, states
from autoequivariant.report.findings.summary import Findings
from autoequivariant.report.findings.test_scores import TestRow
from autoequivariant.report.render.formatting import ACCURACY, counted, interval, score
from autoequivariant.report.render.symmetry_names import listed, strongest
from autoequivariant.searching.problem import Problem

_LEAST_RATIO = 1.05


@dataclass(frozen=True)
class Sentences:
    """What was searched, what is chosen, and how far to trust it."""

    searched: str
    chosen: str
    meaning: str


def sentences_of(problem: Problem, findings: Findings) -> Sentences:
    """Return the three sentences."""
    return Sentences(_searched(problem, findings), _chosen(findings), _meaning(findings))


def _searched(problem: Problem, findings: Findings) -> str:
    data = problem.card
    where = f" with {findings.planted} planted" if findings.planted else ""
    return (
        f"Data: {data.name}{where} (samples of {data.domain}, {data.train_size:,} for training, "
        f"{data.validation_size:,} for validation). The search over "
        f"{' and '.join(searched(problem))} ({states(problem)}) trained "
        f"{counted(findings.trained, 'network')}: {findings.end}."
        f"{findings.coding and f' {findings.coding}'}"
    )


def _chosen(findings: Findings) -> str:
    best, metric = findings.best, findings.metric
    what = listed(strongest(best.symmetries)) or "no symmetry"
    if findings.claims is not None and findings.claims.groups:
        what += f" ({findings.headline})"
    if best.augmentations:
        what += f" and is trained with {', '.join(best.augmentations)}"
    if findings.test is None:
        reached = "" if best.score is None else f": {_reached(best.score, metric)} on validation"
        return f"The best network so far has {what}{reached}."
    chosen, baseline = findings.test.rows[:2]
    text = (
        f"The chosen network has {what}. With {chosen.n_parameters:,} parameters it reaches "
        f"{_with_interval(chosen, metric)} on {findings.test.samples:,} test samples"
    )
    if not best.symmetries and not best.augmentations:
        return f"{text}."
    return (
        f"{text}; the baseline with {baseline.n_parameters:,} parameters reaches "
        f"{_with_interval(baseline, metric)}."
    )


def _with_interval(row: TestRow, metric: str) -> str:
    return f"{_reached(row.score, metric)} (95% interval {interval(row.interval, metric)})"


def _reached(value: float, metric: str) -> str:
    return score(value, metric) if metric == ACCURACY else f"{metric} {score(value, metric)}"


def _meaning(findings: Findings) -> str:
    if findings.test is None or findings.comparison is None:
        return (
            "The search is not finished: no finalists were compared and the test samples were not "
            "used. Rerun the command to resume."
        )
    chosen, baseline = findings.test.rows[:2]
    best = findings.best
    if findings.test.warning is not None:
        return f"But {findings.test.warning}"
    if not best.symmetries and not best.augmentations:
        return findings.headline
    if chosen.interval[0] > baseline.interval[1]:
        return (
            "The two intervals do not overlap: on these samples the chosen network is better, as "
            "far as one training of each can tell. The finalists are compared below."
        )
    ratio = baseline.n_parameters / chosen.n_parameters
    smaller = f" needs {ratio:.1f} times fewer parameters, but" if ratio >= _LEAST_RATIO else ""
    return (
        f"The chosen network{smaller} is not separated from the baseline by the test set, as the "
        "two intervals overlap. The finalists are compared on more samples below."
    )
