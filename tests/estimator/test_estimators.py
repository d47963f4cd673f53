"""The estimators keep scikit-learn's contract and find planted symmetries."""

import io
import warnings
from collections.abc import Callable
from typing import Any
from unittest import SkipTest

import joblib
import numpy as np
import optuna
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits, make_friedman1
from sklearn.exceptions import NotFittedError
from sklearn.metrics import r2_score
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from autoequivariant.estimator.arguments import settings_of
from autoequivariant.estimator.estimators import AutoEquivariantClassifier, AutoEquivariantRegressor
from autoequivariant.estimator.evidence import COLUMNS, evidence_frame
from autoequivariant.evidence.verdict import Inputs, Task, Trained, Verdict
from autoequivariant.groups.symmetry import Symmetry

# Most fits here warn of few samples.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*validation samples are too few:UserWarning",
    "ignore:Neither the names of the columns:UserWarning",
)

QUICK: dict[str, Any] = {"budget": 2, "epochs": 30, "fit_time": None}


@pytest.mark.slow
@parametrize_with_checks(
    [
        AutoEquivariantClassifier(**QUICK),
        AutoEquivariantRegressor(**QUICK),
        AutoEquivariantClassifier(search=False, epochs=30, fit_time=None),
        AutoEquivariantRegressor(search=False, epochs=30, fit_time=None),
    ]
)
def test_the_contract_of_scikit_learn(estimator: Any, check: Callable[[Any], None]) -> None:
    """All of it: no check is expected to fail."""
    try:
        check(estimator)
    except SkipTest as reason:
        pytest.skip(f"not here: {reason}")


def exchangeable(n: int = 500) -> tuple[pd.DataFrame, np.ndarray]:
    """Two exchangeable columns, and one of another distribution."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 2))
    frame = pd.DataFrame({"left": x[:, 0], "right": x[:, 1], "age": rng.normal(50, 9, n)})
    return frame, np.where((x**2).sum(1) > 1.4, "far", "near")


@pytest.fixture(scope="module")
def fitted() -> AutoEquivariantClassifier:
    return AutoEquivariantClassifier(smallest=True, fit_time=None).fit(*exchangeable())


@pytest.mark.slow
def test_fitted_attributes(fitted: AutoEquivariantClassifier) -> None:
    frame, y = exchangeable()
    assert fitted.symmetries_ == fitted.generators_ == ["swap left <-> right"]
    assert fitted.score(frame, y) > 0.9
    assert 0 < fitted.baseline_score_ <= 1
    assert fitted.n_parameters_ < fitted.baseline_n_parameters_
    assert list(fitted.classes_) == ["far", "near"]
    assert (fitted.n_features_in_, list(fitted.feature_names_in_)) == (3, list(frame.columns))
    assert isinstance(fitted.study_, optuna.Study)
    assert len(fitted.study_.trials) == 2
    swapped = frame.assign(left=frame["right"], right=frame["left"])
    assert np.allclose(fitted.predict_proba(frame), fitted.predict_proba(swapped))
    other = frame.assign(left=frame["age"], age=frame["left"])
    assert not np.allclose(fitted.predict_proba(frame), fitted.predict_proba(other))


@pytest.mark.slow
def test_evidence(fitted: AutoEquivariantClassifier) -> None:
    evidence = fitted.evidence_
    assert isinstance(evidence, pd.DataFrame)
    assert tuple(evidence.columns) == COLUMNS
    row = evidence.loc["swap left <-> right"]
    assert row["verdict"] in ("holds", "undecided")
    assert row["difference_low"] < row["difference"] < row["difference_high"]
    assert (row["use"] == "helps") == (row["difference_low"] > 0)
    assert 0 <= row["p_x"] <= 1
    assert 0 <= row["p_task"] <= 1
    assert 0 < row["overlap"] <= 1


def test_what_is_not_known_is_nan() -> None:
    untested = Verdict("hflip", "undecided", "not tested")
    tried = Verdict(
        "vflip",
        "holds",
        "p = .4",
        Inputs(0.5, 0.4, None),
        Task(0.01, (-0.1, 0.1), 1.0, 0.9),
        "helps",
        Trained(0.2, (0.1, 0.3)),
    )
    frame = evidence_frame([untested, tried])
    assert frame.index.to_list() == ["hflip", "vflip"]
    assert frame.loc["hflip", list(COLUMNS[3:])].isna().all()
    assert frame.loc["vflip"].dropna().to_dict() == {
        **{"verdict": "holds", "use": "helps", "reason": "p = .4", "p_joint": 0.5, "p_x": 0.4},
        **{"effect": 0.01, "p_task": 1.0, "overlap": 0.9},
        **{"difference": 0.2, "difference_low": 0.1, "difference_high": 0.3},
    }


def test_clone_and_pickle(fitted: AutoEquivariantClassifier) -> None:
    frame, _ = exchangeable(40)
    file = io.BytesIO()
    joblib.dump(fitted, file)
    file.seek(0)
    again = joblib.load(file)
    assert np.array_equal(again.predict_proba(frame), fitted.predict_proba(frame))
    assert again.study_.trials == fitted.study_.trials
    fresh = clone(fitted)
    assert fresh.get_params() == fitted.get_params()
    with pytest.raises(NotFittedError):
        fresh.predict(frame)


@pytest.mark.slow
def test_in_a_pipeline_and_in_cross_validation() -> None:
    frame, y = exchangeable(240)
    estimator = make_pipeline(
        StandardScaler(), AutoEquivariantClassifier(epochs=60, budget=2, fit_time=None)
    )
    scores = cross_val_score(estimator, frame, y, cv=2)
    assert scores.min() > 0.75


SHAPES: dict[str, tuple[Callable[[np.ndarray], np.ndarray], str | None]] = {
    "(n, features)": (lambda x: x.reshape(len(x), -1), None),
    "(n, height, width)": (lambda x: x, None),
    "(n, channels, height, width)": (lambda x: np.stack([x, x, x, 0 * x, x], 1), None),
    "(n, length, channels)": (lambda x: x, "sequence"),
}


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_shapes(shape: str) -> None:
    bunch = load_digits()
    bring, kind = SHAPES[shape]
    x = bring(bunch.images[:200])
    candidate = {"(n, features)": "swap:0-1", "(n, length, channels)": "reverse"}.get(
        shape, "hflip"
    )
    model = AutoEquivariantClassifier(candidate, epochs=4, kind=kind, fit_time=None).fit(
        x, bunch.target[:200]
    )
    assert model.predict(x[:7]).shape == (7,)
    assert model.predict_proba(x[:7]).sum(1) == pytest.approx(1)
    with pytest.raises(ValueError, match="X"):
        model.predict(x[:7, ..., :-1] if shape != "(n, features)" else x[:7, :-1])


def test_large_images_get_a_group_cnn() -> None:
    rng = np.random.default_rng(0)
    x = rng.random((60, 1, 16, 16)).astype(np.float32)
    y = np.arange(60) % 2
    x[y == 1, :, 4:8, 4:8] += 1
    model = AutoEquivariantClassifier("hflip", budget=1, epochs=2, fit_time=None).fit(x, y)
    assert type(model.module_).__name__ == "EquivariantCNN"
    assert set(model.predict(x)) <= {0, 1}


@pytest.mark.slow
def test_partial_symmetries() -> None:
    """The label says whether a pattern is turned, so that the whole turn does not hold."""
    rng = np.random.default_rng(0)
    y = np.arange(300) % 2
    x = rng.normal(size=(2, 16, 16))[rng.integers(0, 2, 300)] + rng.normal(size=(300, 16, 16))
    x = np.where(y[:, None, None] == 1, x[:, ::-1, ::-1], x).astype(np.float32)
    few: dict[str, Any] = {"epochs": 2, "fit_time": None, "budget": 6}
    searched = AutoEquivariantClassifier("rot180", partial=True, **few).fit(x, y)
    levels = [f"rot180@{level}" for level in (2, 1, 0)]
    assert searched.evidence_.index.tolist() == ["rot180", *levels]
    assert searched.evidence_.loc["rot180", "verdict"] == "does not hold"
    assert "rot180" not in searched.symmetries_
    whole = AutoEquivariantClassifier("rot180", **few).fit(x, y)
    assert whole.evidence_.index.tolist() == ["rot180"]
    given = AutoEquivariantClassifier("rot180@1", search=False, epochs=1, fit_time=None).fit(x, y)
    assert given.symmetries_ == ["rot180@1"]
    turned = x[:50, ::-1, ::-1].copy()
    assert not np.allclose(given.predict_proba(x[:50]), given.predict_proba(turned), atol=1e-4)


@pytest.mark.slow
def test_regression() -> None:
    x, y = make_friedman1(500, random_state=0)
    exchange = [{"swap": f"{i} <-> {i + 1}"} for i in range(5, 9)]
    model = AutoEquivariantRegressor(exchange, epochs=25, budget=6, fit_time=None).fit(x, y)
    assert model.predict(x).shape == y.shape
    assert model.score(x, y) == pytest.approx(r2_score(y, model.predict(x)))
    assert model.score(x, y) > 0.7
    both = AutoEquivariantRegressor("swap:5-6", epochs=2, fit_time=None).fit(
        x[:99], np.stack([y, -y], 1)[:99]
    )
    assert both.predict(x[:4]).shape == (4, 2)


def test_the_same_seed_gives_the_same_answer() -> None:
    frame, y = exchangeable(150)
    first, again, other = (
        AutoEquivariantClassifier(epochs=3, random_state=seed, fit_time=None)
        .fit(frame, y)
        .predict_proba(frame)
        for seed in (0, 0, 1)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_module_is_a_torch_module(fitted: AutoEquivariantClassifier) -> None:
    frame, _ = exchangeable(5)
    logits = fitted.module_(torch.tensor(frame.to_numpy(), dtype=torch.float32))
    assert np.array_equal(fitted.classes_[logits.argmax(1).numpy()], fitted.predict(frame))


@pytest.mark.slow
def test_candidates_in_every_form(tmp_path: Any) -> None:
    frame, y = exchangeable(80)
    (tmp_path / "mine.yaml").write_text("- swap: left <-> right\n")
    for symmetries in (
        "swap:0-1",
        str(tmp_path / "mine.yaml"),
        [Symmetry("swap", (0, 1))],
        [{"swap": "left <-> right"}],
        ["swap:0-1"],
    ):
        model = AutoEquivariantClassifier(symmetries, epochs=1, fit_time=None).fit(frame, y)
        assert len(model.evidence_) == 1


def test_few_whole_numbers_are_coded_as_the_argument_says() -> None:
    rng = np.random.default_rng(0)
    faces = rng.integers(1, 7, (600, 3))
    frame = pd.DataFrame(faces, columns=["red", "green", "blue"])
    frame["speed"] = rng.normal(size=600)
    won = np.isin(faces, [2, 5]).sum(axis=1) >= 2
    options: dict[str, Any] = {"search": False, "epochs": 20, "fit_time": None}
    models = {
        coding: AutoEquivariantClassifier(coding=coding, **options).fit(frame, won)
        for coding in ("numbers", "one-hot", None)
    }
    inputs = {coding: model.module_.architecture.widths[0] for coding, model in models.items()}
    # Validation decides for faces.
    assert inputs == {"numbers": 4, "one-hot": 3 * 6 + 1, None: 3 * 6 + 1}
    assert models["one-hot"].score(frame, won) > models["numbers"].score(frame, won)
    assert (models["one-hot"].predict(frame) == models[None].predict(frame)).all()


BAD: list[tuple[dict[str, Any], str]] = [
    ({"budget": 0}, "budget must be 1 or more; got 0"),
    ({"sampler": "grid"}, "sampler must be one of auto, lattice"),
    ({"random_state": -1}, "random_state must be 0 or more"),
    ({"symmetries": "swap:0-9"}, "swap:0-9 is not defined on features:3"),
    ({"symmetries": [{"swap": "left <-> rihgt"}]}, "did you mean right?"),
    ({"symmetries": []}, "symmetries names no candidate"),
    ({"network": "cnn"}, "network cnn needs sequences, images or volumes"),
    ({"device": "tpu"}, "device must be cpu or cuda"),
    ({"kind": "grid"}, "cannot be read as grid"),
]


@pytest.mark.parametrize(("arguments", "phrase"), BAD)
def test_errors_name_arguments(arguments: dict[str, Any], phrase: str) -> None:
    with pytest.raises(ValueError) as error:
        AutoEquivariantClassifier(**arguments).fit(*exchangeable(40))
    assert phrase in str(error.value)
    assert "--" not in str(error.value)


def test_without_a_search_the_network_has_what_is_given() -> None:
    frame, y = exchangeable(200)
    given = [{"swap": "left <-> right"}]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = AutoEquivariantClassifier(given, search=False, epochs=5, fit_time=None).fit(
            frame, y
        )
    assert model.symmetries_ == model.generators_ == ["swap left <-> right"]
    swapped = frame.rename(columns={"left": "right", "right": "left"})[frame.columns]
    assert np.allclose(model.predict_proba(frame), model.predict_proba(swapped), atol=1e-9)
    assert 0 <= model.test_score_ <= 1
    assert model.n_parameters_ < model.baseline_n_parameters_
    assert model.evidence_.iloc[0][["verdict", "use", "reason"]].tolist() == [
        *("undecided", "not tried", "given, not tested")
    ]
    assert not model.study_.trials


@pytest.mark.parametrize("estimator", [AutoEquivariantClassifier, AutoEquivariantRegressor])
def test_without_a_search_and_symmetries_it_is_the_baseline(estimator: type[Any]) -> None:
    x = np.random.default_rng(0).normal(size=(100, 3))
    model = estimator(search=False, epochs=20).fit(x, (x[:, 0] > 0).astype(int))
    assert model.symmetries_ == []
    assert model.n_parameters_ == model.baseline_n_parameters_
    assert model.test_score_ == model.baseline_score_


def test_the_fit_is_tuned_by_default_and_the_same_again() -> None:
    """Its time is nominal, so that the result does not depend on the machine."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(120, 4)).astype(np.float32)
    y = x[:, 0] + rng.normal(size=120)
    model = AutoEquivariantRegressor("negate_column:1", epochs=3)
    assert settings_of(model.get_params(deep=False), "regression").fits == "full"
    first = clone(model).fit(x, y).predict(x)
    assert np.array_equal(clone(model).fit(x, y).predict(x), first)
    quick = clone(model).set_params(fit_time=None).fit(x, y).predict(x)
    assert not np.array_equal(quick, first)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The samples are symmetric matrices:UserWarning")
def test_matrices_of_pairs() -> None:
    rng = np.random.default_rng(0)
    points = rng.normal(size=(300, 5, 3))
    distances = np.linalg.norm(points[:, :, None] - points[:, None], axis=-1)
    order = rng.permutation(5)
    moved = distances[:, order][:, :, order]
    model = AutoEquivariantRegressor("swap:0-1,shift:1", search=False, epochs=5, fit_time=None)
    model.fit(distances, np.exp(-distances).sum((1, 2)))
    assert model.predict(moved) == pytest.approx(model.predict(distances), rel=1e-6)
    directed = distances * rng.uniform(1, 2, distances.shape)
    model = clone(model).set_params(kind="pairs")
    model.fit(directed, np.exp(-directed).sum((1, 2)))
    turned = directed[:, order][:, :, order]
    assert model.predict(turned) == pytest.approx(model.predict(directed), rel=1e-6)
