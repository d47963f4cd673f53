"""Estimators with symmetries keep scikit-learn's contract, and have the symmetries."""

from collections.abc import Callable
from typing import Any
from unittest import SkipTest

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import load_digits
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Perceptron, Ridge
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.utils import Tags
from sklearn.utils.estimator_checks import parametrize_with_checks

from autoequivariant.estimator.symmetric.estimators import SymmetricClassifier, SymmetricRegressor

ODD = {"negate": "all", "outputs": "negate"}


@pytest.mark.slow
@parametrize_with_checks(
    [
        SymmetricClassifier(LogisticRegression(), "reverse", kind="sequence"),
        SymmetricClassifier(LinearSVC(), "reverse", method="canonical", kind="sequence"),
        SymmetricClassifier(
            LogisticRegression(), "reverse", method="lambda", kind="sequence", random_state=0
        ),
        SymmetricRegressor(Ridge(), "reverse", kind="sequence"),
        SymmetricRegressor(DecisionTreeRegressor(random_state=0), ODD, method="canonical"),
        SymmetricRegressor(
            Ridge(), "reverse", method="sample", kind="sequence", random_state=0, members=4
        ),
    ]
)
def test_the_contract_of_scikit_learn(estimator: Any, check: Callable[[Any], None]) -> None:
    """All of it: no check is expected to fail."""
    try:
        check(estimator)
    except SkipTest as reason:
        pytest.skip(f"not here: {reason}")


METHODS = ("average", "lambda", "canonical", "sample")
MIRROR = {"name": "mirror", "swap": "0 <-> 1", "outputs": {"swap": "left <-> right"}}
RNG = np.random.default_rng(0)


def sides(n: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Which of two columns is larger; some are equal."""
    X = np.random.default_rng(1).integers(-4, 5, (n, 3)).astype(float)
    noise = np.random.default_rng(2).normal(size=n)
    return X, np.where(X[:, 0] + X[:, 2] * noise > X[:, 1], "left", "right")


class Voter(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier with labels alone."""

    def fit(self, X: Any, y: Any) -> "Voter":
        self.tree_ = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, y)
        self.classes_ = self.tree_.classes_
        return self

    def predict(self, X: Any) -> Any:
        return self.tree_.predict(X)


CLASSIFIERS = {
    "probabilities": DecisionTreeClassifier(max_depth=4, random_state=0),
    "decisions": LinearSVC(),
    "votes": Voter(),
    "perceptron": Perceptron(),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_classes_move_with_the_samples(name: str, method: str) -> None:
    X, y = sides()
    model = SymmetricClassifier(CLASSIFIERS[name], MIRROR, method=method, random_state=0)
    model.fit(X, y)
    swapped = X[:, [1, 0, 2]]
    here, there = model._outputs(X), model._outputs(swapped)
    assert np.allclose(here, there[:, ::-1], atol=1e-12)
    assert np.ptp(here[:, 0]) > 0.1
    clear = np.abs(here[:, 0] - here[:, 1]) > 1e-9
    assert (model.predict(X)[clear] != model.predict(swapped)[clear]).all()
    assert not clear[X[:, 0] == X[:, 1]].any()  # those cannot be told apart
    assert hasattr(model, "predict_proba") == (name == "probabilities")
    assert hasattr(model, "decision_function") == (name in ("decisions", "perceptron"))
    if method == "sample":
        assert model.equivariance_error_ < 1e-9
    assert model.symmetries_ == ["mirror"]
    assert list(model.classes_) == ["left", "right"]


@pytest.mark.parametrize(("form", "has_decisions"), [("ovr", True), ("ovo", False)])
def test_decisions_of_more_classes(form: str, has_decisions: bool) -> None:
    """Three classes have three pairs, whose decisions are not those of classes."""
    X = RNG.normal(size=(150, 4))
    y = X[:, :3].argmax(1)
    ring = {"ring": "0 1 2", "outputs": {"ring": "0 1 2"}}
    model = SymmetricClassifier(SVC(decision_function_shape=form), ring).fit(X, y)
    assert hasattr(model, "decision_function") == has_decisions
    found, moved = model._outputs(X), model._outputs(X[:, [2, 0, 1, 3]])
    assert found.shape == (150, 3)
    assert np.allclose(moved, found[:, [2, 0, 1]], atol=1e-12)
    assert (model.predict(X) == found.argmax(1)).all()
    assert model.score(X, y) > 0.8


def test_the_average_is_that_of_moved_predictions() -> None:
    X, y = sides()
    tree = CLASSIFIERS["probabilities"]
    plain = clone(tree).fit(X, y)
    model = SymmetricClassifier(tree, MIRROR).fit(X, y)
    expected = (plain.predict_proba(X) + plain.predict_proba(X[:, [1, 0, 2]])[:, ::-1]) / 2
    assert np.allclose(model.predict_proba(X), expected)
    frozen = SymmetricClassifier(FrozenEstimator(plain), MIRROR).fit(X[:2], y[:2])
    assert np.array_equal(frozen.predict_proba(X), model.predict_proba(X))
    with pytest.raises(ValueError, match="that the frozen estimator knows; got"):
        SymmetricClassifier(FrozenEstimator(plain), "swap:0-1").fit(X, X[:, 2] > 0)
    again = SymmetricClassifier(plain, "swap:0-1").fit(X, X[:, 2] > 0)  # only fitted, not frozen
    assert list(again.classes_) == [False, True]


def test_the_canonical_model_sees_representatives_alone() -> None:
    X, y = sides()
    model = SymmetricClassifier(CLASSIFIERS["probabilities"], MIRROR, method="canonical").fit(X, y)
    is_moved = X[:, 0] < X[:, 1]
    canonical = np.where(is_moved[:, None], X[:, [1, 0, 2]], X)
    other = np.where(y == "left", "right", "left")
    plain = clone(CLASSIFIERS["probabilities"]).fit(canonical, np.where(is_moved, other, y))
    expected = plain.predict_proba(canonical)
    expected[is_moved] = expected[is_moved][:, ::-1]
    expected[X[:, 0] == X[:, 1]] = 0.5
    assert np.allclose(model.predict_proba(X), expected)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("symmetry", "targets"),
    [
        (ODD, 1),
        ({"swap": "0 <-> 1", "outputs": {"swap": "0 <-> 2"}}, 3),
        ({"negate": "0", "outputs": {"negate": "1"}}, 2),
    ],
)
def test_targets_move_with_the_samples(symmetry: Any, targets: int, method: str) -> None:
    X = RNG.normal(size=(120, 3))
    X[0] = 0
    y = np.sin(X @ RNG.normal(size=(3, targets))) + 2
    model = SymmetricRegressor(KNeighborsRegressor(), symmetry, method=method, random_state=0)
    model.fit(X, y[:, 0] if targets == 1 else y)
    here = model.predict(X)
    if targets == 1:
        assert np.allclose(model.predict(-X), -here)
        assert here[0] == 0
    elif targets == 3:
        assert np.allclose(model.predict(X[:, [1, 0, 2]]), here[:, [2, 1, 0]])
    else:
        assert np.allclose(model.predict(X * [-1, 1, 1]), here * [1, -1])
    assert here.std() > 0.05


def frame(n: int = 300) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(0)
    x = pd.DataFrame(
        {
            "left size": rng.integers(0, 9, n),
            "right size": rng.integers(0, 9, n).astype(np.float32),
            "left kind": pd.Categorical(rng.choice(["a", "b"], n)),
            "age": rng.integers(0, 90, n).astype(np.int16),
            "right kind": pd.Categorical(rng.choice(["b", "a", "c"], n)),
        }
    )
    better = x["left size"] > x["right size"]
    return x, np.where(better ^ (rng.random(n) < 0.1), "left", "right")


SWAP = {
    "swap": "left size <-> right size, left kind <-> right kind",
    "outputs": {"swap": "left <-> right"},
}
BOOSTING = HistGradientBoostingClassifier(
    categorical_features="from_dtype", max_iter=20, random_state=0
)


def swapped(x: pd.DataFrame) -> pd.DataFrame:
    renamed = {name: name.replace("left", "LEFT").replace("right", "left") for name in x}
    moved = x.rename(columns={old: new.replace("LEFT", "right") for old, new in renamed.items()})
    return moved[list(x.columns)]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("as_text", [False, True])
def test_columns_of_frames_are_exchanged_by_name(method: str, as_text: bool) -> None:
    x, y = frame()
    estimator: Any = BOOSTING
    if as_text:
        x = x.astype({"left kind": object, "right kind": object})
        estimator = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression())
    model = SymmetricClassifier(estimator, SWAP, method=method, random_state=0).fit(x, y)
    assert list(model.feature_names_in_) == list(model.estimator_.feature_names_in_) == list(x)
    found = model.predict_proba(x)
    assert np.allclose(found, model.predict_proba(swapped(x))[:, ::-1])
    assert model.score(x, y) > 0.8
    with pytest.raises(ValueError, match="feature names"):
        model.predict(x.rename(columns={"age": "years"}))


def test_missing_values_where_the_estimator_takes_them() -> None:
    x, y = frame()
    x.loc[::7, "left size"] = np.nan
    x.loc[::5, "right kind"] = None
    for method in METHODS:
        model = SymmetricClassifier(BOOSTING, SWAP, method=method, random_state=0).fit(x, y)
        found = model.predict_proba(x)
        assert np.allclose(found, model.predict_proba(swapped(x))[:, ::-1])
    with pytest.raises(ValueError, match="Input X contains NaN(.|\n)*SymmetricClassifier"):
        SymmetricClassifier(LogisticRegression(), SWAP).fit(x, y)
    numbers = x[["left size", "right size", "age"]]
    with pytest.raises(ValueError, match="NaN"):
        SymmetricClassifier(LogisticRegression(), "swap:0-1").fit(numbers, y)


@pytest.mark.parametrize("method", METHODS)
def test_images(method: str) -> None:
    """Handwritten digits, flipped."""
    digits = load_digits()
    X, y = digits.images[:300], digits.target[:300]
    forest = RandomForestClassifier(20, random_state=0)
    model = SymmetricClassifier(forest, "hflip", method=method, random_state=0).fit(X, y)
    assert np.allclose(model.predict_proba(X), model.predict_proba(X[:, :, ::-1]))
    channels = np.stack([X, X], 1)
    again = clone(model).fit(channels, y)
    assert again.estimator_.n_features_in_ == 128
    assert np.allclose(again.predict_proba(channels), again.predict_proba(channels[..., ::-1]))
    with pytest.raises(ValueError, match="shape that SymmetricClassifier was fitted on"):
        model.predict(X[:, :, :7])


class Pictures(Voter):
    """It takes images as they are."""

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags

    def fit(self, X: Any, y: Any) -> "Pictures":
        assert X.ndim == 3
        super().fit(X.mean(1), y)
        return self

    def predict(self, X: Any) -> Any:
        assert X.ndim == 3
        return super().predict(X.mean(1))


def test_estimators_that_take_images_get_them() -> None:
    digits = load_digits()
    model = SymmetricClassifier(Pictures(), "hflip").fit(digits.images[:100], digits.target[:100])
    assert model.predict(digits.images[:5]).shape == (5,)


@pytest.mark.slow
def test_weights_are_learned() -> None:
    """Shifted digits are unlike those that the forest knows; upright ones count."""
    digits = load_digits()
    X, y = digits.images, digits.target
    known, held_out = slice(0, 600), slice(600, 1200)
    losses = {}
    for method in ("average", "lambda"):
        forest = RandomForestClassifier(30, random_state=0)
        model = SymmetricClassifier(forest, "translate_x:1", method=method, random_state=0)
        model.fit(X[known], y[known])
        losses[method] = log_loss(y[held_out], model.predict_proba(X[held_out]))
    assert losses["lambda"] < 0.8 * losses["average"]


@pytest.mark.parametrize("method", METHODS)
def test_arguments_of_fit_are_handed_on(method: str) -> None:
    X, y = sides()
    tree = CLASSIFIERS["probabilities"]
    model = SymmetricClassifier(tree, MIRROR, method=method, random_state=0)
    weights = np.where(np.arange(len(X)) < 60, 1.0, 0.0)
    weighted = model.fit(X, y, sample_weight=weights, check_input=True).predict_proba(X)
    assert not np.allclose(weighted, clone(model).fit(X, y).predict_proba(X))
    if method != "lambda":  # whose weights are learned on all samples
        assert np.allclose(weighted, clone(model).fit(X[:60], y[:60]).predict_proba(X))


RECORDS = [{"swap": f"{2 * k} <-> {2 * k + 2}, {2 * k + 1} <-> {2 * k + 3}"} for k in range(9)]


def test_large_groups() -> None:
    X = RNG.normal(size=(100, 20))
    y = (X[:, ::2] * X[:, 1::2]).sum(1)
    order = RNG.permutation(10)
    moved = X.reshape(-1, 10, 2)[:, order].reshape(-1, 20)
    with pytest.raises(
        ValueError, match="3,628,800 elements.*use method='canonical' or method='sample'"
    ):
        SymmetricRegressor(Ridge(), RECORDS).fit(X, y)
    model = SymmetricRegressor(DecisionTreeRegressor(random_state=0), RECORDS, method="canonical")
    assert np.array_equal(model.fit(X, y).predict(X), model.predict(moved))
    part = SymmetricRegressor(Ridge(), RECORDS, method="sample", members=5, random_state=0)
    with pytest.warns(UserWarning, match="mean over 5 elements is not exact") as caught:
        part.fit(X, y)
    assert caught[0].filename == __file__
    assert part.equivariance_error_ > 0.01
    with pytest.warns(UserWarning):
        assert np.array_equal(clone(part).fit(X, y).predict(X), part.predict(X))


def test_clone_pickle_and_search(tmp_path: Any) -> None:
    X, y = sides()
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    model = SymmetricClassifier(pipeline, MIRROR, method="lambda", random_state=0).fit(X, y)
    joblib.dump(model, tmp_path / "model")
    again = joblib.load(tmp_path / "model")
    assert np.array_equal(again.predict_proba(X), model.predict_proba(X))
    with pytest.raises(NotFittedError):
        clone(model).predict(X)
    grid = {"estimator__logisticregression__C": [0.1, 1], "method": ["average", "canonical"]}
    search = GridSearchCV(SymmetricClassifier(pipeline, MIRROR), grid, cv=2).fit(X, y)
    assert search.best_score_ > 0.5


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"method": "mean"}, "method must be one of average, lambda, canonical, sample"),
        ({"members": 0, "method": "sample"}, "members must be an integer of 1 or more; got 0"),
        ({"symmetries": ""}, "at least one symmetry"),
        ({"symmetries": {"swap": "0 <-> 1", "outputs": {"swap": "up <-> down"}}}, "up"),
        ({"symmetries": {"negate": "0", "outputs": "negate"}}, "classes have no sign"),
        ({"symmetries": "rot90"}, "rot90 is not defined"),
        ({"symmetries": "swap:0-1@1"}, "swap:0-1@1 is a partial symmetry, .*: write swap:0-1"),
    ],
)
def test_what_is_refused(arguments: dict[str, Any], reason: str) -> None:
    X, y = sides()
    given = {"symmetries": MIRROR, **arguments}
    with pytest.raises(ValueError, match=reason):
        SymmetricClassifier(LogisticRegression(), **given).fit(X, y)


@pytest.mark.parametrize(
    ("symmetry", "reason"),
    [
        ({"swap": "age <-> left kind"}, "Columns age, left kind|Columns left kind, age"),
        ({"negate": ["left kind"]}, "have no sign to change"),
    ],
)
def test_columns_that_cannot_be_moved(symmetry: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        SymmetricClassifier(BOOSTING, symmetry).fit(*frame())
