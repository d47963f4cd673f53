"""Test whether the label depends on the orbit alone, also where inputs are not symmetric.

A residual test with cross-fitting. On one half of the samples three predictors are fitted: `f`
without symmetry; `fbar`, fitted on moved copies and averaged over the group; and one that tells
samples from moved ones. On the other half, if E[y | x] is equivariant, the residual of `fbar` is
uncorrelated with how much `f` changes under a move, weighted by how likely the move is: a
generalised covariance measure (Shah and Peters, Annals of Statistics 48, 2020). The test is
approximate: it needs predictors whose errors multiply to something small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from autoequivariant.evidence.clusters import Clusters
from autoequivariant.evidence.features import Matrix
from autoequivariant.evidence.moves import Moves
from autoequivariant.evidence.predictors import Discriminator, Ridge

MARGIN = 0.02
"""Share of the mean squared residual that an effect may have and still hold nearly."""
LEAST_OVERLAP = 0.65
_LEAST_CHANCE = 0.02  # of the probability that a sample is not a moved one

Rows = NDArray[np.int64]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class TaskTest:
    """The result of the residual test.

    Attributes:
        effect: mean of the statistic, as a share of the mean squared residual.
        interval: 95% interval of it.
        p: one-sided, against an effect of `MARGIN`.
        overlap: how well moved samples occur: 1 if they cannot be told from samples, 0 if they
            always can.
    """

    effect: float
    interval: tuple[float, float]
    p: float
    overlap: float

    @property
    def has_overlap(self) -> bool:
        """Whether moved samples occur often enough for an answer."""
        return self.overlap >= LEAST_OVERLAP


@dataclass(frozen=True)
class View:
    """Features of samples, each moved by an element of its own.

    Attributes:
        features: shape `(n, features)`.
        drawn: number of the element of each, shape `(n,)`.
    """

    features: Matrix
    drawn: Rows


@dataclass(frozen=True)
class TaskData:
    """Samples and moved copies for the residual test.

    Attributes:
        x: features, shape `(n, features)`.
        y, hy: labels as numbers, in comparable units, of samples and of the first view; shape
            `(n, outputs)`.
        views: moved copies; the first is tested, all are averaged over.
        moves: of the candidate.
        clusters: of the samples.
        halves: samples of each half.
        predictors: `f`, fitted on each half.
    """

    x: Matrix
    y: Array
    hy: Array
    views: Sequence[View]
    moves: Moves
    clusters: Clusters
    halves: tuple[Rows, Rows]
    predictors: tuple[Ridge, Ridge]


def residual_test(data: TaskData) -> TaskTest:
    """Test whether labels depend on more than the orbit."""
    n = len(data.x)
    statistic, square, chances = np.zeros(n), np.zeros(n), np.full(n, 0.5)
    first, second = data.halves
    for fitted, scored, predictor in zip(
        (first, second), (second, first), data.predictors, strict=True
    ):
        chance = _chances(data, fitted, scored)
        view = data.views[0]
        back = _back(data.moves, predictor(view.features[scored]), view.drawn[scored])
        change = (predictor(data.x[scored]) - back) / 2
        residual = data.y[scored] - _averaged(data, predictor, fitted, scored)
        statistic[scored] = 2 * (1 - chance) * (residual * change).sum(axis=1)
        square[scored] = np.square(residual).sum(axis=1)
        chances[scored] = chance
    whole = float(square.mean()) or 1.0
    effect = float(statistic.mean())
    deviations = data.clusters.sums((statistic - effect).astype(np.float32))
    error = float(np.sqrt(np.square(deviations, dtype=np.float64).sum())) / n / whole
    effect /= whole
    z = (effect - MARGIN) / error if error > 0 else (np.inf if effect > MARGIN else -np.inf)
    half = float(norm.ppf(0.975)) * error
    overlap = float((2 * np.minimum(chances, 1 - chances)).mean())
    return TaskTest(effect, (effect - half, effect + half), float(norm.sf(z)), overlap)


def _chances(data: TaskData, fitted: Rows, scored: Rows) -> Array:
    differences = data.x - data.views[0].features
    discriminator = Discriminator.fit(differences[fitted])
    found = discriminator.chances(differences[scored])
    return np.clip(found, _LEAST_CHANCE, 1 - _LEAST_CHANCE)


def _averaged(data: TaskData, predictor: Ridge, fitted: Rows, scored: Rows) -> Array:
    """Return `fbar`: fitted on samples and moved copies, averaged over all views."""
    x = np.concatenate([data.x[fitted], data.views[0].features[fitted]])
    y = np.concatenate([data.y[fitted], data.hy[fitted]])
    symmetric = Ridge.fit(x, y, predictor.penalty)
    total = symmetric(data.x[scored])
    for view in data.views:
        total += _back(data.moves, symmetric(view.features[scored]), view.drawn[scored])
    return total / (1 + len(data.views))


def _back(moves: Moves, outputs: Array, drawn: Rows) -> Array:
    """Undo the elements' action on outputs."""
    for number in np.unique(drawn):
        element = moves.elements[number]
        if not element.outputs.is_identity:
            rows = drawn == number
            outputs[rows] = element.inverse().apply_to_outputs(outputs[rows])
    return outputs
