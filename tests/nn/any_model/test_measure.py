"""The equivariance error of models of any origin, where the answer is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from torch import Tensor, nn

from autoequivariant import equivariance_error
from autoequivariant.errors import AutoequivariantError

X = np.random.default_rng(0).normal(size=(60, 4, 4))
MIRROR = {"like": "hflip", "name": "mirror", "outputs": {"swap": "left <-> right"}}
SIDES = ("left", "right")


class Sides(nn.Module):
    """The sums of the left and of the right half; `more` is added on the right."""

    def __init__(self, more: float = 0.0) -> None:
        super().__init__()
        self.more = nn.Parameter(torch.tensor(more))

    def forward(self, x: Tensor) -> Tensor:
        left, right = x[..., :2].flatten(1).sum(1), x[..., 2:].flatten(1).sum(1)
        return torch.stack([left, right + self.more * x[..., 2:].flatten(1).abs().sum(1)], 1)


def pooled(x: Any) -> Any:
    return x.reshape(len(x), -1).mean(1)


@pytest.mark.parametrize("samples", [X, X[:, None], torch.from_numpy(X), X.astype(np.float32)])
def test_a_callable_gets_what_the_samples_are(samples: Any) -> None:
    seen = set()

    def model(x: Any) -> Any:
        seen.add(type(x))
        return pooled(x)

    found = equivariance_error(model, "rot90,hflip", samples)
    assert seen == {type(samples)}
    assert found.holds
    assert [one.name for one in found] == ["rot90", "hflip"]
    for one in found:
        assert one.float32 is not None and one.float32 < 1e-5
        assert one.float64 is not None and one.float64 < 1e-13
        assert one.changed is None


@pytest.mark.parametrize(("more", "holds"), [(0.0, True), (0.3, False)])
def test_outputs_that_move_are_moved(more: float, holds: bool) -> None:
    module = Sides(more).train()
    found = equivariance_error(module, MIRROR, X, outputs=SIDES)
    assert found.holds == holds
    assert module.training and module.more.dtype == torch.float32  # a copy was measured
    (one,) = found
    assert one.changed is not None and (one.changed > 0) != holds
    still = equivariance_error(module, "hflip", X)
    assert not still.holds and still["hflip"].changed > 0.5


def test_the_worst_sample_is_the_worst() -> None:
    module = Sides(0.3).double()
    worst = equivariance_error(module, MIRROR, X, outputs=SIDES)["mirror"].worst
    assert np.array_equal(worst.sample, X[None, worst.index])
    assert np.array_equal(worst.moved_sample, X[None, worst.index, :, ::-1])
    with torch.no_grad():
        still, moved = (module(torch.from_numpy(x.copy())).numpy() for x in (X, X[:, :, ::-1]))
    assert np.abs(still[:, ::-1] - moved).max(1).argmax() == worst.index
    assert np.allclose(worst.output, still[worst.index])
    assert np.allclose(worst.expected, still[worst.index, ::-1])
    assert np.allclose(worst.moved_output, moved[worst.index])


class Single(nn.Module):
    """Computes in float32 whatever it is given."""

    def forward(self, x: Tensor) -> Tensor:
        return x.float().flatten(1).mean(1)


class Table(nn.Module):
    """Looks whole numbers up; it takes no others."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(5, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.table(x).flatten(1, -2).mean(1)


class Uncopied(Sides):
    """Cannot be copied."""

    def __deepcopy__(self, memo: Any) -> Any:
        raise RuntimeError("no copies")


def half(x: Any) -> Any:
    return torch.as_tensor(x).mean((1, 2)).half()


def only_double(x: Any) -> Any:
    if x.dtype != np.float64:
        raise TypeError("float64 only")
    return pooled(x)


@pytest.mark.parametrize(
    ("model", "samples", "measured"),
    [
        (Single(), X, (True, False)),
        (half, X, (True, False)),
        (only_double, X, (False, True)),
        (lambda x: pooled(np.asarray(x, np.float64)), X, (False, True)),
        (lambda x: pooled(x) > 0, X, (True, True)),
        (Table(), np.arange(160).reshape(10, 4, 4) % 5, (True, True)),
        (nn.Flatten(), X[:, :1, :1], (True, True)),
    ],
)
def test_precisions_that_a_model_computes_in(
    model: Any, samples: Any, measured: tuple[bool, bool]
) -> None:
    for one in equivariance_error(model, "hflip", samples):
        assert (one.float32 is not None, one.float64 is not None) == measured
        assert one.error < 1e-2


def test_a_module_that_cannot_be_copied_is_as_before() -> None:
    module = Uncopied().train()
    module.register_buffer("count", torch.tensor(3))
    assert equivariance_error(module, MIRROR, X, outputs=SIDES).holds
    assert module.training and module.more.dtype == torch.float32
    assert module.count.dtype == torch.int64


# --- estimators -----------------------------------------------------------------------------------

FLAT = X.reshape(len(X), -1)
TURNS = np.concatenate([np.rot90(X, k, (1, 2)).reshape(len(X), -1) for k in range(4)])
LABELS = np.tile(np.where(X[:, 1:3, 1:3].sum((1, 2)) > 0, "warm", "cold"), 4)


@pytest.mark.parametrize("kind", [LogisticRegression, RidgeClassifier, RandomForestClassifier])
def test_estimators_of_flattened_images(kind: Any) -> None:
    model = kind().fit(FLAT, LABELS[: len(X)])
    (one,) = equivariance_error(model, "rot90", FLAT, shape=(4, 4))
    assert one.error > 0.1 and one.changed is not None and one.changed > 0
    invariant = kind().fit(FLAT @ np.ones((16, 1)), LABELS[: len(X)])
    invariant.predict_proba = lambda x: type(invariant).predict_proba(invariant, x.sum(1)[:, None])
    if hasattr(kind, "predict_proba"):
        assert equivariance_error(invariant, "rot90", FLAT, shape=(4, 4)).error < 1e-6


def test_classes_of_an_estimator_are_moved_by_name() -> None:
    x = np.random.default_rng(1).normal(size=(200, 2))
    y = np.where(x[:, 0] > x[:, 1], "first", "second")
    swap = {"swap": "0 <-> 1", "outputs": {"swap": "first <-> second"}}
    for model in (RidgeClassifier(fit_intercept=False), LogisticRegression(fit_intercept=False)):
        model.fit(np.concatenate([x, x[:, ::-1]]), np.concatenate([y, y[::1]]))
        model.coef_ = np.array([-1.0, 1.0]).reshape(model.coef_.shape)
        (one,) = equivariance_error(model, [swap], x)
        assert one.error < 1e-9 and one.changed == 0


class ByPredictionAlone:
    """Has predictions and classes, and no scores."""

    classes_ = np.array([3, 7])

    def predict(self, x: Any) -> Any:
        return np.where(np.asarray(x)[:, 0] > 0, 3, 7)


def test_predicted_classes_are_compared_as_such() -> None:
    x = np.random.default_rng(0).normal(size=(50, 3))
    found = equivariance_error(ByPredictionAlone(), "swap:0-1,swap:1-2", x)
    assert found["swap:1-2"].holds and not found["swap:0-1"].holds
    share = np.mean((x[:, 0] > 0) != (x[:, 1] > 0))
    assert found["swap:0-1"].changed == pytest.approx(share)


def test_columns_of_a_frame_have_names_and_types() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"left": rng.normal(size=40), "text": ["a", "b"] * 20, "right": rng.normal(size=40)}
    )

    def model(x: Any) -> Any:
        assert list(x.columns) == ["left", "text", "right"]
        assert x["text"].isin(["a", "b"]).all()
        return (x["left"] + x["right"] * 2).to_numpy()

    found = equivariance_error(model, {"swap": "left <-> right"}, frame)
    assert found.error > 0.1
    whole = frame.drop(columns="text").assign(left=range(40))
    linear = LinearRegression().fit(whole, whole.sum(axis=1))
    assert equivariance_error(linear, {"swap": "left <-> right"}, whole).error < 1e-9


# --- outputs on the domain ------------------------------------------------------------------------


def blurred(x: Any) -> Any:
    return x + np.roll(x, 1, -1) + np.roll(x, -1, -1)


@pytest.mark.parametrize(
    ("model", "holds"),
    [
        (lambda x: x, {"rot90", "hflip", "translate_x:1"}),
        (blurred, {"hflip", "translate_x:1"}),
        (lambda x: np.stack([x, -x], 1), {"rot90", "hflip", "translate_x:1"}),
        (lambda x: x * np.arange(4.0, dtype=x.dtype), set()),
    ],
)
def test_outputs_on_the_domain_move_as_samples_do(model: Any, holds: set[str]) -> None:
    found = equivariance_error(model, "rot90,hflip,translate_x:1", X, outputs_per="position")
    assert {one.name for one in found if one.error < 1e-6} == holds
    assert found.symmetries[0].worst.output.shape[1:] == (4, 4)


def test_classes_on_the_domain_may_move_too() -> None:
    def edges(x: Any) -> Any:  # of the left and of the right
        return np.stack([np.diff(x, prepend=0), -np.diff(x, append=0)], 1)

    options: dict[str, Any] = {"outputs_per": "position"}
    still = equivariance_error(edges, "hflip", X, **options)
    moved = equivariance_error(edges, MIRROR, X, outputs=SIDES, **options)
    assert still.error > 0.1 and moved.error < 1e-6
    assert still["hflip"].changed and moved["mirror"].changed == 0


def test_numbers_change_sign_and_scores_of_classes_do_not() -> None:
    x = np.random.default_rng(0).normal(size=(30, 6))
    negate = {"image": [0, 1, 2, 3, 4, 5], "signs": [-1, 1, 1, 1, 1, 1], "name": "opposite"}
    odd = equivariance_error(lambda x: x, negate, x, outputs_per="value")
    even = equivariance_error(np.abs, negate, x, outputs_per="position")
    assert odd.error == even.error == 0
    assert equivariance_error(np.abs, negate, x, outputs_per="value").error > 0.1


def test_outputs_that_change_sign_are_no_classes() -> None:
    negate = {"name": "opposite", "negate": "all", "outputs": "negate"}
    x = np.random.default_rng(0).normal(size=(30, 6))
    found = equivariance_error(lambda x: x[:, :2], negate, x)
    assert found.error == 0 and found["opposite"].changed is None
    with pytest.raises(AutoequivariantError, match="classes have no sign"):
        equivariance_error(lambda x: x[:, :2], negate, x, task="classification")


def test_values_move_with_their_channels() -> None:
    x = np.random.default_rng(0).normal(size=(20, 2, 4, 4))
    exchange = {"like": "hflip", "channels": {"swap": "0 <-> 1"}, "name": "exchange"}
    assert equivariance_error(lambda x: 2 * x, exchange, x, outputs_per="value").error == 0
    assert equivariance_error(lambda x: 2 * x, exchange, x, outputs_per="position").error > 0.1


# --- what it prints, and what it refuses ----------------------------------------------------------


def test_it_prints_a_table() -> None:
    long = {"like": "hflip", "name": "a mirror with a name that is much longer than a column"}
    text = str(equivariance_error(Sides(), ["rot90", long], X))
    head, *rows = text.splitlines()
    assert head.split() == ["symmetry", "float32", "float64", "changed", "worst"]
    assert len(rows) == 2 and max(map(len, text.splitlines())) <= 80
    assert "–" in str(equivariance_error(Single(), "hflip", X))


def test_the_largest_error_is_named() -> None:
    found = equivariance_error(Sides(), "vflip,hflip", X)
    assert found.worst == "hflip" and found.error == found["hflip"].error
    assert not found.holds and found["vflip"].holds
    with pytest.raises(KeyError):
        found["rot90"]


def broken(x: Any) -> Any:
    raise ValueError("bad weather\nand more")


@pytest.mark.parametrize(
    ("model", "symmetries", "samples", "options", "reason"),
    [
        (3, "hflip", X, {}, "torch module, a fitted estimator or a callable; got int"),
        (pooled, "hflop", X, {}, "hflop"),
        (pooled, "rot90", X[:, :3], {}, "rot90 is not defined on 3x4"),
        (pooled, "", X, {}, "at least one symmetry"),
        (pooled, "hflip", X[:0], {}, "at least one value"),
        (pooled, "hflip", X * np.nan, {}, "NaN or infinite"),
        (pooled, "hflip", [["a", "b"]], {}, "must be numbers"),
        (pooled, "hflip", [[1], [1, 2]], {}, "cannot be read as one array"),
        (broken, "hflip", X, {}, "cannot be run on the samples: bad weather.$"),
        (lambda x: (x, x), "hflip", X, {}, "returns a tuple: wrap it"),
        (lambda x: pooled(x)[:3], "hflip", X, {}, "a row for each"),
        (lambda x: "text", "hflip", X, {}, "not an array of numbers|row for each"),
        (lambda x: x, "hflip", X, {}, "outputs_per='position'"),
        (lambda x: x[:, :2], "hflip", X, {"outputs_per": "value"}, "outputs on the domain 4x4"),
        (pooled, "hflip", X, {"outputs_per": "image"}, "outputs_per must be one of"),
        (lambda x: x[:, :2], "hflip", X, {"outputs_per": "position"}, "outputs on the domain 4x4"),
        (pooled, "hflip", X, {"outputs": 3}, "returns 1 outputs, but 3 are named"),
        (pooled, "hflip", X, {"task": "ranking"}, "task must be one of"),
        (pooled, "hflip", FLAT, {"shape": (3, 4)}, "has 12 values, but a sample has 16"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    model: Any, symmetries: Any, samples: Any, options: dict[str, Any], reason: str
) -> None:
    with pytest.raises(AutoequivariantError, match=reason):
        equivariance_error(model, symmetries, samples, **options)


def test_a_model_that_fails_on_moved_samples_is_named() -> None:
    first = X[0, 0, 0]

    def fragile(x: Any) -> Any:
        if not np.isclose(x[0, 0, 0], first):
            raise ValueError("not this one")
        return pooled(x)

    with pytest.raises(AutoequivariantError, match="samples moved by hflip: not this one"):
        equivariance_error(fragile, "hflip", X)


def test_nan_is_no_small_error() -> None:
    def brittle(x: Any) -> Any:
        return np.where(x[:, 0, 0] > 1, np.nan, 1.0).astype(x.dtype)

    assert equivariance_error(brittle, "rot90", X).error == float("inf")
