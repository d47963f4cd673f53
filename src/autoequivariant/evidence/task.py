"""Test whether the label depends on the orbit alone, also where inputs are not symmetric.

A residual test. On one half of the samples three predictors are fitted: `f` without symmetry;
`fbar`, fitted on moved copies and averaged over the group; and `s`, which tells samples from moved
ones. On the other half, if E[y | x] is equivariant, the residual of `fbar` is uncorrelated with how
much `f` changes under a move, weighted by how likely the move is: a generalised covariance measure
(Shah and Peters, Annals of Statistics 48, 2020). The test is approximate: it needs predictors whose
errors multiply to something small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import norm

from autoequivariant.evidence.kernel import Embedding, Matrix, gram
from autoequivariant.evidence.moves import Labelled, Moves
from autoequivariant.evidence.ridge import best_penalty, fit

MARGIN = 0.02
"""Share of the mean squared residual that an effect may have and still hold nearly."""
LEAST_OVERLAP = 0.65
_LEAST_CHANCE = 0.02  # of the probability that a sample is not a moved one
_MOST_AVERAGED = 8  # elements of the group that predictions are averaged over
_SHARPNESS = 20.0  # of the slope that turns margins of a discriminator into log-odds


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


class Predictor:
    """`f`: kernel ridge regression without symmetry, fitted once for all candidates.

    Args:
        samples: the first half.
        embedding: of samples.
    """

    def __init__(self, samples: Labelled, embedding: Embedding) -> None:
        self.embedding = embedding
        targets = targets_of(samples)
        spread = np.ones(targets.shape[1]) if samples.n_classes else targets.std(axis=0)
        self.unit = np.where(spread > 0, spread, 1.0)
        self._mean, self._x = targets.mean(axis=0), embedding(samples.x)
        kernel = gram(self._x, self._x, embedding.scale)
        centred = targets - self._mean
        self.penalty = best_penalty(kernel, centred / self.unit)
        self._coefficients = fit(kernel, centred, self.penalty)

    def __call__(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return predictions in the units of the labels, shape `(n, outputs)`."""
        change = _applied(self.embedding(x), self._x, self.embedding, self._coefficients)
        return np.asarray(self._mean + change)

    def losses(self, samples: Labelled) -> NDArray[np.float64]:
        """Return squared errors in standard deviations, shape `(n,)`."""
        errors = (self(samples.x) - targets_of(samples)) / self.unit
        return np.asarray(np.square(errors).sum(axis=1))


def targets_of(samples: Labelled) -> NDArray[np.float64]:
    """Return labels as numbers, shape `(n, outputs)`: one-hot rows, or targets."""
    if samples.n_classes:
        return np.asarray(np.eye(samples.n_classes)[samples.y])
    return np.asarray(samples.y, np.float64)


def residual_test(
    first: Labelled,
    second: Labelled,
    moves: Moves,
    predictor: Predictor,
    rng: np.random.Generator,
) -> TaskTest:
    """Test whether labels depend on more than the orbit.

    Args:
        first: the half on which predictors are fitted; `predictor` was fitted on it.
        second: the other half.
        moves: of the candidate.
        predictor: without symmetry.
        rng: draws the moves.
    """
    moved, drawn = moves.apply(second, rng)
    chance = _chances(first, second, moved, moves, predictor.embedding, rng)
    averaged = _averaged_predictions(first, second, moves, predictor, rng)
    back = predictor(moved.x)
    for number in np.unique(drawn):
        rows = drawn == number
        back[rows] = moves.elements[number].inverse().apply_to_outputs(back[rows])
    change = (predictor(second.x) - back) / 2 / predictor.unit
    residual = (targets_of(second) - averaged) / predictor.unit
    statistic = 2 * (1 - chance) * (residual * change).sum(axis=1)
    whole = float(np.square(residual).sum(axis=1).mean()) or 1.0
    effect = float(statistic.mean()) / whole
    error = float(statistic.std(ddof=1)) / np.sqrt(len(statistic)) / whole
    z = (effect - MARGIN) / error if error > 0 else (np.inf if effect > MARGIN else -np.inf)
    half = float(norm.ppf(0.975)) * error
    overlap = float((2 * np.minimum(chance, 1 - chance)).mean())
    return TaskTest(effect, (effect - half, effect + half), float(norm.sf(z)), overlap)


def _averaged_predictions(
    first: Labelled,
    second: Labelled,
    moves: Moves,
    predictor: Predictor,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return `fbar`: fitted on moved copies, and averaged over the group."""
    embedding = predictor.embedding
    some = moves.elements
    if len(some) > _MOST_AVERAGED - 1:
        chosen = rng.choice(len(some), _MOST_AVERAGED - 1, replace=False)
        some = tuple(some[number] for number in np.sort(chosen))
    elements = (some[0] ** 0, *some)
    copies = Moves(elements).apply(first, rng)[0]
    targets = targets_of(copies)
    mean = targets.mean(axis=0)
    x = embedding(copies.x)
    coefficients = fit(gram(x, x, embedding.scale), targets - mean, predictor.penalty)
    total = np.zeros((len(second), targets.shape[1]))
    for element in elements:
        values = embedding(element.points.apply(second.x))
        found = mean + _applied(values, x, embedding, coefficients)
        total += element.inverse().apply_to_outputs(found)
    return total / len(elements)


def _chances(
    first: Labelled,
    second: Labelled,
    moved: Labelled,
    moves: Moves,
    embedding: Embedding,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return the probability that each of the second half is a sample, not a moved one."""
    copies = moves.apply(first, rng)[0]
    x = np.concatenate([embedding(first.x), embedding(copies.x)])
    sides = np.repeat([1.0, -1.0], len(first))[:, np.newaxis]
    kernel = gram(x, x, embedding.scale)
    penalty = best_penalty(kernel, sides)
    inverse = np.linalg.inv(kernel.astype(np.float64) + penalty * np.eye(len(x)))
    coefficients = inverse @ sides
    left_out = (sides - coefficients / np.diag(inverse)[:, np.newaxis])[:, 0]
    slope = _slope(left_out[: len(first)] - left_out[len(first) :])
    score = _applied(embedding(second.x), x, embedding, coefficients)
    score -= _applied(embedding(moved.x), x, embedding, coefficients)
    chances = expit(slope * score[:, 0])
    return np.asarray(np.clip(chances, _LEAST_CHANCE, 1 - _LEAST_CHANCE))


def _slope(margins: NDArray[np.float64]) -> float:
    """Return the slope of the logistic regression of sides on margins, through the origin."""
    slope = 0.0
    for _ in range(20):
        chance = expit(slope * margins)
        gradient = float((margins * (1 - chance)).sum())
        curvature = float((np.square(margins) * chance * (1 - chance)).sum()) + 1e-9
        slope = float(np.clip(slope + gradient / curvature, 0.0, _SHARPNESS))
    return slope


def _applied(
    x: Matrix, known: Matrix, embedding: Embedding, coefficients: NDArray[np.float64]
) -> NDArray[np.float64]:
    kernel = gram(x, known, embedding.scale)
    return np.asarray(kernel @ coefficients.astype(np.float32), np.float64)
