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
from autoequivariant.evidence.testing.law import LawData, Moved, law_test
from autoequivariant.evidence.testing.local_features import LocalFeatures, most_samples
from autoequivariant.evidence.testing.moves import Element, Labelled, Moves, is_fixed
from autoequivariant.evidence.testing.predictors import Ridge
from autoequivariant.evidence.testing.products import with_products
from autoequivariant.evidence.testing.swap_test import FEWEST, mean_test, random_signs
from autoequivariant.evidence.testing.task import TaskData, TaskTest, View, residual_test
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.permutation import Permutation
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
_WAVES = 3  # functions of a target
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
        outputs: actions of all candidates on outputs.
        categories: as in `Features`.
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
        outputs: Sequence[Permutation],
        categories: Sequence[int] = (),
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
        self._functions = _LabelFunctions(self._aside, outputs)
        count = min(MOST_OF_TASK, len(kept))
        self._part = self._samples.rows(np.arange(count))
        self._part_clusters = Clusters(self._clusters.number[:count])
        self._halves = self._part_clusters.halves()
        self._predictor, self._is_predictable = None, False
        first = self._halves[0]
        if len(self._part_clusters) >= _FEWEST_OF_TASK:
            more = min(LANDMARKS_OF_TASK - len(aside), len(first))
            landmarks = np.concatenate([landmarks, self._samples.x[first[:more]]])
            self._task_features: Callable[[Matrix], Matrix]
            self._task_features = Features(landmarks, by_value, _WIDTH_OF_TASK, categories, units)
            self._targets = self._functions.targets(self._part)
            x, targets = self._part.x[first], self._targets[first]
            if by_value:  # those that are set aside are few, but no test sees them
                x = np.concatenate([self._aside.x, x])
                targets = np.concatenate([self._functions.targets(self._aside), targets])
                is_number = np.array(categories or [0] * x.shape[1]) == 0
                self._task_features = with_products(self._task_features, x, targets, is_number)
            self._task_phi = self._task_features(self._part.x)
            self._predictor = Ridge.fit(self._task_features(x), targets)
            self._is_predictable = self._explains(self._predictor, self._halves[1])

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
        p = self._loss_test(self._predictor, view, part, is_moved[: len(part)])
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

    def _loss_test(
        self, predictor: Ridge, view: View, moved: Labelled, is_moved: NDArray[np.bool_]
    ) -> float:
        """Return the p-value of the loss of a predictor fitted on the first half, on the other:
        it does not change if the law holds.
        """
        rows = self._halves[1]
        rows = rows[is_moved[rows]]
        if not len(rows):
            return 1.0
        errors = predictor(self._task_phi[rows]) - self._targets[rows]
        moved_errors = predictor(view.features[rows]) - self._functions.targets(moved)[rows]
        change = np.square(moved_errors).sum(axis=1) - np.square(errors).sum(axis=1)
        change = np.clip(change, -_LARGEST_DIFFERENCE, _LARGEST_DIFFERENCE)
        clusters, _ = self._part_clusters.part(rows)
        sums = clusters.sums(change.astype(np.float32)).astype(np.float64)
        return mean_test(sums, self._signs(len(sums)))


class _LabelFunctions:
    """Functions of labels: of classes, which it is; of targets, waves over their ranks.

    Args:
        aside: samples that no test sees.
        outputs: actions on outputs. Targets that they exchange have one unit, and none is centred,
            so that actions on targets are actions on these numbers.
    """

    def __init__(self, aside: Labelled, outputs: Sequence[Permutation]) -> None:
        self._n_classes = aside.n_classes
        if not self._n_classes:
            self._known = np.sort(aside.y, axis=0)
            square = aside.y.var(axis=0, dtype=np.float64)
            for _ in range(len(square)):
                for action in outputs:
                    square = np.maximum(square, np.abs(action.apply(square[np.newaxis])[0]))
            self._spread = np.sqrt(np.where(square > 0, square, 1.0))

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
        return np.asarray(samples.y / self._spread, np.float64)
