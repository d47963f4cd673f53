"""Runs the tests of candidates on one data set."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.evidence.testing.clusters import Clusters
from autoequivariant.evidence.testing.copies import MOST_VALUES, MovedCopies
from autoequivariant.evidence.testing.decision import CandidateTests
from autoequivariant.evidence.testing.features import Features, Matrix
from autoequivariant.evidence.testing.labels import LabelFunctions
from autoequivariant.evidence.testing.law import LawData, Moved, law_test
from autoequivariant.evidence.testing.local_features import LocalFeatures, most_samples
from autoequivariant.evidence.testing.moves import Labelled, Moves, is_fixed
from autoequivariant.evidence.testing.pooled import Pooled, pooled_predictors
from autoequivariant.evidence.testing.predictors import Ridge
from autoequivariant.evidence.testing.products import with_products
from autoequivariant.evidence.testing.swap_test import FEWEST, mean_test, random_signs
from autoequivariant.evidence.testing.task import TaskData, TaskTest, View, residual_test
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.element import Element
from autoequivariant.groups.scale_classes import units_of

MOST_SAMPLES, MOST_OF_TASK = 5000, 3000
"""Samples that are tested, at most; the time grows with their number."""
LANDMARKS, LANDMARKS_OF_TASK = 256, 512
"""Landmarks of the features, at most; those of the exact tests are set aside."""
_ASIDE_ONE_IN = 8
_WIDTH, _WIDTH_OF_TASK = 0.5, 0.25  # of the kernels
_FEWEST_OF_TASK = 40  # pairs, for halves of 20
_VIEWS = 3  # random moves of each sample that predictions are averaged over, at most
_MOST_SIGNS = 4  # numbers of pairs whose signs are kept
_LEAST_EXPLAINED = 0.01  # squared correlation of predictions and labels
_CLEAR = 3.0  # standard errors
_LARGEST_DIFFERENCE = 3.0  # of losses, so that one sample does not decide


class Tester:
    """Samples in random order, their features, and predictors for all candidates.

    Args:
        x, y, n_classes, clusters: as in `direct_tests`.
        domain: of the samples.
        miss: probability with which a departure of the stated resolution may be missed.
        swaps: number of random swaps of the exact tests.
        seed: of all random draws.
        elements: generators of all candidates. None may be known from labels of these samples.
        categories: as in `Features`.
        looked_at: other samples, whose labels may have led to candidates. Predictors are fitted on
            them, so that all of `x` are tested. Default: on one half of `x`, and the other is.
    """

    def __init__(
        self,
        x: NDArray[Any],
        y: NDArray[Any],
        n_classes: int,
        clusters: NDArray[np.int64] | None,
        domain: Domain,
        miss: float,
        swaps: int,
        seed: int,
        elements: Sequence[Element],
        categories: Sequence[int] = (),
        looked_at: Labelled | None = None,
    ) -> None:
        self._seed, self._miss, self._swaps = seed, miss, swaps
        rng = np.random.default_rng([seed, 14])
        self._n, self._drawn, self._lock = len(y), dict[int, Matrix](), Lock()
        if self._is_tiny:
            return
        numbers = Clusters.of(clusters, len(y)).number
        rank = rng.permutation(int(numbers.max(initial=-1)) + 1)
        order = np.argsort(rank[numbers], kind="stable")  # clusters in random order
        count = min(LANDMARKS, len(order) // _ASIDE_ONE_IN)
        aside, kept = order[:count], order[count : count + MOST_SAMPLES]
        kept = kept[~np.isin(numbers[kept], numbers[aside])]

        def rows(chosen: NDArray[np.int64]) -> Matrix:
            return np.ascontiguousarray(x[chosen].reshape(len(chosen), -1), np.float32)

        self._copies = None
        if x.size <= MOST_VALUES:
            self._copies = MovedCopies.of(Labelled(rows(order), y[order], n_classes), rng)
        self._numbers = np.flatnonzero(np.isin(order, kept))  # of the tested samples among all
        landmarks = rows(aside)
        self._samples = Labelled(rows(kept), y[kept], n_classes)
        self._clusters = Clusters.of(numbers[kept], len(kept))
        by_value = domain.kind == "features"  # each column of a table has units of its own
        units = None if by_value else np.tile(units_of(domain), x.shape[1])
        self._features = Features(landmarks, by_value, _WIDTH, categories, units)
        self._phi = self._features(self._samples.x)
        self._local = None
        if domain.kind in ("sequence", "grid", "volume") and len(aside):  # it has neighbours
            self._local = LocalFeatures(landmarks, x.shape[1], x.shape[2:], rng)
            self._local_phi = self._local(self._samples.x[: most_samples(x.shape[2:])])
        self._aside = Labelled(landmarks, y[aside], n_classes)
        self._functions = LabelFunctions(self._aside, [one.outputs for one in elements])
        count = min(MOST_OF_TASK, len(kept))
        self._part = self._samples.rows(np.arange(count))
        self._part_clusters = Clusters(self._clusters.number[:count])
        self._halves = self._part_clusters.halves()
        self._predictor, self._is_predictable = None, False
        self._pooled: list[Pooled] = []
        self._scored = self._halves[1] if looked_at is None else np.arange(count)
        if len(self._part_clusters) >= _FEWEST_OF_TASK:
            fitted = looked_at or self._part.rows(self._halves[0])
            fitted = fitted.rows(np.arange(min(MOST_OF_TASK, len(fitted))))
            more = min(LANDMARKS_OF_TASK - len(aside), len(fitted))
            landmarks = np.concatenate([landmarks, fitted.x[:more]])
            self._task_features: Callable[[Matrix], Matrix]
            self._task_features = Features(landmarks, by_value, _WIDTH_OF_TASK, categories, units)
            self._targets = self._functions.targets(self._part)
            x, targets = fitted.x, self._functions.targets(fitted)
            if by_value:  # those that are set aside are few, but no test sees them
                x = np.concatenate([self._aside.x, x])
                targets = np.concatenate([self._functions.targets(self._aside), targets])
                is_number = np.array(categories or [0] * x.shape[1]) == 0
                self._task_features = with_products(self._task_features, x, targets, is_number)
            self._task_phi = self._task_features(self._part.x)
            self._predictor = Ridge.fit(self._task_features(x), targets)
            if by_value and not any(categories):
                self._pooled = pooled_predictors(x, targets, elements)
            self._is_predictable = self._explains(self._predictor, self._scored)

    def _explains(self, predictor: Ridge, rows: NDArray[np.int64]) -> bool:
        """Whether predictions and labels vary together, clearly and by more than a trace.

        By how much predictions vary does not matter, as a move shows by which of them change.
        """
        labels = self._targets[rows] - self._targets[rows].mean(axis=0)
        found = predictor(self._task_phi[rows])
        found -= found.mean(axis=0)
        shared = (labels * found).sum(axis=1)
        clusters, _ = self._part_clusters.part(rows)
        deviations = clusters.sums((shared - shared.mean()).astype(np.float32)).astype(np.float64)
        error = float(np.sqrt(np.square(deviations).sum())) / len(rows)
        whole = float(np.square(labels).sum(axis=1).mean() * np.square(found).sum(axis=1).mean())
        is_clear = shared.mean() > _CLEAR * error
        return bool(is_clear and np.square(shared.mean()) > _LEAST_EXPLAINED * whole)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_drawn": {}, "_lock": None}  # drawn again by whoever needs them

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _lock=Lock())

    @property
    def _is_tiny(self) -> bool:
        return self._n < FEWEST + FEWEST // _ASIDE_ONE_IN

    def test(self, name: str, generators: Sequence[Element]) -> CandidateTests:
        """Test the group that some elements generate; draws depend on the seed and the name.

        Several threads may test at once.
        """
        rng = np.random.default_rng([self._seed, zlib.crc32(name.encode())])
        if self._is_tiny:
            return CandidateTests(None, None, None, self._n)
        moves = Moves.of(generators, rng)
        if not moves.elements:
            return CandidateTests(None, None, None, 0)
        drawn = moves.draw(self._clusters, rng)
        moved = moves.apply(self._samples, drawn)
        is_moved = ~is_fixed(self._samples, moved)
        rows = np.flatnonzero(is_moved)
        clusters, _ = self._clusters.part(rows)
        copies = None
        if self._copies is not None:
            copies = self._copies.test(moved.rows(rows), self._numbers[rows])
        if len(clusters) < FEWEST:
            return CandidateTests(None, None, copies, len(clusters))
        features = self._features(moved.x[rows])
        pairs = LawData(
            self._kinds(moved.x, rows, features),
            self._functions(self._samples.rows(rows)),
            self._functions(moved.rows(rows)),
            clusters,
        )
        signs = self._signs(len(clusters))
        if self._predictor is None:
            law = law_test(pairs, self._miss, signs, None)
            return CandidateTests(law, None, copies, len(clusters), self._is_predictable)
        part = moved.rows(np.arange(len(self._part)))
        view = View(self._task_features(part.x), drawn[: len(part)])
        p = self._loss_p(self._predictor, view, part, is_moved[: len(part)], generators)
        law = law_test(pairs, self._miss, signs, p)
        features = features[rows < len(part)]
        task = self._task(self._predictor, moves, part, view, features, is_moved[: len(part)], rng)
        return CandidateTests(law, task, copies, len(clusters), self._is_predictable)

    def _kinds(self, moved: Matrix, rows: NDArray[np.int64], features: Matrix) -> list[Moved]:
        numbers = np.arange(len(rows))
        kinds = [Moved(self._phi[rows], features, numbers)]
        if self._local is not None:
            some = rows < len(self._local_phi)
            x = self._local_phi[rows[some]]
            kinds.append(Moved(x, self._local(moved[rows[some]]), numbers[some]))
        return kinds

    def _task(
        self,
        predictor: Ridge,
        moves: Moves,
        moved: Labelled,
        first: View,
        features: Matrix,
        is_moved: NDArray[np.bool_],
        rng: np.random.Generator,
    ) -> TaskTest | None:
        """Test the task on the samples that the candidate moves; None for too few of them.

        `features` are those of the moved ones.
        """
        rows = np.flatnonzero(is_moved)
        clusters, _ = self._part_clusters.part(rows)
        is_first = np.isin(rows, self._halves[0])
        halves = np.flatnonzero(is_first), np.flatnonzero(~is_first)
        if min(len(clusters.part(half)[0]) for half in halves) < FEWEST:
            return None
        views = [View(first.features[rows], first.drawn[rows])]
        for _ in range(min(_VIEWS, len(moves.elements)) - 1):
            drawn = moves.draw(self._part_clusters, rng)
            of_view = self._task_features(moves.apply(self._part, drawn).x[rows])
            views.append(View(of_view, drawn[rows]))
        data = TaskData(
            self._phi[rows],
            features,
            self._task_phi[rows],
            views,
            self._targets[rows],
            self._functions.targets(moved)[rows],
            moves,
            clusters,
            halves,
            predictor,
        )
        return residual_test(data, self._signs(len(clusters)), rng)

    def _signs(self, n: int) -> Matrix:
        """Return random signs, the same for every test of `n` pairs."""
        with self._lock:
            if n not in self._drawn:
                if len(self._drawn) == _MOST_SIGNS:
                    self._drawn.clear()
                rng = np.random.default_rng([self._seed, 15, n])
                self._drawn[n] = random_signs(n, rng, self._swaps)
            return self._drawn[n]

    def _loss_p(
        self,
        predictor: Ridge,
        view: View,
        moved: Labelled,
        is_moved: NDArray[np.bool_],
        generators: Sequence[Element],
    ) -> float:
        """Return the p-value of the loss of predictors on samples that they were not fitted on: it
        does not change if the law holds. The second one believes another candidate.
        """
        rows = self._scored[is_moved[self._scored]]
        if not len(rows):
            return 1.0
        predictions = [(predictor(self._task_phi[rows]), predictor(view.features[rows]))]
        others = (one for one in self._pooled if not all(map(one.is_left_by, generators)))
        if (other := next(others, None)) is not None:
            predictions.append((other(self._part.x[rows]), other(moved.x[rows])))
        clusters, _ = self._part_clusters.part(rows)
        labels, moved_labels = self._targets[rows], self._functions.targets(moved)[rows]
        changes = []
        for found, moved_found in predictions:
            change = np.square(moved_found - moved_labels).sum(axis=1)
            change -= np.square(found - labels).sum(axis=1)
            change = np.clip(change, -_LARGEST_DIFFERENCE, _LARGEST_DIFFERENCE)
            changes.append(clusters.sums(change.astype(np.float32)).astype(np.float64))
        return mean_test(changes, self._signs(len(clusters)))
