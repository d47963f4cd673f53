"""The replay memory, and what a learner refuses."""

import numpy as np

from autoequivariant.searching.samplers.dqn.learner import ReplayMemory, Transition


def test_a_memory_keeps_the_latest() -> None:
    memory = ReplayMemory(3)
    rng = np.random.default_rng(0)
    for reward in range(5):
        memory.push(Transition((0.0,), 0, float(reward), (1.0,)))
        assert len(memory) == min(reward + 1, 3)
    assert sorted(t.reward for t in memory.sample(128, rng)) == [2, 3, 4]
    assert len(memory.sample(2, rng)) == 2
