"""Deep Q-learning over on/off parameters, as arXiv 2104.04848 (below: the paper) searches.

A state says which parameters are on, and an action flips one. The reward of a step is how much
better the state that it leads to scores than the base state, where all is off. A Q-network learns
from a memory of such steps what each flip is worth, and walks from the base state until it comes to
a state that was not proposed before: the next proposal.
"""

from __future__ import annotations

import math
import threading
import zlib
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.search_space import intersection_search_space
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState
from torch import Tensor, nn

State = tuple[int, ...]
"""The number of each parameter's choice; 0 is off."""

_MODELS = (0, 200, 300, 400, 500, 600, 700, 800, 900, 950, 1000, 1200)
_LEVELS = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.01)
PAPER_EPSILON = tuple(zip(_MODELS, _LEVELS, strict=True))
"""(Models trained, epsilon from then on): the paper's published code, for at most 1,000 models."""
EPSILON = tuple((models // 40, epsilon) for models, epsilon in PAPER_EPSILON)
"""The paper's levels, forty times as fast. That is ours: of the paper's 4,096 states only 216 are
distinct networks, and by the time that its code begins to learn from them most would be trained.
"""

_LARGEST = float(np.finfo(np.float32).max)  # the Q-network computes in float32
_RANDOM = 256  # random states to look at where there is nothing new along a walk
_MOST_VISITED = 10_000  # states to visit where those are not new either
_MOST_FAILURES = 3  # of a state, after which it is not proposed again


def epsilon_after(models: int, schedule: Sequence[tuple[int, float]] = EPSILON) -> float:
    """Return how often a step is random once so many models are trained."""
    return [epsilon for needed, epsilon in schedule if needed <= models][-1]


def paper_reward(difference: float) -> float:
    """The paper's reward: `d exp(|d|)`, for a score that is `d` points over the base state's.

    What float32 cannot hold, from 84 points on, becomes the largest number that it can.
    """
    size = abs(difference)
    return math.copysign(min(size * math.exp(min(size, 100.0)), _LARGEST), difference)


def stable_reward(difference: float) -> float:
    """The paper's reward on a logarithmic scale: `sign(d) log(1 + |d| exp(|d|))`.

    Same sign and same order; about `d` near 0 and `|d| + log |d|` far from it, so it does not
    overflow, and a network can learn it.
    """
    size = abs(difference)
    if size == 0:
        return 0.0
    exponent = min(size + math.log(size), _LARGEST)
    grown = max(exponent, 0.0) + math.log1p(math.exp(-abs(exponent)))
    return math.copysign(grown, difference)


_REWARDS = {"stable": stable_reward, "paper": paper_reward}


@dataclass(frozen=True)
class Learning:
    """How the Q-network learns. Where it is not said, a default is that of the paper's published
    code (`MNIST DQN/gnas_fcc_MNIST.py`).

    Attributes:
        discount: what a reward one step later is worth.
        memory: most steps that are remembered; the oldest are forgotten.
        batch: steps of the memory that one gradient step learns from; where there are fewer, all.
        hidden: widths of the hidden layers, each with a ReLU.
        learning_rate: of Adam; the loss is Huber's (smooth L1).
        target_every: states that are scored between copies of the Q-network to the target network.
        steps: gradient steps for each state that is scored. Default: 3, and as many after resets:
            the six that 60 episodes of 100 steps are for each of the published code's 1,000 models.
        reset_every: states that are scored between resets: the network starts anew and learns from
            its memory what it would learn in this time. That is ours: it unlearns early habits
            (Nikishin et al., arXiv 2205.07802), and a study that is taken up again needs no more
            than `2 steps reset_every` gradient steps, however long it is.
    """

    discount: float = 0.5
    memory: int = 10_000
    batch: int = 128
    hidden: tuple[int, ...] = (400, 400, 400)
    learning_rate: float = 1e-3
    target_every: int = 2
    steps: int = 3
    reset_every: int = 16

    def __post_init__(self) -> None:
        counts = ("memory", "batch", "target_every", "steps", "reset_every")
        troubles = [f"{name} must be 1 or more" for name in counts if getattr(self, name) < 1]
        if any(width < 1 for width in self.hidden):
            troubles.append("hidden must hold widths of 1 or more")
        if not 0 <= self.discount < 1:
            troubles.append("discount must be from 0 to below 1")
        if not 0 < self.learning_rate < math.inf:
            troubles.append("learning_rate must be more than 0")
        if troubles:
            raise ValueError(f"{self} cannot be used: {'; '.join(troubles)}.")


class Transition(NamedTuple):
    """One step: states are as the network reads them."""

    state: tuple[float, ...]
    action: int
    reward: float
    next_state: tuple[float, ...]


class ReplayMemory:
    """The latest `capacity` transitions."""

    def __init__(self, capacity: int) -> None:
        self._kept: list[Transition] = []
        self._capacity = capacity
        self._pushed = 0

    def __len__(self) -> int:
        return len(self._kept)

    def push(self, transition: Transition) -> None:
        """Remember a transition, in place of the oldest where there is no room."""
        if len(self._kept) < self._capacity:
            self._kept.append(transition)
        else:
            self._kept[self._pushed % self._capacity] = transition
        self._pushed += 1

    def sample(self, most: int, rng: np.random.Generator) -> list[Transition]:
        """Return different transitions, as many as there are up to `most`."""
        count = min(most, len(self._kept))
        return [self._kept[k] for k in rng.choice(len(self._kept), count, replace=False)]


class QNetwork(nn.Module):
    """What each action is worth in each state: an MLP from `(batch, inputs)` to `(batch, actions)`.

    Its weights are drawn as torch draws them, but by its own generator.
    """

    def __init__(self, sizes: Sequence[int], seed: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.layers = nn.ModuleList()
        for fan_in, fan_out in zip(sizes, sizes[1:], strict=False):
            # As it is, nn.Linear would draw from the global generator.
            layer = nn.utils.skip_init(nn.Linear, fan_in, fan_out)
            for parameter in layer.parameters():
                nn.init.uniform_(parameter, -(fan_in**-0.5), fan_in**-0.5, generator=generator)
            self.layers.append(layer)

    def forward(self, states: Tensor) -> Tensor:
        """Return the value of every action."""
        *hidden, last = self.layers
        for layer in hidden:
            states = F.relu(layer(states))
        values: Tensor = last(states)
        return values


class Learner:
    """Deep Q-learning from a memory: `Q(s, a) = r + discount max Q'(s', .)`, with `Q'` the target.

    No state ends an episode (the published code has none that does).

    Args:
        inputs: numbers that a state is for the network.
        actions: number of actions.
        learning: how it learns.
        seed: of the weights and of the batches.
    """

    def __init__(self, inputs: int, actions: int, learning: Learning, seed: int) -> None:
        sizes = (inputs, *learning.hidden, actions)
        self.network = QNetwork(sizes, seed)
        self._target = QNetwork(sizes, seed)
        self._target_values: dict[tuple[float, ...], float] = {}
        self._optimizer = torch.optim.Adam(
            self.network.parameters(), learning.learning_rate, fused=True
        )
        self._rng = np.random.default_rng(seed)
        self._learning = learning

    def copy_target(self) -> None:
        """Make the target network what the Q-network is now."""
        self._target.load_state_dict(self.network.state_dict())
        self._target_values.clear()

    def values(self, states: Sequence[tuple[float, ...]]) -> Tensor:
        """Return what each action is worth in each state: `(states, actions)`."""
        with torch.no_grad():
            values: Tensor = self.network(torch.tensor(states))
        return values

    def learn(self, memory: ReplayMemory) -> None:
        """Make one gradient step, where there is anything to learn from."""
        if not len(memory):
            return
        batch = memory.sample(self._learning.batch, self._rng)
        targets = torch.tensor(self._targets(batch))
        rows = {state: row for row, state in enumerate(dict.fromkeys(t.state for t in batch))}
        values = self.network(torch.tensor(list(rows)))  # each state once: less to compute
        chosen = values[[rows[t.state] for t in batch], [t.action for t in batch]]
        self._optimizer.zero_grad()
        F.smooth_l1_loss(chosen, targets).backward()
        self._optimizer.step()

    def _targets(self, batch: Sequence[Transition]) -> list[float]:
        following = dict.fromkeys(t.next_state for t in batch)
        unknown = [state for state in following if state not in self._target_values]
        if unknown:
            with torch.no_grad():
                best = self._target(torch.tensor(unknown)).amax(1)
            self._target_values.update(zip(unknown, best.tolist(), strict=True))
        discount = self._learning.discount
        found = (t.reward + discount * self._target_values[t.next_state] for t in batch)
        return [min(max(value, -_LARGEST), _LARGEST) for value in found]


class Moves:
    """The states over some parameters and the actions between them.

    An action moves one parameter some choices on, cyclically: with two choices it is a flip; with
    `k` there are `k - 1`, one to each other choice. A choice equal to False is off, otherwise the
    first.

    Args:
        distributions: of the parameters, by name.
        canonical: what tells states from others, from their parameters. Default: all are distinct.
    """

    def __init__(
        self,
        distributions: Mapping[str, CategoricalDistribution],
        canonical: Callable[[dict[str, Any]], Hashable] | None = None,
    ) -> None:
        self.distributions = dict(distributions)
        self._off_first = {n: _off_first(d) for n, d in self.distributions.items()}
        self._counts = tuple(len(d.choices) for d in self._off_first.values())
        self._canonical = canonical
        self._keys: dict[State, Hashable] = {}
        self.base: State = (0,) * len(self._counts)
        self.actions = tuple(
            (place, shift) for place, count in enumerate(self._counts) for shift in range(1, count)
        )

    def state(self, point: Mapping[str, Any]) -> State | None:
        """Return the state of parameters; None where one is missing or has another value."""
        try:
            pairs = self._off_first.items()
            return tuple(int(d.to_internal_repr(point[name])) for name, d in pairs)
        except (KeyError, ValueError):
            return None

    def point(self, state: State) -> dict[str, Any]:
        """Return the parameters of a state."""
        pairs = zip(self._off_first.items(), state, strict=True)
        return {name: d.choices[number] for (name, d), number in pairs}

    def key(self, state: State) -> Hashable:
        """What states have in common that are one."""
        if self._canonical is None:
            return state
        if state not in self._keys:
            self._keys[state] = self._canonical(self.point(state))
        return self._keys[state]

    def step(self, state: State, action: int) -> State:
        """Return where an action leads."""
        place, shift = self.actions[action]
        moved = (state[place] + shift) % self._counts[place]
        return (*state[:place], moved, *state[place + 1 :])

    def back(self, action: int) -> int:
        """Return the action that undoes an action."""
        place, shift = self.actions[action]
        return self.actions.index((place, self._counts[place] - shift))

    def inputs(self, state: State) -> tuple[float, ...]:
        """Return a state as the network reads it: a bit where there are two choices, else one for
        each choice.
        """
        found: list[float] = []
        for number, count in zip(state, self._counts, strict=True):
            bits = range(1, 2) if count == 2 else range(count)
            found.extend(float(number == bit) for bit in bits)
        return tuple(found)

    def random(self, rng: np.random.Generator) -> State:
        """Return a random state."""
        return tuple(int(number) for number in rng.integers(self._counts))


def _off_first(distribution: CategoricalDistribution) -> CategoricalDistribution:
    choices = list(distribution.choices)
    off = next((k for k, choice in enumerate(choices) if choice == False), 0)  # noqa: E712
    return CategoricalDistribution([choices.pop(off), *choices])


class Score(NamedTuple):
    """A state that was scored; larger values are better."""

    state: State
    key: Hashable
    value: float


@dataclass
class Records:
    """What a study says of states.

    Attributes:
        scores: in the order in which they were told, the first of each state.
        taken: keys of the states that are not to be proposed: scored, proposed, or given up.
    """

    scores: list[Score] = field(default_factory=list)
    taken: set[Hashable] = field(default_factory=set)

    def baseline(self, base: Hashable) -> float:
        """Return the score of the base state; until it is scored, the first there is, or 0."""
        first = self.scores[0].value if self.scores else 0.0
        return next((score.value for score in self.scores if score.key == base), first)


class Agent:
    """What was learned from scores in their order; that order and the seed decide all of it."""

    def __init__(
        self,
        moves: Moves,
        baseline: float,
        reward: Callable[[float], float],
        learning: Learning,
        seed: int,
    ) -> None:
        self.moves = moves
        self.baseline = baseline
        self.scores: list[Score] = []
        self._reward = reward
        self._learning = learning
        self._seed = seed
        self._memory = ReplayMemory(learning.memory)
        self._rewards: dict[Hashable, float] = {}
        self._scored: set[State] = set()  # of each key, the one state that was scored
        self._unscored: dict[Hashable, list[tuple[State, int]]] = {}  # and steps that lead to it
        self._values: dict[State, list[float]] = {}  # until more is learned
        self._reset()

    def has_learned_from(self, baseline: float, scores: Sequence[Score]) -> bool:
        """Whether what this one learned so far is a beginning of `scores`."""
        return self.baseline == baseline and self.scores == list(scores[: len(self.scores)])

    def learn(self, scores: Sequence[Score]) -> None:
        """Learn from those of `scores` that are new; see `Learning.reset_every`."""
        every = self._learning.reset_every
        last_reset = len(scores) - len(scores) % every
        for score in scores[len(self.scores) :]:
            self._remember(score)
            self._values.clear()
            if len(self.scores) < last_reset:
                continue
            if len(self.scores) > last_reset:
                self._learn_for(1)
            else:
                self._reset()
                self._learn_for(every)

    def values(self, state: State) -> list[float]:
        """Return what each action is worth in a state."""
        if state not in self._values:
            values = self._learner.values([self.moves.inputs(state)])
            self._values[state] = values[0].tolist()
        return self._values[state]

    def greedy(self, state: State) -> int:
        """Return the action that is worth most in a state."""
        return int(np.argmax(self.values(state)))

    def _reset(self) -> None:
        inputs = len(self.moves.inputs(self.moves.base))
        seed = _seed(self._seed, len(self.scores))
        self._learner = Learner(inputs, len(self.moves.actions), self._learning, seed)
        self._models = 0

    def _learn_for(self, models: int) -> None:
        for _ in range(models):
            for _ in range(self._learning.steps):
                self._learner.learn(self._memory)
            self._models += 1
            if self._models % self._learning.target_every == 0:
                self._learner.copy_target()

    def _remember(self, score: Score) -> None:
        """Push the steps that a score makes known.

        The paper remembers steps as it walks. A step between scored states costs nothing, so all
        of them are remembered at once, and no memory depends on which walks a process happened to
        make.
        """
        self.scores.append(score)
        self._scored.add(score.state)
        is_base = score.value == self.baseline  # which may be infinite
        self._rewards[score.key] = self._reward(0 if is_base else score.value - self.baseline)
        for action in range(len(self.moves.actions)):
            key = self.moves.key(self.moves.step(score.state, action))
            if key in self._rewards:
                self._push(score.state, action)
            else:
                self._unscored.setdefault(key, []).append((score.state, action))
        for state, action in self._unscored.pop(score.key, ()):
            self._push(state, action)

    def _push(self, state: State, action: int) -> None:
        """Push a step, and the way back where that state does not push it itself."""
        moves = self.moves
        reached = moves.step(state, action)
        steps = [(state, action, reached)]
        if reached not in self._scored:
            steps.append((reached, moves.back(action), state))
        for before, step, after in steps:
            reward = self._rewards[moves.key(after)]
            transition = Transition(moves.inputs(before), step, reward, moves.inputs(after))
            self._memory.push(transition)


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
        learning: Learning = Learning(),
        seed: int | None = None,
    ) -> None:
        _check(reward, points, epsilon, episode)
        self._search_space = None if search_space is None else _categorical(search_space)
        self._canonical = canonical
        self._reward = _REWARDS[reward]
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
        seed = _seed(self._seed, trial.number, zlib.crc32(param_name.encode()))
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


def _seed(*numbers: int) -> int:
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def _check_objectives(study: Study) -> None:
    if len(study.directions) > 1:
        raise ValueError(
            f"DQNSampler knows one objective only, and this study has {len(study.directions)}: "
            "use TPESampler or NSGAIISampler."
        )


def _check(reward: str, points: float, epsilon: Sequence[tuple[int, float]], episode: int) -> None:
    troubles = []
    if reward not in _REWARDS:
        troubles.append(f"reward must be one of {', '.join(_REWARDS)}, not {reward!r}")
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
