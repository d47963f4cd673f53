"""The agent: what the Q-network learned from the scores so far."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np

from autoequivariant.searching.samplers.dqn.learner import (
    Learner,
    Learning,
    ReplayMemory,
    Transition,
)
from autoequivariant.searching.samplers.dqn.moves import Moves, State
from autoequivariant.searching.samplers.dqn.records import Score
from autoequivariant.searching.samplers.sampler import mixed_seed


class Agent:
    """A Q-network and its memory, determined by the scores in their order and the seed.

    Args:
        moves: states and actions.
        baseline: score of the base state.
        reward: of the difference between a score and the baseline.
        learning: how the Q-network learns.
        seed: of its parameters and batches.
    """

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
        self._unscored: dict[Hashable, list[tuple[State, int]]] = {}  # steps to states of this key
        self._values: dict[State, list[float]] = {}  # a cache, until more is learned
        self._reset()

    def has_learned_from(self, baseline: float, scores: Sequence[Score]) -> bool:
        """Return whether `scores` begin with what this agent learned from."""
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
        """Return the value of each action in a state."""
        if state not in self._values:
            values = self._learner.values([self.moves.inputs(state)])
            self._values[state] = values[0].tolist()
        return self._values[state]

    def greedy(self, state: State) -> int:
        """Return the action of the largest value in a state."""
        return int(np.argmax(self.values(state)))

    def _reset(self) -> None:
        inputs = len(self.moves.inputs(self.moves.base))
        seed = mixed_seed(self._seed, len(self.scores))
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
        """Push the steps whose reward this score reveals.

        The paper remembers the steps of its walks. Here a step between scored states is free, so
        all are remembered at once, and the memory does not depend on the walks of one process.
        """
        self.scores.append(score)
        self._scored.add(score.state)
        is_base = score.value == self.baseline  # both may be infinite
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
        """Push a step, and the step back unless the state it leads to pushes that itself."""
        moves = self.moves
        reached = moves.step(state, action)
        steps = [(state, action, reached)]
        if reached not in self._scored:
            steps.append((reached, moves.back(action), state))
        for before, step, after in steps:
            reward = self._rewards[moves.key(after)]
            transition = Transition(moves.inputs(before), step, reward, moves.inputs(after))
            self._memory.push(transition)
