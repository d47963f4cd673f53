import numpy as np
import pytest

from autoequivariant.data.input_spec import InputSpec
from autoequivariant.errors import DataError

FORCE = InputSpec(task="regression", targets=("force",))


def test_labels_are_names_of_classes_or_numbers():
    assert InputSpec().labels([3, 1], "box").tolist() == ["3", "1"]
    assert InputSpec().labels([True, False], "box").tolist() == ["True", "False"]
    assert FORCE.labels([3, 1.5], "box").tolist() == [[3], [1.5]]
    assert FORCE.labels([3, 1.5], "box").dtype == np.float32


def test_labels_of_a_model_of_another_origin_are_read_by_their_own_task():
    spec = InputSpec(any_labels=True)
    assert spec.labels([3, 1], "box").tolist() == ["3", "1"]
    assert spec.labels([3, 1.5], "box").tolist() == [[3], [1.5]]
    assert spec.labels([[3, 1.5]], "box").tolist() == [[3, 1.5]]
    assert InputSpec(task="regression", any_labels=True).labels([3, 1], "box").shape == (2, 1)


@pytest.mark.parametrize(
    ("spec", "values", "message"),
    [
        (InputSpec(), [0.5, 1], "The input labels of box are not whole numbers"),
        (FORCE, ["high"], "The input targets of box are not all numbers"),
        (FORCE, [[1, 2]], "box has 2 targets, but the model has 1 .force."),
    ],
)
def test_labels_of_the_other_kind(spec, values, message):
    with pytest.raises(DataError, match=message):
        spec.labels(values, "box")
