"""Walks from the base state to a new state: one that is not taken."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterator, Sequence

import numpy as np

from autoequivariant.searching.samplers.dqn.agent import Agent
from autoequivariant.searching.samplers.dqn.moves import Moves, State

_RANDOM = 256  # random states to try if there is no new state along a walk
_MOST_VISITED = 10_000  # states to visit if none of those is new


def next_state(
    agent: Agent, taken: set[Hashable], epsilon: float, steps: int, rng: np.random.Generator
) -> State:
    """Return the first new state of an epsilon-greedy walk.

    If there is none, return the best new state one step off the walk by the Q-network; else a
    random new state; else, with nothing new at all, any state.
    """
    walked = [agent.moves.base]
    for state in _walk(agent, epsilon, steps, rng):
        if agent.moves.key(state) not in taken:
            return state
        walked.append(state)
    return _best_new(agent, walked, taken) or _random_new(agent.moves, taken, rng)


def _walk(agent: Agent, epsilon: float, steps: int, rng: np.random.Generator) -> Iterator[State]:
    """Yield the states of one episode, without the base state that it starts from."""
    state = agent.moves.base
    for _ in range(steps):
        is_random = rng.random() < epsilon
        action = int(rng.integers(len(agent.moves.actions))) if is_random else agent.greedy(state)
        state = agent.moves.step(state, action)
        yield state


def _best_new(agent: Agent, walked: Sequence[State], taken: set[Hashable]) -> State | None:
    moves = agent.moves
    found = [
        (value, reached)
        for state in dict.fromkeys(walked)
        for action, value in enumerate(agent.values(state))
        if moves.key(reached := moves.step(state, action)) not in taken
    ]
    return max(found)[1] if found else None


def _random_new(moves: Moves, taken: set[Hashable], rng: np.random.Generator) -> State:
    for _ in range(_RANDOM):
        state = moves.random(rng)
        if moves.key(state) not in taken:
            return state
    return _nearest_new(moves, taken) or state


def _nearest_new(moves: Moves, taken: set[Hashable]) -> State | None:
    """Return the new state that is the fewest steps from the base state."""
    seen = {moves.base}
    queue = deque(seen)
    while queue and len(seen) < _MOST_VISITED:
        state = queue.popleft()
        for action in range(len(moves.actions)):
            reached = moves.step(state, action)
            if moves.key(reached) not in taken:
                return reached
            if reached not in seen:
                seen.add(reached)
                queue.append(reached)
    return None
