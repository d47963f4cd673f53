"""What is known of states, and what was learned from it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from autoequivariant.searching.samplers.dqn.learner import (
    Learner,
    Learning,
    ReplayMemory,
    Transition,
)
from autoequivariant.searching.samplers.dqn.moves import Moves, State


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


def mixed_seed(*numbers: int) -> int:
    """Return a seed made of several numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])
