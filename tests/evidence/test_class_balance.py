"""Balanced scores against cases worked out by hand, and against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from autoequivariant.evidence.class_balance import ClassShares, area_under_roc, balanced_accuracy

LABELS = np.array([0] * 8 + [1] * 2)


@pytest.mark.parametrize(
    ("labels", "shares", "is_unbalanced"),
    [
        (LABELS, (0.8, 0.2), True),
        ([0, 0, 1], (2 / 3, 1 / 3), True),
        ([0, 0, 0, 1, 1], (0.6, 0.4), False),
        ([0, 2, 2, 2, 3, 3], (1 / 2, 1 / 6), True),  # class 1 does not occur
        ([3, 3], (1.0, 1.0), False),
        ([0] * 98 + [1] * 49, (2 / 3, 1 / 3), True),
        ([0] * 97 + [1] * 49, (97 / 146, 49 / 146), False),
    ],
)
def test_shares(labels: list[int], shares: tuple[float, float], is_unbalanced: bool) -> None:
    found = ClassShares.of(np.array(labels))
    assert (found.largest, found.smallest) == pytest.approx(shares)
    assert found.is_unbalanced == is_unbalanced


def test_the_mean_recall() -> None:
    correct = np.array([True] * 6 + [False] * 2 + [True, False])
    assert balanced_accuracy(correct, LABELS) == (6 / 8 + 1 / 2) / 2
    assert balanced_accuracy(LABELS == 0, LABELS) == 0.5  # always the largest class
    assert balanced_accuracy(np.array([True, False]), np.array([0, 3])) == 0.5


def test_the_mean_recall_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    labels, predicted = rng.integers(0, 5, 200) ** 2, rng.integers(0, 5, 200) ** 2
    found = balanced_accuracy(predicted == labels, labels)
    assert found == pytest.approx(balanced_accuracy_score(labels, predicted))


def test_the_area_is_the_share_of_pairs_in_order() -> None:
    """Samples of class 1 are at 1 and 3, those of class 0 at 0, 1 and 2: 4.5 of 6 pairs."""
    margins, labels = np.array([0.0, 1.0, 2.0, 1.0, 3.0]), np.array([0, 0, 0, 1, 1])
    outputs = np.stack([5 - margins, np.full(5, 5.0)], axis=1)
    assert area_under_roc(outputs, labels) == pytest.approx(4.5 / 6)
    assert area_under_roc(outputs[:, ::-1], labels) == pytest.approx(1.5 / 6)


@pytest.mark.parametrize(
    ("outputs", "labels"),
    [
        (np.eye(3), [0, 1, 1]),  # three classes, of which two occur
        (np.eye(2), [1, 1]),
        (np.array([[0.0, np.nan], [1.0, 0.0]]), [0, 1]),
    ],
)
def test_without_two_classes_there_is_no_area(outputs: np.ndarray, labels: list[int]) -> None:
    assert area_under_roc(outputs, np.array(labels)) is None
