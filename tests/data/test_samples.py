import dataclasses
import hashlib

import numpy as np
import pytest

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.samples import make_samples
from autoequivariant.errors import DataError, SettingsError
from autoequivariant.groups.domain import Grid, Pairs, Sequence

X = np.arange(6 * 4 * 5 * 3, dtype=np.uint8).reshape(6, 4, 5, 3)
Y = [0, 1, 1, 0, 1, 0]
GOOD = Arrays(X, Y, X[:2], Y[:2])


def test_good_arrays_are_accepted():
    samples = make_samples("box", GOOD)
    assert (samples.name, samples.domain, samples.channels) == ("box", Grid(4, 5), 3)
    assert samples.classes == ("0", "1")
    assert samples.x.dtype == np.uint8
    assert np.array_equal(samples.x, X.transpose(0, 3, 1, 2))
    assert np.array_equal(samples.x_test, samples.x[:2])
    assert samples.y.tolist() == Y
    assert make_samples("box", Arrays(X[..., 0, 0], Y), "sequence").domain == Sequence(4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": Y[:5]}, "a/b has 6 train samples but 5 train labels"),
        ({"y_test": Y}, "a/b has 2 test samples but 6 test labels"),
        ({"y": 1}, "6 train samples but 1 train labels"),
        ({"y_test": None}, "has test samples but no test labels"),
        ({"x_test": None}, "has test labels but no test samples"),
        ({"x_test": X[:2, :3]}, r"shape \(4, 5, 3\) in train but \(3, 5, 3\) in test"),
        ({"x_test": X[:2] / 255}, "uint8 in train but float32 in test"),
        ({"x_test": X[:2] * np.nan}, "test samples of a/b hold 120 values"),
        ({"x": X[:0], "y": []}, "train samples of a/b are empty"),
        ({"x_test": X[:0], "y_test": []}, "test samples of a/b are empty"),
        ({"y": [1] * 6}, "only one class"),
        ({"y_test": [0, 2]}, "never occur in train"),
    ],
)
def test_bad_arrays_are_refused(change, message):
    with pytest.raises(DataError, match=message):
        make_samples("box", dataclasses.replace(GOOD, **change), origin="a/b")


def test_symmetric_matrices_are_read_as_pairs():
    x = X[..., :4, 0] + X[..., :4, 0].swapaxes(1, 2)
    assert make_samples("box", Arrays(x, Y)).domain == Pairs(4)
    assert make_samples("box", Arrays(x, Y), channels_first=True).domain == Pairs(4)
    assert make_samples("box", Arrays(x, Y), "grid").domain == Grid(4, 4)
    assert make_samples("box", Arrays(x, Y, x[:2], Y[:2])).domain == Pairs(4)
    assert make_samples("box", Arrays(x, Y, X[:2, ..., :4, 0], Y[:2])).domain == Grid(4, 4)


def test_a_kind_that_does_not_fit_is_refused():
    with pytest.raises(SettingsError, match="box cannot be read as features"):
        make_samples("box", GOOD, "features")


def test_the_fingerprint_knows_the_contents_and_not_the_name():
    print_of = make_samples("box", GOOD).fingerprint()
    assert len(print_of) == 64
    assert make_samples("other", GOOD, "grid").fingerprint() == print_of
    moved = X.copy()
    moved[0, 0, 0, 0] += 1
    others = [
        dataclasses.replace(GOOD, x=moved),
        dataclasses.replace(GOOD, x=X.astype(float), x_test=X[:2].astype(float)),
        dataclasses.replace(GOOD, x=X.transpose(0, 2, 1, 3), x_test=X[:2].transpose(0, 2, 1, 3)),
        dataclasses.replace(GOOD, y=Y[::-1]),
        dataclasses.replace(GOOD, y=["ab"[label] for label in Y], y_test=["a", "b"]),
        dataclasses.replace(GOOD, x_test=None, y_test=None),
    ]
    prints = {make_samples("box", other).fingerprint() for other in others}
    assert len(prints | {print_of}) == len(others) + 1


def test_a_fingerprint_without_names_is_what_it_always_was():
    samples = make_samples("box", GOOD)
    digest = hashlib.sha256(repr(("4x5", 3, ("0", "1"))).encode())
    for field in ("x", "y", "x_test", "y_test"):
        array = getattr(samples, field)
        digest.update(repr((field, array.shape, array.dtype.str)).encode())
        digest.update(array.tobytes())
    assert samples.fingerprint() == digest.hexdigest()


TABLE = Arrays(np.arange(12.0).reshape(6, 2), [0.5, 1, 2, 3, 4, 5], columns=("a", "b"))


def test_regression():
    samples = make_samples("box", TABLE)
    assert (samples.task, samples.classes, samples.targets) == ("regression", (), ("target",))
    assert (samples.y.dtype, samples.y.shape) == (np.float32, (6, 1))
    assert samples.columns == ("a", "b")
    both = dataclasses.replace(TABLE, y=np.eye(6)[:, :2] * 0.5, targets=("u", "v"))
    assert make_samples("box", both).targets == ("u", "v")
    assert make_samples("box", dataclasses.replace(TABLE, y=Y)).task == "classification"
    assert make_samples("box", dataclasses.replace(TABLE, y=Y), task="regression").classes == ()


def test_names_belong_to_features_and_to_the_fingerprint():
    named = dataclasses.replace(TABLE, y=Y)
    assert make_samples("box", named).columns == ("a", "b")
    assert make_samples("box", named, "sequence").columns == ()
    others = [
        named,
        dataclasses.replace(named, columns=()),
        dataclasses.replace(named, columns=("b", "a")),
        dataclasses.replace(TABLE, targets=("u",)),
        TABLE,
    ]
    assert len({make_samples("box", other).fingerprint() for other in others}) == len(others)


@pytest.mark.parametrize(
    ("columns", "message"),
    [(("a",), "has 2 columns but 1 names"), (("a", "a"), "several columns called 'a'")],
)
def test_names_that_do_not_fit(columns, message):
    with pytest.raises(DataError, match=message):
        make_samples("box", dataclasses.replace(TABLE, columns=columns))


def test_classes_are_one_target():
    both = dataclasses.replace(TABLE, y=np.arange(12).reshape(6, 2), targets=("u", "v"))
    assert make_samples("box", both).targets == ("u", "v")
    with pytest.raises(
        DataError, match=r"2 targets \(u, v\), but classes are one target: name one"
    ):
        make_samples("box", both, task="classification")


def test_an_unknown_task_is_refused():
    with pytest.raises(
        SettingsError, match="task must be one of classification, regression; got 'rank'"
    ):
        make_samples("box", TABLE, task="rank")
