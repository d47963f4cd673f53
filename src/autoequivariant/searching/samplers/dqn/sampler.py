"""The sampler: walks through what is known to what is new."""

from __future__ import annotations

import math
import threading
import zlib
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.search_space import intersection_search_space
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

from autoequivariant.searching.samplers.dqn.agent import Agent, Records, Score, mixed_seed
from autoequivariant.searching.samplers.dqn.learner import Learning
from autoequivariant.searching.samplers.dqn.moves import Moves, State
from autoequivariant.searching.samplers.dqn.reward import EPSILON, REWARDS, epsilon_after

_RANDOM = 256  # random states to look at where there is nothing new along a walk
_MOST_VISITED = 10_000  # states to visit where those are not new either
_MOST_FAILURES = 3  # of a state, after which it is not proposed again

_LEARNING = Learning()


class DQNSampler(BaseSampler):
    """Proposes states by deep Q-learning, as arXiv 2104.04848 searches for a group.

    The base state, where all is off, comes first. Every further proposal is the end of a walk: an
    episode of up to `episode` steps begins at the base state; each step changes one parameter, at
    random with probability epsilon, otherwise as the Q-network finds best. States that are scored,
    or proposed and not scored yet, cost nothing and are walked through; the first that is neither
    is proposed. So proposals are new and distinct, also where many are asked for before any is
    scored. Where an episode comes to nothing new, it is the best new state a step away from it, by
    the Q-network (that is ours: greedy walks soon go back and forth between the best states);
    where there is none, a random new state; and where nothing at all is new, any state.

    It keeps nothing that the study does not hold: the same seed and the same study lead to the same
    proposals, whether this sampler has run all along or was made just now (on the same machine;
    another may round differently). What it learned is kept only to save time.

    With the defaults a proposal takes 10 to 50 ms on one core, and taking up a study of any length
    a few hundred.

    Parameters of numbers, and those that not every scored trial of the study has, are drawn at
    random. A failed trial counts as not proposed, until three of the same state failed; a pruned
    one has its last intermediate value as its score, if it has one.

    Args:
        search_space: the parameters; those that are categorical are searched. Default: those that
            all finished trials have, so the first trial is drawn at random.
        canonical: from the parameters of a state, what is the same for states that are one, such
            as `lambda point: space.child_at(point).key`. Default: all are distinct.
        reward: `stable` for `stable_reward`, or `paper` for `paper_reward`: the paper's literal
            form. A study that minimises has its scores negated.
        points: how many points of reward a score of 1 is: the paper counts accuracy in percentage
            points. For an objective that is no accuracy, choose it so that good and bad states
            differ by some 1 to 50 points.
        epsilon: (scored states, epsilon from then on), beginning with 0. Default: `EPSILON`;
            `PAPER_EPSILON` is the published code's.
        episode: steps of one walk. Default: 100, the paper's. The paper goes on from the state
            that it trained; here a walk begins anew, because the study does not hold how far one
            had come.
        learning: how the Q-network learns; the defaults and their sources are there.
        seed: of everything random. Default: another each time.

    Raises:
        ValueError: an argument cannot be used, or a study has more than one objective.
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
        self._underway: dict[tuple[str, int], dict[str, Any]] = {}
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
        return dict(self._searched_in(study))

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return the parameters of the next state, and random values for numbers."""
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
            records = self._read(study, trials, moves)
            earlier = sum(t.number < trial.number and t.state != TrialState.FAIL for t in trials)
            rng = np.random.default_rng((self._seed, earlier))
            point = moves.point(self._propose(moves, records, rng))
            self._underway[study.study_name, trial.number] = point
        return {**others, **point}

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Return a random value for a parameter that is not searched."""
        _check_objectives(study)
        seed = mixed_seed(self._seed, trial.number, zlib.crc32(param_name.encode()))
        sampler = RandomSampler(seed)
        return sampler.sample_independent(study, trial, param_name, param_distribution)

    def _searched_in(self, study: Study) -> dict[str, CategoricalDistribution]:
        if self._search_space is not None:
            return self._search_space
        return _categorical(intersection_search_space(study.get_trials(deepcopy=False)))

    def _moves_of(self, searched: Mapping[str, CategoricalDistribution]) -> Moves:
        if list(searched.items()) != list(self._moves.distributions.items()):
            self._moves = Moves(searched, self._canonical)
        return self._moves

    def _read(self, study: Study, trials: Sequence[FrozenTrial], moves: Moves) -> Records:
        """Return what the trials say of states."""
        sign = 1 if study.direction == StudyDirection.MAXIMIZE else -1
        records = Records()
        failures: Counter[Hashable] = Counter()
        scored: set[Hashable] = set()
        for trial in sorted(trials, key=lambda t: (t.datetime_complete or datetime.max, t.number)):
            # Another thread may have been given a state that its trial does not hold yet.
            underway = self._underway.get((study.study_name, trial.number), {})
            is_running = trial.state == TrialState.RUNNING
            state = moves.state({**underway, **trial.params} if is_running else trial.params)
            if state is None or trial.state == TrialState.WAITING:
                continue
            key = moves.key(state)
            value = _value(trial)
            if trial.state == TrialState.FAIL:
                failures[key] += 1
            else:
                records.taken.add(key)
            if value is not None and key not in scored:
                scored.add(key)
                records.scores.append(Score(state, key, sign * value))
        records.taken |= {key for key, count in failures.items() if count >= _MOST_FAILURES}
        return records

    def _propose(self, moves: Moves, records: Records, rng: np.random.Generator) -> State:
        if moves.key(moves.base) not in records.taken:
            return moves.base
        agent = self._agent_for(moves, records)
        epsilon = epsilon_after(len(records.scores), self._epsilon)
        walked = [moves.base]
        for state in _walk(agent, epsilon, self._episode, rng):
            if moves.key(state) not in records.taken:
                return state
            walked.append(state)
        found = _best_new(agent, walked, records.taken)
        return found or _random_new(moves, records.taken, rng)

    def _agent_for(self, moves: Moves, records: Records) -> Agent:
        """Return the agent that learned from these records."""
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


def _walk(agent: Agent, epsilon: float, steps: int, rng: np.random.Generator) -> Iterator[State]:
    """One episode: the states that it comes to."""
    state = agent.moves.base
    for _ in range(steps):
        is_random = rng.random() < epsilon
        action = int(rng.integers(len(agent.moves.actions))) if is_random else agent.greedy(state)
        state = agent.moves.step(state, action)
        yield state


def _best_new(agent: Agent, walked: Sequence[State], taken: set[Hashable]) -> State | None:
    """Return the new state that is the best step from states of a walk."""
    moves = agent.moves
    found = [
        (value, reached)
        for state in dict.fromkeys(walked)
        for action, value in enumerate(agent.values(state))
        if moves.key(reached := moves.step(state, action)) not in taken
    ]
    return max(found)[1] if found else None


def _random_new(moves: Moves, taken: set[Hashable], rng: np.random.Generator) -> State:
    """Return a random new state; a random one where there is none."""
    for _ in range(_RANDOM):
        state = moves.random(rng)
        if moves.key(state) not in taken:
            return state
    return _nearest_new(moves, taken) or state


def _nearest_new(moves: Moves, taken: set[Hashable]) -> State | None:
    """Return the new state that is the fewest steps from the base state, through known ones."""
    seen = {moves.base}
    waiting = deque(seen)
    while waiting and len(seen) < _MOST_VISITED:
        state = waiting.popleft()
        for action in range(len(moves.actions)):
            reached = moves.step(state, action)
            if moves.key(reached) not in taken:
                return reached
            if reached not in seen:
                seen.add(reached)
                waiting.append(reached)
    return None


def _value(trial: FrozenTrial) -> float | None:
    """Return a trial's score as it was told; None where it has none."""
    if trial.state == TrialState.COMPLETE:
        return trial.value
    if trial.state == TrialState.PRUNED and trial.last_step is not None:
        value = trial.intermediate_values[trial.last_step]
        return None if math.isnan(value) else value
    return None


def _categorical(
    search_space: Mapping[str, BaseDistribution],
) -> dict[str, CategoricalDistribution]:
    """Return the parameters that a state is made of."""
    return {
        name: distribution
        for name, distribution in search_space.items()
        if isinstance(distribution, CategoricalDistribution) and not distribution.single()
    }


def _check_objectives(study: Study) -> None:
    if len(study.directions) > 1:
        raise ValueError(
            f"DQNSampler knows one objective only, and this study has {len(study.directions)}: "
            "use TPESampler or NSGAIISampler."
        )


def _check(reward: str, points: float, epsilon: Sequence[tuple[int, float]], episode: int) -> None:
    troubles = []
    if reward not in REWARDS:
        troubles.append(f"reward must be one of {', '.join(REWARDS)}, not {reward!r}")
    if not 0 < points < math.inf:
        troubles.append(f"points must be more than 0, not {points}")
    models = [models for models, _ in epsilon]
    if models[:1] != [0] or models != sorted(models):
        troubles.append("epsilon must hold (scored states, epsilon) in ascending order from 0 on")
    if not all(0 <= value <= 1 for _, value in epsilon):
        troubles.append("epsilon must hold probabilities")
    if episode < 1:
        troubles.append(f"episode must be 1 or more, not {episode}")
    if troubles:
        raise ValueError(f"DQNSampler: {'; '.join(troubles)}.")
