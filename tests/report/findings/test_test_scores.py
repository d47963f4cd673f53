"""Results that the test samples speak against are warned of."""

from dataclasses import replace

import pytest

from autoequivariant.evidence.class_balance import ClassShares
from autoequivariant.report.findings.tables import test_table as table_of
from autoequivariant.report.findings.test_scores import test_findings as findings_of
from autoequivariant.report.render.search_text import print_outcome
from autoequivariant.searching.problem import Problem

from ..outcomes import changed, outcome, printed


def test_a_network_that_is_worse_on_test_is_warned_of(problem: Problem) -> None:
    found = outcome(problem)
    assert "better on test" not in printed(print_outcome, found)
    worse = replace(found.results.best, test_score=0.5, test_interval=(0.4, 0.6))
    found = changed(found, best=worse)
    assert "the baseline is better on test, so do not trust" in printed(print_outcome, found)


@pytest.mark.parametrize(("constant_score", "warned"), [(None, False), (0.8, False), (0.85, True)])
def test_networks_that_are_no_better_than_guessing_are_warned_of(
    problem: Problem, constant_score: float | None, warned: bool
) -> None:
    found = changed(outcome(problem), constant_score=constant_score)
    text = " ".join(printed(print_outcome, found).split())
    assert ("always predicting the commonest class (85.0%), so this result says" in text) == warned


UNBALANCED = ClassShares(0.772, 0.228)


@pytest.mark.parametrize(
    ("shares", "auc", "end"),
    [
        (UNBALANCED, (0.874, 0.861), "The area under the ROC curve: AUC 0.874 (baseline 0.861)."),
        (UNBALANCED, (None, None), "the balanced accuracy, the mean recall over classes."),
        (ClassShares(0.6, 0.4), (0.874, 0.861), None),
        (None, (None, None), None),  # an older file, or regression
    ],
)
def test_unbalanced_classes_have_further_scores(
    problem: Problem,
    shares: ClassShares | None,
    auc: tuple[float | None, float | None],
    end: str | None,
) -> None:
    found = outcome(problem)
    results = found.results
    assert results.baseline is not None
    best = replace(results.best, balanced_accuracy=0.75, auc=auc[0])
    baseline = replace(results.baseline, balanced_accuracy=0.7, auc=auc[1])
    test = findings_of(changed(found, class_shares=shares, best=best, baseline=baseline))
    table = table_of(test, "accuracy")
    if end is None:
        assert test.balance == "" and "balanced" not in [one.title for one in table.columns]
    else:
        assert test.balance.startswith("77.2% of the test samples are of one class and 22.8% of")
        assert test.balance.endswith(end)
        assert [row[-1] for row in table.rows] == ["75.0%", "70.0%"]
