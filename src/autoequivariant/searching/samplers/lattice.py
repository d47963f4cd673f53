"""The lattice search: screen the neighbours of the start, then follow a model of all scores."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

from autoequivariant.searching.samplers.sampler import BATCH_SIZE, SearchSampler, mixed_seed
from autoequivariant.searching.samplers.surrogate import FloatArray, Surrogate
from autoequivariant.searching.samplers.thompson import Thompson
from autoequivariant.searching.space import Space
from autoequivariant.training.child import Child

BATCH_AFTER_SCREENING = 4
"""Small, because each score helps to decide what is worth training next."""
MIN_IMPROVEMENT = 0.0002
"""The search stops once no network is expected to improve the score by this much: a fifth of one
sample in 1,000 (chosen on `benchmarks/aen_table`).
"""
NOTICEABLE = 0.25
"""Where something is known to hold, augmentations are searched, or states are drawn, the search
also stops once no network is expected to improve by this many standard errors of the best score:
the choice could not tell.
"""
MIN_SCREENINGS = 2
"""Where nothing is known to hold, it trains at least so many times as many networks as it screens:
single symmetries alone tell little about their joins.
"""
PROPOSALS_AT_ONCE = 16
"""Of a search without rounds, in which proposals must not take longer than trainings."""
_LEADERS = 12  # networks whose joins are candidates if not all networks are listed
_RANDOM = 64  # random states that are candidates then


class LatticeSampler(BaseSampler):
    """Proposes the baseline, the start and its neighbours, then the largest expected improvement.

    The start is the closure of what is known to hold (`Space.first`). If that is nothing, it is the
    baseline, and its neighbours are the single symmetries, as in the single-equivariance test of
    arXiv 2104.04848. Then a Gaussian process (`Surrogate`) learns from all scores. The next
    proposal is the untrained network with the largest expected improvement (Jones, Schonlau and
    Welch, 1998) over the best posterior mean. Not over the best score: scores are noisy, and the
    best is partly luck (Picheny, Wagner and Ginsbourger, 2013). Running trials count as if they had
    scored what the model expects, so that a batch spreads out.

    Where augmentations are searched after direct tests, proposals are neighbours of the leading
    network alone: augmentations are added and left out one at a time, not in all combinations.

    With a second objective, the number of parameters to be minimized, the improvement is over the
    best network with no more parameters: what a network adds to the Pareto front.

    Args:
        space: what to search. If not all networks are listed, proposals are drawn (`Thompson`);
            with two objectives, the candidates are then joins of the leading states, their
            neighbours, states that differ from one in two or three parameters, and random states.
        n_samples: number of samples behind each score: it sets the noise.
        seed: of the random states.
        at_once: number of proposals with the same random states, and share of new scores after
            which the kernel, or variances, are fitted again, `1 / at_once`. Default: 1, each time.
    """

    def __init__(
        self, space: Space, n_samples: int = 1000, seed: int = 0, at_once: int = 1
    ) -> None:
        self._space = space
        self._seed = seed
        self._n_samples = n_samples
        self._at_once = at_once
        growth = 1.0 if at_once == 1 else 1 + 1 / at_once
        self._surrogate = Surrogate(space, n_samples, growth)
        self._thompson = Thompson(space, n_samples, seed, growth)
        self._last: tuple[object, FloatArray] | None = None

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return all parameters: they are chosen together."""
        return dict(self._space.distributions)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return the parameters of the next network; the baseline's if none is left."""
        unscreened = self.unscreened(study)
        if unscreened:
            return self._space.point(unscreened[0])
        scored, running = self._seen(study)
        if scored and self._is_unlisted(study):
            found = self._thompson.propose(scored, running)
            if found is not None:
                return self._space.point(found)
        pool = self._pool(scored, running)
        if not pool:
            return self._space.point(self._space.baseline)
        if not scored:  # nothing to learn from yet
            return self._space.point(pool[0])
        best = self._improvement(study, pool, scored, running).argmax()
        return self._space.point(pool[int(best)])

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Refuse a parameter that is not in the space."""
        raise ValueError(f"The space of this LatticeSampler has no parameter {param_name!r}.")

    def screening(self) -> list[Child]:
        """Return the baseline, the start and its neighbours."""
        return list(self._space.first)

    def least(self) -> int:
        """Return how many networks to train before the search may end."""
        is_screened = self._space.holding or self._space.one_at_a_time
        return (1 if is_screened else MIN_SCREENINGS) * len(self.screening())

    def unscreened(self, study: Study) -> list[Child]:
        """Return those of `screening` that have not been proposed."""
        scored, running = self._seen(study)
        return [child for child in self.screening() if child not in scored and child not in running]

    def largest_improvement(self, study: Study) -> float:
        """Return the largest improvement of the score that is expected of any network.

        Where states are drawn, it is how far the best of all is expected to be ahead. Infinity
        until all of `screening` is scored; 0 if no network is left.
        """
        scored, running = self._seen(study)
        if any(child not in scored for child in self.screening()):
            return float("inf")
        if self._is_unlisted(study):
            return self._thompson.expected_gain(scored, running)
        pool = self._pool(scored, running)
        if not pool:
            return 0.0
        return float(self._improvement(study, pool, scored, running).max())

    def least_improvement(self, study: Study) -> float:
        """Return the expected improvement below which the search ends."""
        is_screened = self._space.holding or self._space.one_at_a_time
        if not is_screened and not self._is_unlisted(study):
            return MIN_IMPROVEMENT
        best = max(self._seen(study)[0].values(), default=0.0)
        error = math.sqrt(max(best * (1 - best), 0.0) / self._n_samples)
        return max(MIN_IMPROVEMENT, NOTICEABLE * error)

    def _is_unlisted(self, study: Study) -> bool:
        """Whether states are drawn, because they are too many to list."""
        space = self._space
        is_listed = space.enumeration.complete or space.one_at_a_time
        return not is_listed and len(study.directions) == 1

    def _improvement(
        self,
        study: Study,
        pool: Sequence[Child],
        scored: Mapping[Child, float],
        running: Sequence[Child],
    ) -> FloatArray:
        given = list(pool), dict(scored), list(running)
        if self._last is None or self._last[0] != given:  # whether to end, and what to propose
            has_two_objectives = len(study.directions) > 1
            expected = self._surrogate.expected_improvement(*given, has_two_objectives)
            self._last = given, expected
        return self._last[1]

    def _seen(self, study: Study) -> tuple[dict[Child, float], list[Child]]:
        """Return networks with their scores, larger being better, and those still running."""
        sign = 1 if study.directions[0] == StudyDirection.MAXIMIZE else -1
        scored: dict[Child, float] = {}
        running: list[Child] = []
        states = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)
        trials = study.get_trials(deepcopy=False, states=states)
        complete = [trial for trial in trials if trial.state == TrialState.COMPLETE]
        for trial in trials:
            if any(name not in trial.params for name in self._space.distributions):
                continue
            child = self._space.child_at(trial.params)
            if trial.state == TrialState.RUNNING:
                running.append(child)
            elif trial.state == TrialState.COMPLETE:
                scored[child] = sign * trial.values[0]
            elif trial.last_step is not None and complete:
                scored[child] = _expected_score(trial, complete, sign)
        return scored, [child for child in running if child not in scored]

    def _pool(self, scored: Mapping[Child, float], running: Sequence[Child]) -> list[Child]:
        """Return the networks that may be proposed."""
        seen = {*scored, *running}
        pool: Sequence[Child] = []
        if self._space.one_at_a_time:
            if scored:
                pool = self._space.neighbours_of(max(scored, key=scored.__getitem__))
        elif self._space.enumeration.complete:
            pool = self._space.children
        else:
            pool = list(dict.fromkeys(self._neighbours(scored, len(scored) + len(running))))
        return [child for child in pool if child not in seen]

    def _neighbours(self, scored: Mapping[Child, float], number: int) -> list[Child]:
        """Return joins of leading states, their neighbours, states in which a few parameters of one
        differ, and random states.
        """
        leaders = sorted(scored, key=lambda child: -scored[child])[:_LEADERS]
        states = [frozenset(child.members) for child in leaders]
        found = [a | b for a, b in combinations(states, 2)]
        found += [
            frozenset(one.members)
            for leader in leaders
            for one in self._space.neighbours_of(leader)
        ]
        rng = np.random.default_rng((self._seed, number // self._at_once))
        numbers = np.array(self._space.numbers, int)
        bits = rng.random((_RANDOM, len(numbers))) < rng.random((_RANDOM, 1)) / 2
        found += [frozenset(numbers[row].tolist()) for row in bits]
        for _ in range(_RANDOM if states else 0):
            state = states[rng.integers(len(states))]
            few = min(int(rng.integers(2, 4)), len(numbers))
            found.append(state ^ frozenset(rng.choice(numbers, few, replace=False).tolist()))
        return [self._space.child(s, width) for s in found for width in self._space.widths]


class Lattice(SearchSampler[LatticeSampler]):
    """Screens in large batches and continues in small ones until little improvement is expected."""

    def make(self, space: Space, seed: int, round_number: int, n_samples: int) -> LatticeSampler:
        """Return the sampler of one round."""
        return LatticeSampler(space, n_samples, mixed_seed(seed, round_number))

    def make_for_continuous(self, space: Space, seed: int, n_samples: int) -> LatticeSampler:
        """Return a sampler that is asked often: it learns its kernel less often."""
        return LatticeSampler(space, n_samples, seed, PROPOSALS_AT_ONCE)

    def batch_size(self, sampler: LatticeSampler, study: Study) -> int:
        """Return how many networks are left to screen; afterwards `BATCH_AFTER_SCREENING`."""
        return min(BATCH_SIZE, len(sampler.unscreened(study)) or BATCH_AFTER_SCREENING)

    def has_converged(self, sampler: LatticeSampler, study: Study, n_trained: int) -> bool:
        """Return whether every network is expected to improve by too little."""
        if n_trained < sampler.least():
            return False
        return sampler.largest_improvement(study) < sampler.least_improvement(study)


def _expected_score(pruned: FrozenTrial, complete: Sequence[FrozenTrial], sign: int) -> float:
    """Return what a pruned trial would have scored.

    That is the final score of the complete trial that was next below it at the same step; the worst
    final score if none was. Its own last score came too early to compare with final ones.
    """
    step = int(pruned.last_step or 0)
    reached = sign * pruned.intermediate_values[step]
    pairs = [
        (sign * t.intermediate_values.get(step, t.values[0]), sign * t.values[0]) for t in complete
    ]
    below = [pair for pair in pairs if pair[0] <= reached]
    expected: float = max(below)[1] if below else min(final for _, final in pairs)
    return expected
