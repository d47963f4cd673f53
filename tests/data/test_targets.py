import numpy as np
import pytest

from autoequivariant.data.targets import encode_targets
from autoequivariant.errors import DataError


@pytest.mark.parametrize(
    ("train", "names", "expected", "rows"),
    [
        ([0.5, 1], (), ("target",), [[0.5], [1]]),
        ([[0.5], [1]], ("u",), ("u",), [[0.5], [1]]),
        ([3, 1], (), ("target",), [[3], [1]]),
        ([True, False], (), ("target",), [[1], [0]]),
        (np.array([0.5, 1], object), (), ("target",), [[0.5], [1]]),
        ([[1, 2], [3, 4]], (), ("target_0", "target_1"), [[1, 2], [3, 4]]),
        ([[1, 2], [3, 4]], ("u", "v"), ("u", "v"), [[1, 2], [3, 4]]),
    ],
)
def test_targets_of_usual_forms(train, names, expected, rows):
    found, y, y_test = encode_targets(train, train, names, "box")
    assert found == expected
    assert y.dtype == y_test.dtype == np.float32
    assert y.tolist() == y_test.tolist() == rows
    assert encode_targets(train, None, names, "box")[2] is None


@pytest.mark.parametrize(
    ("train", "test", "names", "message"),
    [
        ([0.5, np.nan, np.inf], None, (), "in 2 samples, the first 'target' in sample 1: replace"),
        ([0.5, 1e300], None, (), "in 1 sample, the first"),
        ([0.5, 1], [np.nan], (), "The test targets of box are NaN"),
        ([[1, 2], [3, np.nan]], None, ("u", "v"), "the first 'v' in sample 1"),
        ([2.5, 2.5], None, (), "target 'target' of box is 2.5 in all training samples"),
        ([[1, 2], [3, 2]], None, ("u", "v"), "target 'v' of box is 2 in all"),
        (["1.5", "2"], None, (), "not all numbers .such as '1.5'.*--task classification"),
        (np.array([1.5, "x"], object), None, (), "not all numbers .such as 'x'"),
        (np.array([1.5, {}], object), None, (), "not all numbers .such as '{}'"),
        (np.zeros((2, 2, 2)), None, (), r"have shape \(2, 2, 2\): give one number for each"),
        ([[1, 2], [3, 4]], [1, 2], (), "2 targets in train but 1 in test"),
        ([[1, 2], [3, 4]], None, ("u",), "2 targets but 1 names"),
        ([[1, 2], [3, 4]], None, ("u", "u"), "several targets called 'u'"),
    ],
)
def test_targets_that_are_refused(train, test, names, message):
    with pytest.raises(DataError, match=message):
        encode_targets(train, test, names, "box")
