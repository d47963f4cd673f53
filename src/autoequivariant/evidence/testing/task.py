"""Test whether the label depends on the orbit alone, also where inputs are not symmetric.

A residual test. `fbar` predicts labels from the orbit: it is fitted on samples and moved copies,
and averaged over the group. If E[y | x] is equivariant, its residuals are uncorrelated with how
anything changes under a move, weighted by how likely the move is: a generalised covariance measure
(Shah and Peters, Annals of Statistics 48, 2020). The p-value comes from random signs of the
residuals. The test is approximate: it needs predictors whose errors multiply to something small.

How large the departure is, is measured by an ordinary predictor `f` without symmetry, scored on
samples that it was not fitted on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from autoequivariant.evidence.testing.clusters import Clusters
from autoequivariant.evidence.testing.features import Matrix
from autoequivariant.evidence.testing.moves import Moves
from autoequivariant.evidence.testing.predictors import Discriminator, Ridge
from autoequivariant.evidence.testing.swap_test import Statistic, largest, p_value

MARGIN = 0.02
"""Share of the mean squared residual that an effect may have and still hold nearly."""
LEAST_OVERLAP = 0.65
_LEAST_CHANCE = 0.02  # of the probability that a sample is not a moved one
_MOST_OUTPUTS = 16  # combinations of outputs that are tested
_FEATURES = 96  # of the largest variance

Rows = NDArray[np.int64]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class TaskTest:
    """The result of the residual test.

    Attributes:
        effect: how far `f` sees labels depend on more than the orbit, as a share of the mean
            squared residual of `fbar`.
        interval: 95% interval of it.
        p: of no such dependence.
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
        x, hx: features of samples and moved copies whose landmarks are no samples, shape
            `(n, features)`; those of the largest variance come first.
        for_labels: features of samples from which labels are predicted.
        views: the same of moved copies; the first are those of `hx`, all are averaged over.
        y, hy: labels as numbers, in comparable units, of samples and of the first view; shape
            `(n, outputs)`.
        moves: of the candidate.
        clusters: of the samples.
        halves: samples of each half; landmarks of `for_labels` may be in the first.
        predictor: `f`, fitted on the first half or on other samples.
    """

    x: Matrix
    hx: Matrix
    for_labels: Matrix
    views: Sequence[View]
    y: Array
    hy: Array
    moves: Moves
    clusters: Clusters
    halves: tuple[Rows, Rows]
    predictor: Ridge


def residual_test(data: TaskData, signs: Matrix, rng: np.random.Generator) -> TaskTest:
    """Test whether labels depend on more than the orbit.

    Args:
        data: samples and moved copies.
        signs: random signs of the clusters (`random_signs`).
        rng: draws combinations of many outputs.
    """
    chances, residuals = np.full(len(data.x), 0.5), np.zeros_like(data.y)
    first, second = data.halves
    for fitted, scored in ((first, second), (second, first)):
        chances[scored] = _chances(data, fitted, scored)
        residuals[scored] = data.y[scored] - _averaged(data, fitted, scored)
    effect, interval = _effect(data, chances[second], residuals[second])
    overlap = float((2 * np.minimum(chances, 1 - chances)).mean())
    p = _p_value(data, 2 * (1 - chances)[:, np.newaxis] * residuals, signs, rng)
    return TaskTest(effect, interval, p, overlap)


def _p_value(data: TaskData, weighted: Array, signs: Matrix, rng: np.random.Generator) -> float:
    """Test weighted residuals against changes of features; every output, and all together."""
    moved = weighted.copy()
    for number in np.unique(data.views[0].drawn):
        rows = data.views[0].drawn == number
        moved[rows] = data.moves.elements[number].apply_to_outputs(weighted[rows])
    outputs = weighted.shape[1]
    if outputs > _MOST_OUTPUTS:
        mixed = rng.standard_normal((outputs, _MOST_OUTPUTS))
        weighted, moved = weighted @ mixed, moved @ mixed
    x, hx = data.x[:, :_FEATURES], data.hx[:, :_FEATURES]
    parts = []
    for residual, moved_residual in zip(weighted.T, moved.T, strict=True):
        changes = x * residual.astype(np.float32)[:, np.newaxis]
        changes -= hx * moved_residual.astype(np.float32)[:, np.newaxis]
        parts.append(Statistic.of(data.clusters.sums(changes), signs))
    return p_value(*largest([*parts, Statistic.sum(parts)]))


def _effect(data: TaskData, chances: Array, residuals: Array) -> tuple[float, tuple[float, float]]:
    """Return the effect on the second half, and its 95% interval."""
    rows, view = data.halves[1], data.views[0]
    moved = data.predictor(view.features[rows])
    change = data.predictor(data.for_labels[rows]) - _back(data.moves, moved, view.drawn[rows])
    statistic = (1 - chances) * (residuals * change).sum(axis=1)
    whole = float(np.square(residuals).sum(axis=1).mean()) or 1.0
    mean = float(statistic.mean())
    clusters, _ = data.clusters.part(rows)
    deviations = clusters.sums((statistic - mean).astype(np.float32)).astype(np.float64)
    error = float(np.sqrt(np.square(deviations).sum())) / len(rows)
    half = float(ndtri(0.975)) * error
    return mean / whole, ((mean - half) / whole, (mean + half) / whole)


def _chances(data: TaskData, fitted: Rows, scored: Rows) -> Array:
    differences = data.x - data.hx
    found = Discriminator.fit(differences[fitted]).chances(differences[scored])
    return np.clip(found, _LEAST_CHANCE, 1 - _LEAST_CHANCE)


def _averaged(data: TaskData, fitted: Rows, scored: Rows) -> Array:
    """Return `fbar`: fitted on samples and moved copies, averaged over all views."""
    x = np.concatenate([data.for_labels[fitted], data.views[0].features[fitted]])
    y = np.concatenate([data.y[fitted], data.hy[fitted]])
    symmetric = Ridge.fit(x, y, data.predictor.penalty)
    total = symmetric(data.for_labels[scored])
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
