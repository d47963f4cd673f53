"""The sampler: reads the study, learns from its scores, and walks to a new state."""

from __future__ import annotations

import math
import threading
import zlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.search_space import intersection_search_space
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

from autoequivariant.searching.samplers.dqn.agent import Agent
from autoequivariant.searching.samplers.dqn.learner import Learning
from autoequivariant.searching.samplers.dqn.moves import Moves, State
from autoequivariant.searching.samplers.dqn.records import Records, read_records
from autoequivariant.searching.samplers.dqn.reward import EPSILON, REWARDS, epsilon_after
from autoequivariant.searching.samplers.dqn.walk import next_state
from autoequivariant.searching.samplers.sampler import SearchSampler, mixed_seed
from autoequivariant.searching.space import Space

_LEARNING = Learning()


class DQNSampler(BaseSampler):
    """Proposes states by deep Q-learning, as arXiv 2104.04848 searches for a group.

    The base state, where all parameters are off, comes first. Every further proposal ends a walk:
    an episode of up to `episode` steps from the base state, each of which changes one parameter, at
    random with probability epsilon, otherwise by the Q-network. States that are scored or running
    are walked through for free; the first other state is proposed. So proposals are distinct, even
    within a batch. If an episode reaches no new state, the proposal is the best new state one step
    off the walk by the Q-network (unlike the paper: greedy walks soon alternate between the best
    states), else a random new state, else any state.

    The sampler keeps nothing that the study does not hold, except to save time: on one machine, the
    same seed and study give the same proposals, also after a restart. With the defaults a proposal
    takes 10 to 50 ms on one core, and resuming a study of any length a few hundred.

    Numerical parameters, and those that some scored trial lacks, are drawn at random. A failed
    trial counts as not proposed, until three of the same state failed. The score of a pruned trial
    is its last intermediate value, if there is one.

    Args:
        search_space: the parameters; categorical ones are searched. Default: those that all
            finished trials share, so the first trial is random.
        canonical: maps the parameters of a state to a key that equivalent states share, such as
            `lambda point: space.child_at(point).key`. Default: all states are distinct.
        reward: `stable` for `stable_reward`, or `paper` for the paper's literal `paper_reward`. If
            the study minimizes, scores are negated.
        points: points of reward in a score of 1: the paper counts accuracy in percentage points.
            For another objective, choose it so that good and bad states differ by 1 to 50 points.
        epsilon: (scored states, epsilon from then on), starting at 0. Default: `EPSILON`;
            `PAPER_EPSILON` is that of the published code.
        episode: steps of one walk. Default: 100, as in the paper, whose walks continue from the
            last trained state; here each starts anew, because the study does not hold its position.
        learning: how the Q-network learns.
        seed: of all random numbers. Default: a new one each time.

    Raises:
        ValueError: an argument is invalid, or a study has more than one objective.
    """

    def __init__(
        self,
        search_space: Mapping[str, BaseDistribution] | None = None,
        *,
        canonical: Callable[[dict[str, Any]], Hashable] | None = None,
        reward: str = "stable",
        points: float = 100.0,
        epsilon: Sequence[tuple[int, float]] = EPSILON,
        episode: int = 100,
        learning: Learning = _LEARNING,
        seed: int | None = None,
    ) -> None:
        _check(reward, points, epsilon, episode)
        self._search_space = None if search_space is None else _categorical(search_space)
        self._canonical = canonical
        self._reward = REWARDS[reward]
        self._points = points
        self._epsilon = tuple(epsilon)
        self._episode = episode
        self._learning = learning
        self._seed = int(np.random.SeedSequence(seed).entropy)  # type: ignore[arg-type]
        self._moves = Moves({})
        self._agent: Agent | None = None
        # By study and trial, what other threads proposed and the study may not hold yet.
        self._underway: dict[str, dict[int, dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock = threading.Lock()

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return the parameters that are searched."""
        if self._search_space is not None:
            return dict(self._search_space)
        return dict(_categorical(intersection_search_space(study.get_trials(deepcopy=False))))

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return the parameters of the next state, and random values of numerical ones."""
        _check_objectives(study)
        searched = _categorical(search_space)
        others = {
            name: self.sample_independent(study, trial, name, distribution)
            for name, distribution in search_space.items()
            if name not in searched
        }
        if not searched:
            return others
        with self._lock:
            moves = self._moves_of(searched)
            trials = [t for t in study.get_trials(deepcopy=False) if t.number != trial.number]
            sign = 1 if study.direction == StudyDirection.MAXIMIZE else -1
            underway = self._underway.setdefault(study.study_name, {})
            records = read_records(trials, moves, sign, underway)
            earlier = sum(t.number < trial.number and t.state != TrialState.FAIL for t in trials)
            rng = np.random.default_rng((self._seed, earlier))
            point = moves.point(self._propose(moves, records, rng))
            underway[trial.number] = point
        return {**others, **point}

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Return a random value of a parameter that is not searched."""
        _check_objectives(study)
        seed = mixed_seed(self._seed, trial.number, zlib.crc32(param_name.encode()))
        sampler = RandomSampler(seed)
        return sampler.sample_independent(study, trial, param_name, param_distribution)

    def _moves_of(self, searched: Mapping[str, CategoricalDistribution]) -> Moves:
        if list(searched.items()) != list(self._moves.distributions.items()):
            self._moves = Moves(searched, self._canonical)
        return self._moves

    def _propose(self, moves: Moves, records: Records, rng: np.random.Generator) -> State:
        if moves.key(moves.base) not in records.taken:
            return moves.base
        agent = self._agent_for(moves, records)
        epsilon = epsilon_after(len(records.scores), self._epsilon)
        return next_state(agent, records.taken, epsilon, self._episode, rng)

    def _agent_for(self, moves: Moves, records: Records) -> Agent:
        """Return an agent that learned from all of these scores."""
        agent, baseline = self._agent, records.baseline(moves.key(moves.base))
        if (
            agent is None
            or agent.moves is not moves
            or not agent.has_learned_from(baseline, records.scores)
        ):
            agent = Agent(moves, baseline, self._reward_of, self._learning, self._seed)
        agent.learn(records.scores)
        self._agent = agent
        return agent

    def _reward_of(self, difference: float) -> float:
        return self._reward(self._points * difference)


class DQN(SearchSampler[DQNSampler]):
    """Deep Q-learning, with equal networks counted as one state."""

    max_objectives = 1

    def make(self, space: Space, seed: int, round_number: int, n_samples: int) -> DQNSampler:
        """Return the sampler of one round."""
        return DQNSampler(
            space.distributions,
            canonical=lambda point: space.child_at(point).key,
            seed=mixed_seed(seed, round_number),
        )


def _categorical(
    search_space: Mapping[str, BaseDistribution],
) -> dict[str, CategoricalDistribution]:
    return {
        name: distribution
        for name, distribution in search_space.items()
        if isinstance(distribution, CategoricalDistribution) and not distribution.single()
    }


def _check_objectives(study: Study) -> None:
    if len(study.directions) > 1:
        raise ValueError(
            f"DQNSampler handles one objective, and this study has {len(study.directions)}: "
            "use TPESampler or NSGAIISampler."
        )


def _check(reward: str, points: float, epsilon: Sequence[tuple[int, float]], episode: int) -> None:
    troubles = []
    if reward not in REWARDS:
        troubles.append(f"reward must be one of {', '.join(REWARDS)}; got {reward!r}")
    if not 0 < points < math.inf:
        troubles.append(f"points must be positive and finite; got {points}")
    models = [models for models, _ in epsilon]
    if models[:1] != [0] or models != sorted(models):
        troubles.append("epsilon must hold (scored states, epsilon) in ascending order from 0")
    if not all(0 <= value <= 1 for _, value in epsilon):
        troubles.append("epsilon must hold probabilities")
    if episode < 1:
        troubles.append(f"episode must be 1 or more; got {episode}")
    if troubles:
        raise ValueError(f"DQNSampler: {'; '.join(troubles)}.")
