"""Scikit-learn's predictors on flat values: yardsticks that owe nothing to this package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from autoequivariant.data.split import Split, stratified_order
from autoequivariant.training.tasks import Task

MOST_SAMPLES = 5000
"""Training samples of an SVC, at most: its time grows with their square. Others get all, but are
compared on so many.
"""
MOST_SVC_VALUES = 4096
"""Largest number of values in a sample for which an SVC is tried."""
BOOSTING, SVC, FOREST = "gradient boosting", "SVC", "random forest"
LINEAR = "linear model"
CLASSES: Mapping[str, tuple[str, str]] = {
    BOOSTING: ("HistGradientBoostingClassifier", "HistGradientBoostingRegressor"),
    SVC: ("SVC", "SVR"),
    FOREST: ("RandomForestClassifier", "RandomForestRegressor"),
    LINEAR: ("LogisticRegression", "RidgeCV"),
}
"""Scikit-learn's names for classes and for targets."""
_TREES = 100
_STEPS = 1000  # of a logistic regression
_PENALTY = 10.0
_TRIED_ON = 4  # one in so many training samples


def suitable_yardstick(
    fit: Split, is_table: bool, task: Task, seed: int, categorical: Sequence[int] = ()
) -> str:
    """Return the better of gradient boosting and a linear model for a table, and else the better of
    an SVC and a random forest.

    The two are compared on a quarter of the training samples, which they are not fitted on.

    Args:
        fit: training samples.
        is_table: whether samples are rows of a table.
        task: has the score.
        seed: of all random draws.
        categorical: columns of a table that are codes of categories. Default: none.
    """
    if fit.x[0].size > MOST_SVC_VALUES and not is_table:
        return FOREST
    order = stratified_order(fit.y, np.random.default_rng(seed), fit.clusters)[:MOST_SAMPLES]
    held_out = len(order) // _TRIED_ON
    known, tried = fit.rows(order[held_out:]), fit.rows(order[:held_out])
    scores = {
        name: yardstick_scores(name, known, tried, task, seed, categorical)
        for name in ((BOOSTING, LINEAR) if is_table else (SVC, FOREST))
    }
    return max(scores, key=lambda name: float(scores[name].mean()))


def yardstick_scores(
    name: str, fit: Split, score: Split, task: Task, seed: int, categorical: Sequence[int] = ()
) -> NDArray[np.generic]:
    """Fit a yardstick and score it.

    Args:
        name: of the yardstick.
        fit: training samples, of which an SVC gets at most `MOST_SAMPLES`.
        score: samples to score.
        task: has the score.
        seed: of all random draws.
        categorical: as in `suitable_yardstick`.

    Returns:
        The score of each sample, as in `Evaluation`.
    """
    order = stratified_order(fit.y, np.random.default_rng(seed))
    known = fit.rows(np.sort(order[: MOST_SAMPLES if name == SVC else None]))
    x, unseen = (part.x.reshape(len(part), -1).astype(np.float32) for part in (known, score))
    # On a busy machine its threads wait for each other, for minutes instead of a second.
    with threadpool_limits(limits=1, user_api="openmp"):
        if task.name == "classification":
            found = _predictor(name, 0, seed, categorical).fit(x, known.y).predict(unseen)
            return np.asarray(found == score.y)
        mean, scale = known.y.mean(axis=0), known.y.std(axis=0) + 1e-12
        columns = [
            _predictor(name, 1, seed, categorical).fit(x, column).predict(unseen)
            for column in ((known.y - mean) / scale).T
        ]
    outputs = torch.from_numpy(np.stack(columns, axis=1) * scale + mean)[None]
    targets = torch.from_numpy(score.y)
    return np.asarray(task.scorer(targets)(outputs, targets)[0].float().numpy())


def _predictor(name: str, number: int, seed: int, categorical: Sequence[int]) -> Any:
    """Return a fresh predictor of classes (0) or of one target (1)."""
    # Imported here: scikit-learn takes a second, and not every search needs it.
    from sklearn import ensemble, linear_model, svm

    seed %= 2**32
    found = CLASSES[name][number]
    if name == SVC:
        return getattr(svm, found)(C=_PENALTY)
    if name == FOREST:
        return getattr(ensemble, found)(_TREES, n_jobs=-1, random_state=seed)
    if name == LINEAR:
        options = {} if number else {"max_iter": _STEPS}
        return _prepared(getattr(linear_model, found)(**options), categorical)
    columns = list(categorical) or None
    return getattr(ensemble, found)(random_state=seed, categorical_features=columns)


def _prepared(predictor: Any, categorical: Sequence[int]) -> Any:
    """Return a linear model of scaled columns, and of one-hot ones for categories."""
    from sklearn.compose import make_column_transformer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    coded = (OneHotEncoder(handle_unknown="ignore"), list(categorical))
    transformer = make_column_transformer(coded, remainder=StandardScaler())
    return make_pipeline(transformer, predictor)
