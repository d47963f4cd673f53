"""Deep Q-learning over on/off parameters, as in arXiv 2104.04848 (below: the paper).

A state says which parameters are on; an action flips one. The reward of a step is how much better
the state it leads to scores than the base state, where all are off. A Q-network learns the value of
each flip from a memory of such steps. It walks from the base state to the first state that was not
proposed before: the next proposal.
"""

from autoequivariant.searching.samplers.dqn.learner import Learning
from autoequivariant.searching.samplers.dqn.reward import (
    EPSILON,
    PAPER_EPSILON,
    paper_reward,
    stable_reward,
)
from autoequivariant.searching.samplers.dqn.sampler import DQNSampler

__all__ = [
    "EPSILON",
    "PAPER_EPSILON",
    "DQNSampler",
    "Learning",
    "paper_reward",
    "stable_reward",
]
