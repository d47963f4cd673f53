import numpy as np
import pytest

from autoequivariant.data.labels import encode_labels
from autoequivariant.errors import DataError


@pytest.mark.parametrize(
    ("train", "classes", "indices"),
    [
        ([10, 2, 10, -1], ("-1", "2", "10"), [2, 1, 2, 0]),
        (np.array([3, 1, 3], "u1"), ("1", "3"), [1, 0, 1]),
        ([2.0, 10.0, 2.0], ("2", "10"), [0, 1, 0]),
        ([[1], [0], [1]], ("0", "1"), [1, 0, 1]),
        ([True, False, True], ("False", "True"), [1, 0, 1]),
        (["cat", "ant", "cat"], ("ant", "cat"), [1, 0, 1]),
        (np.array(["10", "2"], object), ("10", "2"), [0, 1]),
        (np.array([7, 3], object), ("3", "7"), [1, 0]),
        (np.array([b"caf\xc3\xa9", b"bar"]), ("bar", "café"), [1, 0]),
        (["caf\udce9", "bar"], ("bar", r"caf\udce9"), [1, 0]),  # a folder that is not UTF-8
        (["\U0001f600", "bar"], ("bar", "\U0001f600"), [1, 0]),
    ],
)
def test_labels_of_usual_forms(train, classes, indices):
    found, y, y_test = encode_labels(train, train, "box")
    assert found == classes
    assert y.dtype == np.int64
    assert y.tolist() == y_test.tolist() == indices
    assert encode_labels(train, None, "box")[2] is None


@pytest.mark.parametrize(
    ("train", "message"),
    [
        ([0.5, 1.0, 2.0], r"not whole numbers \(label 0 is 0.5\).*--task regression"),
        ([0.0, 1.0, np.nan], r"label 2 is nan"),
        ([0.0, np.inf], r"label 1 is inf"),
        ([0.0, 1e300], r"label 1 is 1e\+300"),
        (np.eye(3), r"shape \(3, 3\).*argmax"),
        (3, r"shape \(\)"),
        ([1, 1, 1], r"only one class, '1': give two classes"),
        ([], "no labels"),
        (np.array(["a", 1], object), "mix types"),
        (np.array([[1], [2, 3]], object), "mix types"),
        (np.array([1j, 2j]), "type complex128"),
        (np.array([1, 2**64 - 1], "u8"), "too large"),
        (np.array([1, 2], "M8[s]"), "type datetime64"),
    ],
)
def test_labels_that_are_no_classes(train, message):
    with pytest.raises((DataError), match=message):
        encode_labels(np.asarray(train), None, "box")


@pytest.mark.parametrize(
    ("train", "test", "indices"),
    [
        ([1, 2, 3], [3.0, 1.0], [2, 0]),
        ([False, True], [1, 0], [1, 0]),
        (["a", "bcd"], ["bcd"], [1]),
    ],
)
def test_test_labels_are_looked_up_in_train(train, test, indices):
    assert encode_labels(train, test, "box")[2].tolist() == indices


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        ([1, 2, 3], [3, 4], r"hold 1 that never occur in train \(4\)"),
        ([0, 1], list(range(9)), r"hold 7 .*\(2, 3, 4, 5, 6, ...\)"),
        ([0, 1], ["0", "1"], "numbers in train but text in test"),
        (["a", "b"], ["c"], r"\(c\)"),
    ],
)
def test_test_labels_that_train_does_not_have(train, test, message):
    with pytest.raises(DataError, match=message):
        encode_labels(train, test, "box")


@pytest.mark.parametrize("dtype", [object, str])
def test_labels_of_any_length_do_not_fill_the_memory(dtype):
    def classes(length):
        labels = np.array(["a" * length, "b"], dtype)
        return encode_labels(labels, None, "data")[0]

    assert classes(1000) == ("a" * 1000, "b")
    with pytest.raises(DataError, match="label of data has 1,001 characters: give classes of at"):
        classes(1001)
