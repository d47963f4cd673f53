"""What the final training leads to, as a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from autoequivariant.evidence.class_balance import ClassShares, balanced_accuracy
from autoequivariant.evidence.intervals import mean_interval
from autoequivariant.searching.experiment import Experiment
from autoequivariant.searching.fit.final import Final
from autoequivariant.searching.named import Selected, best_of
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.choice import Choice
from autoequivariant.searching.storage.fit import FitRecord
from autoequivariant.searching.storage.results import (
    Baseline,
    Best,
    EquivarianceRecord,
    Results,
)
from autoequivariant.training.child import Child
from autoequivariant.training.families.family import TrainedNetwork


@dataclass(frozen=True)
class ScoredOnTest:
    """Test scores of the chosen network, the baseline and, with two objectives, of
    `Results.smallest_as_good_as_baseline` and `Results.best_no_larger_than_baseline`; how test
    samples spread over classes; and these networks, unless an earlier process trained them.
    """

    best: Best
    baseline: Baseline
    constant_score: float
    fit: FitRecord
    smallest_as_good: Best | None = None
    best_no_larger: Best | None = None
    class_shares: ClassShares | None = field(default=None, kw_only=True)
    networks: Mapping[Child, TrainedNetwork] = field(default_factory=dict, kw_only=True)


def handed_over(problem: Problem, choice: Choice) -> tuple[Selected, ...]:
    """Return the chosen network and, with two objectives, the further ones that they select."""
    if not problem.has_two_objectives:
        return (choice.chosen,)
    return choice.chosen, choice.smallest_as_good, choice.best_no_larger


def tested_of(
    experiment: Experiment, selected: Sequence[Selected], final: Final, fit: FitRecord
) -> ScoredOnTest:
    """Return the record of the final training."""
    problem, labels = experiment.problem, experiment.data.test.y
    has_classes = bool(experiment.data.classes)

    def balanced(child: Child) -> float | None:
        return balanced_accuracy(final.networks[child].scores, labels) if has_classes else None

    plain = problem.space.baseline_of(selected[0].child)
    baseline = final.networks[plain]
    error = None if final.equivariance is None else EquivarianceRecord(*final.equivariance)
    rows = []
    for one in selected:
        network = final.networks[one.child]
        score, interval = float(network.scores.mean()), mean_interval(network.scores)
        row = best_of(problem, one, score, interval)
        rows.append(
            replace(
                row,
                n_parameters=network.n_parameters,
                balanced_accuracy=balanced(one.child),
                auc=final.areas.get(one.child),
            )
        )
    return ScoredOnTest(
        replace(rows[0], equivariance_error=error),
        Baseline(
            baseline.n_parameters,
            float(baseline.scores.mean()),
            mean_interval(baseline.scores),
            balanced(plain),
            final.areas.get(plain),
        ),
        final.constant_score,
        fit,
        *rows[1:],
        class_shares=ClassShares.of(labels) if has_classes else None,
        networks=final.networks,
    )


def tested_before(
    problem: Problem, selected: Sequence[Selected], former: Results | None
) -> ScoredOnTest | None:
    """Return the test scores of earlier results, if they are of the same networks and fit."""
    if former is None or former.baseline is None or former.constant_score is None:
        return None
    fit, settings = former.fit, problem.settings
    if fit is None or (fit.kind, fit.size) != (settings.fits, settings.fit_size):
        return None
    if fit.kind == "full" and fit.fit_time != settings.fit_seconds:
        return None
    if fit.share < 1 and settings.timeout is None:
        return None  # a time limit cut it, and there is none now
    further = (former.smallest_as_good_as_baseline, former.best_no_larger_than_baseline)
    before = [former.best, *(row for row in further if row is not None)]
    now = [best_of(problem, one) for one in selected]
    if [row.key for row in before] != [row.key for row in now]:
        return None
    if any(row.test_score is None for row in before):
        return None
    rows = [
        replace(
            row,
            n_parameters=known.n_parameters,
            test_score=known.test_score,
            test_interval=known.test_interval,
            equivariance_error=known.equivariance_error,
            balanced_accuracy=known.balanced_accuracy,
            auc=known.auc,
        )
        for row, known in zip(now, before, strict=True)
    ]
    return ScoredOnTest(
        rows[0],
        former.baseline,
        former.constant_score,
        fit,
        *rows[1:],
        class_shares=former.class_shares,
    )
