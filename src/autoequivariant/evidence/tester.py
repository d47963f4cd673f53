"""Runs the tests of candidates on one data set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.evidence.clusters import Clusters
from autoequivariant.evidence.decision import Tested
from autoequivariant.evidence.features import Features, Matrix, landmark_count
from autoequivariant.evidence.law import Moved, law_test
from autoequivariant.evidence.moves import Element, Labelled, Moves, is_fixed
from autoequivariant.evidence.predictors import Ridge
from autoequivariant.evidence.swap_test import mean_test, random_signs
from autoequivariant.evidence.task import TaskData, TaskTest, View, residual_test

MOST_SAMPLES = 5000
"""Samples that are tested, at most; the time grows with their number."""
_FEWEST = 20  # pairs
_FEWEST_OF_TASK = 40  # pairs, for halves of 20
_VIEWS = 3  # random moves of each sample that predictions are averaged over, at most
_WAVES = 3  # functions of a target
_LARGEST_DIFFERENCE = 3.0  # of losses, so that one sample does not decide


class Tester:
    """Samples in random order, their features, and predictors for all candidates.

    Args:
        x, y, n_classes, clusters: as in `direct_tests`.
        by_value: whether each value has units of its own, as columns of a table.
        miss: probability with which a departure of the stated resolution may be missed.
        rng: of all random draws.
    """

    def __init__(
        self,
        x: NDArray[Any],
        y: NDArray[Any],
        n_classes: int,
        clusters: NDArray[np.int64] | None,
        by_value: bool,
        miss: float,
        rng: np.random.Generator,
    ) -> None:
        self._rng, self._miss = rng, miss
        numbers = Clusters.of(clusters, len(y)).number
        rank = rng.permutation(int(numbers.max(initial=-1)) + 1)
        order = np.argsort(rank[numbers], kind="stable")  # clusters in random order
        order = order[: MOST_SAMPLES + landmark_count(len(order))]
        count = landmark_count(len(order))
        aside, kept = order[:count], order[count:]
        kept = kept[~np.isin(numbers[kept], numbers[aside])]

        def rows(chosen: NDArray[np.int64]) -> Matrix:
            return np.ascontiguousarray(x[chosen].reshape(len(chosen), -1), np.float32)

        self._features = Features(rows(aside), by_value)
        self._samples = Labelled(rows(kept), y[kept], n_classes)
        self._clusters = Clusters.of(numbers[kept], len(kept))
        self._phi = self._features(self._samples.x)
        self._functions = _LabelFunctions(Labelled(rows(aside), y[aside], n_classes))
        self._targets = self._functions.targets(self._samples)
        self._halves = self._clusters.halves()
        self._predictors = None
        if len(kept) >= _FEWEST_OF_TASK:
            first, second = (Ridge.fit(self._phi[h], self._targets[h]) for h in self._halves)
            self._predictors = first, second

    def test(self, generators: Sequence[Element]) -> Tested:
        """Test the group that some elements generate."""
        moves = Moves.of(generators, self._rng)
        if not moves.elements:
            return Tested(None, None, 0)
        drawn = moves.draw(self._clusters, self._rng)
        moved = moves.apply(self._samples, drawn)
        is_tested = ~is_fixed(self._samples, moved)
        rows = np.flatnonzero(is_tested)
        clusters, _ = self._clusters.part(rows)
        if len(clusters) < _FEWEST:
            return Tested(None, None, len(clusters))
        h_phi = self._features(moved.x)
        functions = self._functions
        pairs = Moved(
            self._phi[rows],
            h_phi[rows],
            functions(self._samples.rows(rows)),
            functions(moved.rows(rows)),
            clusters,
        )
        law = law_test(pairs, self._miss, self._rng)
        if self._predictors is None or len(clusters) < _FEWEST_OF_TASK:
            return Tested(law, None, len(clusters))
        task = self._task(moves, moved, View(h_phi, drawn), is_tested)
        return Tested(law.with_loss(self._loss_test(h_phi, moved, is_tested)), task, len(clusters))

    def _task(
        self, moves: Moves, moved: Labelled, first: View, is_tested: NDArray[np.bool_]
    ) -> TaskTest:
        assert self._predictors is not None
        views = [first]
        for _ in range(min(_VIEWS, len(moves.elements)) - 1):
            drawn = moves.draw(self._clusters, self._rng)
            views.append(View(self._features(moves.apply(self._samples, drawn).x), drawn))
        data = TaskData(
            self._phi,
            self._targets,
            self._functions.targets(moved),
            views,
            moves,
            self._clusters,
            self._halves,
            self._predictors,
        )
        return residual_test(data)

    def _loss_test(self, h_phi: Matrix, moved: Labelled, is_tested: NDArray[np.bool_]) -> float:
        """Return the p-value of a predictor's loss, which does not change if the law holds."""
        assert self._predictors is not None
        scored = self._halves[1]
        scored = scored[is_tested[scored]]
        predictor = self._predictors[0]
        errors = predictor(self._phi[scored]) - self._targets[scored]
        moved_errors = predictor(h_phi[scored]) - self._functions.targets(moved)[scored]
        change = np.square(moved_errors).sum(axis=1) - np.square(errors).sum(axis=1)
        change = np.clip(change, -_LARGEST_DIFFERENCE, _LARGEST_DIFFERENCE)
        clusters, _ = self._clusters.part(scored)
        sums = clusters.sums(change.astype(np.float32)).astype(np.float64)
        return mean_test(sums, random_signs(len(sums), self._rng))


class _LabelFunctions:
    """Functions of labels: of classes, which it is; of targets, waves over their ranks."""

    def __init__(self, aside: Labelled) -> None:
        self._n_classes = aside.n_classes
        if not self._n_classes:
            self._known = np.sort(aside.y, axis=0)
            spread = aside.y.std(axis=0, dtype=np.float64)
            self._spread = np.where(spread > 0, spread, 1.0)
            self._mean = aside.y.mean(axis=0, dtype=np.float64)

    def __call__(self, samples: Labelled) -> Matrix:
        """Return the functions, shape `(n, functions)`."""
        if self._n_classes:
            return np.asarray(np.eye(self._n_classes, dtype=np.float32)[samples.y])
        columns = []
        for known, values in zip(self._known.T, samples.y.T, strict=True):
            rank = np.searchsorted(known, values) / max(1, len(known))
            columns += [np.cos(np.pi * k * rank) for k in range(1, 1 + _WAVES)]
        return np.stack(columns, axis=1).astype(np.float32)

    def targets(self, samples: Labelled) -> NDArray[np.float64]:
        """Return labels as numbers in comparable units, shape `(n, outputs)`."""
        if self._n_classes:
            return np.asarray(np.eye(self._n_classes)[samples.y])
        return np.asarray((samples.y - self._mean) / self._spread, np.float64)
