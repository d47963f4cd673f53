import numpy as np
import pytest

from autoequivariant.data.task import usual_task
from autoequivariant.errors import DataError

MANY = np.arange(500)
CASES = [
    ([0, 1, 2], "classification"),
    ([0.0, 1.0, 2.0], "classification"),
    ([[0.0], [1.0]], "classification"),
    ([True, False], "classification"),
    (["a", "b"], "classification"),
    (["1.5", "2.5"], "classification"),
    (np.array(["a", 1], object), "classification"),
    ([0.0, 1.0, np.nan], "classification"),
    ([], "classification"),
    ([0.5, 1.0], "regression"),
    ([0.5, np.inf], "regression"),
    (np.array([0.5, 1], object), "regression"),
    ([[0.5], [1.0]], "regression"),
    ([[1, 2], [3, 4]], "regression"),
    ([[1.5, 2], [3, 4]], "regression"),
    (MANY % 100, "classification"),
    (np.resize(np.arange(150), 2000), "classification"),
    ([f"name{number}" for number in MANY], "classification"),
    ([f"{number}{'x' * (number % 2)}" for number in MANY], "classification"),
]


@pytest.mark.parametrize(("labels", "task"), CASES)
def test_what_labels_ask_for(labels, task):
    assert usual_task(labels, None, "box") == task
    assert usual_task(labels, labels, "box") == task


def test_test_labels_count_too():
    assert usual_task([0, 1], [0.5, 1.0], "box") == "regression"
    assert usual_task([0, 1], [0.0, 1.0], "box") == "classification"


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (MANY, "500 different whole numbers in 500 samples, .* --task regression or --task cl"),
        (MANY * 1.0, "500 different whole numbers"),
        (np.eye(3), r"shape \(3, 3\) and are one-hot: .*argmax.* --task regression"),
        (["?", *map(str, MANY)], "numbers with text among them .such as '\\?'.* --task cl"),
    ],
)
def test_labels_that_could_be_either(labels, message):
    with pytest.raises(DataError, match=message):
        usual_task(labels, None, "box")
