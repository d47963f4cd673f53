"""Scikit-learn's predictors on flat values: yardsticks that owe nothing to this package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from autoequivariant.data.split import Split, stratified_order
from autoequivariant.training.tasks import Task

MOST_SAMPLES = 5000
"""Training samples of a yardstick, at most: the time of an SVC grows with their square."""
MOST_SVC_VALUES = 4096
"""Largest number of values in a sample for which an SVC is tried."""
BOOSTING, SVC, FOREST = "gradient boosting", "SVC", "random forest"
CLASSES: Mapping[str, tuple[str, str]] = {
    BOOSTING: ("HistGradientBoostingClassifier", "HistGradientBoostingRegressor"),
    SVC: ("SVC", "SVR"),
    FOREST: ("RandomForestClassifier", "RandomForestRegressor"),
}
"""Scikit-learn's names for classes and for targets."""
_TREES = 100
_PENALTY = 10.0
_TRIED_ON = 4  # one in so many training samples


def suitable_yardstick(fit: Split, is_table: bool, task: Task, seed: int) -> str:
    """Return gradient boosting for a table, and else the better of an SVC and a random forest.

    The two are compared on a quarter of the training samples, which they are not fitted on.

    Args:
        fit: training samples.
        is_table: whether samples are rows of a table.
        task: has the score.
        seed: of all random draws.
    """
    if is_table:
        return BOOSTING
    if fit.x[0].size > MOST_SVC_VALUES:
        return FOREST
    order = stratified_order(fit.y, np.random.default_rng(seed), fit.clusters)[:MOST_SAMPLES]
    held_out = len(order) // _TRIED_ON
    known, tried = fit.rows(order[held_out:]), fit.rows(order[:held_out])
    scores = {name: yardstick_scores(name, known, tried, task, seed) for name in (SVC, FOREST)}
    return max(scores, key=lambda name: float(scores[name].mean()))


def yardstick_scores(
    name: str, fit: Split, score: Split, task: Task, seed: int
) -> NDArray[np.generic]:
    """Fit a yardstick and score it.

    Args:
        name: of the yardstick.
        fit: training samples, of which at most `MOST_SAMPLES` are used.
        score: samples to score.
        task: has the score.
        seed: of all random draws.

    Returns:
        The score of each sample, as in `Evaluation`.
    """
    order = stratified_order(fit.y, np.random.default_rng(seed))[:MOST_SAMPLES]
    known = fit.rows(np.sort(order))
    x, unseen = (part.x.reshape(len(part), -1).astype(np.float32) for part in (known, score))
    if task.name == "classification":
        found = _predictor(name, 0, seed).fit(x, known.y).predict(unseen)
        return np.asarray(found == score.y)
    mean, scale = known.y.mean(axis=0), known.y.std(axis=0) + 1e-12
    columns = [
        _predictor(name, 1, seed).fit(x, column).predict(unseen)
        for column in ((known.y - mean) / scale).T
    ]
    outputs = torch.from_numpy(np.stack(columns, axis=1) * scale + mean)[None]
    targets = torch.from_numpy(score.y)
    return np.asarray(task.scorer(targets)(outputs, targets)[0].float().numpy())


def _predictor(name: str, number: int, seed: int) -> Any:
    """Return a fresh predictor of classes (0) or of one target (1)."""
    # Imported here: scikit-learn takes a second, and not every search needs it.
    from sklearn import ensemble, svm

    seed %= 2**32
    found = CLASSES[name][number]
    if name == SVC:
        return getattr(svm, found)(C=_PENALTY)
    if name == FOREST:
        return getattr(ensemble, found)(_TREES, n_jobs=-1, random_state=seed)
    return getattr(ensemble, found)(random_state=seed, early_stopping=False)
