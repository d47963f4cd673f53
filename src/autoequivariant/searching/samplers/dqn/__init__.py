"""Deep Q-learning over on/off parameters, as arXiv 2104.04848 (below: the paper) searches.

A state says which parameters are on, and an action flips one. The reward of a step is how much
better the state that it leads to scores than the base state, where all is off. A Q-network learns
from a memory of such steps what each flip is worth, and walks from the base state until it comes to
a state that was not proposed before: the next proposal.
"""

from autoequivariant.searching.samplers.dqn.agent import Agent, Score
from autoequivariant.searching.samplers.dqn.learner import Learning, ReplayMemory, Transition
from autoequivariant.searching.samplers.dqn.moves import Moves
from autoequivariant.searching.samplers.dqn.reward import (
    EPSILON,
    PAPER_EPSILON,
    epsilon_after,
    paper_reward,
    stable_reward,
)
from autoequivariant.searching.samplers.dqn.sampler import DQNSampler

__all__ = [
    "EPSILON",
    "PAPER_EPSILON",
    "Agent",
    "DQNSampler",
    "Learning",
    "Moves",
    "ReplayMemory",
    "Score",
    "Transition",
    "epsilon_after",
    "paper_reward",
    "stable_reward",
]
