"""A search that knows the lattice: screen single symmetries, then go where a model sees promise."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState
from scipy.stats import norm
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct

from autoequivariant.searching.space import Space
from autoequivariant.training.child import Child

FloatArray = NDArray[np.float64]

MOST_FITTED = 400
"""Scored children that the model is fitted on at most: the best of them."""
_LEADERS = 12  # scored children whose joins are looked at where not all networks are listed
_RANDOM = 64  # random states that are looked at then


class LatticeSampler(BaseSampler):
    """Proposes the plain network, then each single symmetry, then what a model of them promises.

    The single symmetries come first as in the single-equivariance test of arXiv 2104.04848. Then a
    Gaussian process learns accuracy from a closed state's members and the logarithm of its number
    of weights: a linear part, because symmetries that help tend to help together, and a smooth one,
    because neighbours in the lattice are alike. The next proposal is the untrained child with the
    largest expected improvement (Jones, Schonlau and Welch, 1998), over what the model expects of
    the best that is scored and not over its score: scores are noisy, and the best one is best by
    luck, too (Picheny, Wagner and Ginsbourger, 2013). Proposals that are not scored yet count as if
    they had come out as expected, so that a batch is spread out.

    With a second objective, the number of weights to be minimised, a child's improvement is over
    the most accurate of those that are no larger: what it would add to the Pareto front.

    Args:
        space: what there is to propose. Where not all its networks are listed, joins of the leading
            states with each other and with single symmetries are looked at, and random ones.
        samples: number of samples that an accuracy is measured on: it decides how noisy it is.
        seed: decides which random states are looked at.
    """

    def __init__(self, space: Space, samples: int = 1000, seed: int = 0) -> None:
        self._space = space
        self._samples = samples
        self._seed = seed
        self._fitted: tuple[FloatArray, FloatArray, GaussianProcessRegressor] | None = None

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """All parameters are chosen together."""
        return dict(self._space.distributions)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return the point of the child to train next; the plain one where nothing is left."""
        unscreened = self.unscreened(study)
        if unscreened:
            return self._space.point(unscreened[0])
        scored, waiting = self._seen(study)
        pool = self._pool(scored, waiting)
        if not pool:
            return self._space.point(self._space.baseline)
        if not scored:  # nothing to learn from yet
            return self._space.point(pool[0])
        promise = self._promise(pool, scored, waiting, len(study.directions) > 1)
        return self._space.point(pool[int(promise.argmax())])

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Refuse a parameter that the space does not have."""
        raise ValueError(f"The space of this LatticeSampler has no parameter {param_name!r}.")

    def screening(self) -> list[Child]:
        """Return the plain network and that of each single symmetry, each once."""
        count = len(self._space.names)
        singles = [self._space.child({candidate}) for candidate in range(count)]
        return list(dict.fromkeys([self._space.baseline, *singles]))

    def unscreened(self, study: Study) -> list[Child]:
        """Return those of `screening` that were not proposed yet."""
        scored, waiting = self._seen(study)
        return [child for child in self.screening() if child not in scored and child not in waiting]

    def largest_promise(self, study: Study) -> float:
        """Return by how much any child is expected to improve on what is scored, in accuracy.

        Infinite as long as the single symmetries are not screened; 0 where nothing is left.
        """
        scored, waiting = self._seen(study)
        if any(child not in scored for child in self.screening()):
            return float("inf")
        pool = self._pool(scored, waiting)
        if not pool:
            return 0.0
        return float(self._promise(pool, scored, waiting, len(study.directions) > 1).max())

    def _seen(self, study: Study) -> tuple[dict[Child, float], list[Child]]:
        """Children with their accuracies, and those that are proposed and not scored."""
        sign = 1 if study.directions[0] == StudyDirection.MAXIMIZE else -1
        scored: dict[Child, float] = {}
        waiting: list[Child] = []
        states = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)
        trials = study.get_trials(deepcopy=False, states=states)
        whole = [trial for trial in trials if trial.state == TrialState.COMPLETE]
        for trial in trials:
            if any(name not in trial.params for name in self._space.distributions):
                continue
            child = self._space.child_at(trial.params)
            if trial.state == TrialState.RUNNING:
                waiting.append(child)
            elif trial.state == TrialState.COMPLETE:
                scored[child] = sign * trial.values[0]
            elif trial.last_step is not None and whole:
                scored[child] = sign * _expected_of_pruned(trial, whole, sign)
        return scored, [child for child in waiting if child not in scored]

    def _pool(self, scored: dict[Child, float], waiting: Sequence[Child]) -> list[Child]:
        """Children that may be proposed."""
        if self._space.enumeration.complete:
            pool = self._space.children
        else:
            pool = tuple(dict.fromkeys(self._neighbours(scored, len(scored) + len(waiting))))
        seen = {*scored, *waiting}
        return [child for child in pool if child not in seen]

    def _neighbours(self, scored: dict[Child, float], number: int) -> list[Child]:
        """Joins of the leading states, with each other and with single symmetries, and others."""
        leaders = sorted(scored, key=lambda child: -scored[child])[:_LEADERS]
        states = [frozenset(child.members) for child in leaders]
        singles = [frozenset({candidate}) for candidate in range(len(self._space.names))]
        joins = [a | b for a, b in combinations(states, 2)]
        joins += [state | single for state in states for single in singles]
        rng = np.random.default_rng((self._seed, number))
        bits = rng.random((_RANDOM, len(singles))) < rng.random((_RANDOM, 1)) / 2
        joins += [frozenset(np.flatnonzero(row).tolist()) for row in bits]
        return [self._space.child(s, width) for s in joins for width in self._space.widths]

    def _promise(
        self,
        pool: Sequence[Child],
        scored: dict[Child, float],
        waiting: Sequence[Child],
        has_sizes: bool,
    ) -> FloatArray:
        """The expected improvement of each child of the pool."""
        fitted = sorted(scored, key=lambda child: -scored[child])[:MOST_FITTED]
        x, y = self._features(fitted), np.array([scored[child] for child in fitted])
        spread = float(y.std()) or 1.0
        noise = (float((y * (1 - y)).clip(0).mean()) / self._samples + 1e-8) / spread**2
        model = self._model(x, y, noise)
        if waiting:
            expected = model.predict(self._features(waiting))
            y = np.concatenate([y, expected])
            x = np.concatenate([x, self._features(waiting)])
            model = _fit(x, y, noise, model)
        mean, deviation = model.predict(self._features(pool), return_std=True)
        level = model.predict(x)
        incumbent = np.full(len(pool), level.max())
        if has_sizes:
            known = np.array([self._space.count_parameters(c) for c in [*fitted, *waiting]])
            sizes = np.array([self._space.count_parameters(child) for child in pool])
            no_larger = known[None] <= sizes[:, None]
            incumbent = np.where(no_larger, level[None], level.min()).max(axis=1)
        deviation = np.maximum(deviation, 1e-12)
        above = (mean - incumbent) / deviation
        promise: FloatArray = deviation * (above * norm.cdf(above) + norm.pdf(above))
        return promise

    def _model(self, x: FloatArray, y: FloatArray, noise: float) -> GaussianProcessRegressor:
        """Fit a model, or return the last one: nothing is scored between proposals of a batch."""
        last = self._fitted
        if last is None or not (np.array_equal(last[0], x) and np.array_equal(last[1], y)):
            self._fitted = last = (x, y, _fit(x, y, noise))
        return last[2]

    def _features(self, children: Sequence[Child]) -> FloatArray:
        """Members as bits, and logarithms of size and width against the plain network's."""
        space = self._space
        found = np.zeros((len(children), len(space.names) + 2))
        plain = space.count_parameters(space.baseline)
        for row, child in zip(found, children, strict=True):
            row[list(child.members)] = 1
            row[-2] = np.log(space.count_parameters(child) / plain)
            row[-1] = np.log2(child.width / space.default_width)
        return found


def _fit(
    x: FloatArray, y: FloatArray, noise: float, like: GaussianProcessRegressor | None = None
) -> GaussianProcessRegressor:
    """Fit a Gaussian process to accuracies; `noise` is their variance over their spread's."""
    # What is not known yet varies at least as much as what is: single symmetries may all be poor
    # where two of them together are best. (Chosen on benchmarks/aen_table.)
    linear = ConstantKernel(1.0, (1e-2, 1e2)) * DotProduct(0.0, "fixed")
    smooth = ConstantKernel(1.0, (1.0, 1e2)) * RBF(2.0, (1.0, 3.0))
    kernel = linear + smooth if like is None else like.kernel_
    optimizer = "fmin_l_bfgs_b" if like is None else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a bound is as good as any
        model = GaussianProcessRegressor(kernel, alpha=noise, optimizer=optimizer, normalize_y=True)
        return model.fit(x, y)


def _expected_of_pruned(pruned: FrozenTrial, whole: Sequence[FrozenTrial], sign: int) -> float:
    """What a trial that was given up would have come to: the value of the complete one that is next
    below it at the same step, or the worst value where none is.

    Its own last value is one of fewer steps, and says nothing beside values of all of them.
    """
    step = int(pruned.last_step or 0)
    reached = sign * pruned.intermediate_values[step]
    pairs = [
        (sign * t.intermediate_values.get(step, t.values[0]), sign * t.values[0]) for t in whole
    ]
    below = [pair for pair in pairs if pair[0] <= reached]
    expected: float = max(below)[1] if below else min(final for _, final in pairs)
    return sign * expected
