"""The Q-network learns what value iteration finds."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from autoequivariant.searching.samplers.dqn.agent import Agent
from autoequivariant.searching.samplers.dqn.learner import Learning
from autoequivariant.searching.samplers.dqn.moves import Moves
from autoequivariant.searching.samplers.dqn.records import Score
from autoequivariant.searching.samplers.dqn.reward import paper_reward, stable_reward

from .studies import SMALL, bits


def test_the_papers_reward_does_not_spoil_the_network() -> None:
    moves = Moves(bits(3))
    agent = Agent(moves, 0.0, lambda d: paper_reward(100 * d), SMALL, seed=0)
    agent.learn([Score(s, s, sum(s) / 3) for s in product((0, 1), repeat=3)])
    assert np.isfinite(agent.values((0, 1, 0))).all()


def value_iteration(moves: Moves, reward: dict[tuple[int, ...], float], discount: float) -> Any:
    """The slow twin: the optimal values of all actions in all states, by sweeping over them."""
    states = list(reward)
    actions = range(len(moves.actions))
    values = dict.fromkeys(states, 0.0)
    for _ in range(60):
        found = {
            s: [reward[t] + discount * values[t] for t in (moves.step(s, a) for a in actions)]
            for s in states
        }
        values = {s: max(found[s]) for s in states}
    return found


@pytest.mark.parametrize("discount", [0.0, 0.5])
def test_the_network_learns_what_value_iteration_finds(discount: float) -> None:
    moves = Moves(bits(4))
    states = list(product((0, 1), repeat=4))
    table = dict(zip(states, np.random.default_rng(0).uniform(0.8, 0.9, 16), strict=True))
    reward = {s: stable_reward(100 * (table[s] - table[moves.base])) for s in states}
    learning = Learning(discount=discount, hidden=(64, 64), batch=64, steps=100, learning_rate=3e-3)
    agent = Agent(moves, table[moves.base], lambda d: stable_reward(100 * d), learning, seed=0)
    order = [*states[5:], *states[:5]]
    agent.learn([Score(s, s, table[s]) for s in order])
    expected = value_iteration(moves, reward, discount)
    found = {s: agent.values(s) for s in states}
    spread = np.std(list(expected.values()))
    assert np.abs(np.array([found[s] for s in states]) - list(expected.values())).max() < spread / 8
    for state in states:
        best = sorted(expected[state])
        if best[-1] - best[-2] > spread / 4:
            assert agent.greedy(state) == int(np.argmax(expected[state]))
