"""Networks are compared by losses, or by scores alone."""

import numpy as np
import pytest

from autoequivariant.evidence.intervals import paired_difference
from autoequivariant.searching.selection.compared import Compared, mean_value
from autoequivariant.training.evaluation import Evaluation

RIGHT = np.array([True, True, False, True])
SURE = Evaluation(RIGHT, 9, 0.0, losses=np.array([0.1, 0.1, 2, 0.2], np.float16))
UNSURE = Evaluation(RIGHT, 9, 0.0, losses=np.array([0.5, 0.4, 1, 0.6], np.float16))
HALF = Evaluation(np.array([True, False, False, True]), 9, 0.0)


def test_losses_tell_what_scores_do_not() -> None:
    by_loss, by_score = Compared(2), Compared(2, by_loss=False)
    sure, unsure = [SURE, SURE], [UNSURE, UNSURE]
    assert by_score.ahead(by_score.values(sure), by_score.values(unsure)).mean == 0
    found = by_loss.ahead(by_loss.values(sure), by_loss.values(unsure))
    assert found.mean == pytest.approx(2.5 / 4 - 2.4 / 4, abs=1e-3)
    assert mean_value(by_loss.values(sure)) == pytest.approx(-0.6, abs=1e-3)


def test_by_score_standard_errors_are_over_samples() -> None:
    by_score = Compared(2, by_loss=False)
    found = by_score.ahead(by_score.values([SURE, SURE]), by_score.values([HALF]))  # fewer folds
    assert found == paired_difference(RIGHT[None], HALF.scores[None])


def test_without_losses_a_wrong_class_counts_one() -> None:
    (values,) = Compared(2).values([HALF])
    assert values.tolist() == [0, -1, -1, 0]


def test_scores_of_numbers_tell_their_losses() -> None:
    evaluation = Evaluation(np.array([1.0, 0.25, -3.0], np.float32), 9, 0.0)
    (values,) = Compared(2).values([evaluation])
    assert values.tolist() == [0, -0.75, -4]
