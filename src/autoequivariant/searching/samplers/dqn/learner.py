"""The Q-network, its replay memory, and a gradient step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from autoequivariant.searching.samplers.dqn.reward import LARGEST


@dataclass(frozen=True)
class Learning:
    """How the Q-network learns. Unless noted, defaults are those of the paper's published code
    (`MNIST DQN/gnas_fcc_MNIST.py`).

    Attributes:
        discount: factor of a reward one step later.
        memory: capacity of the replay memory, in steps.
        batch: most steps of the memory in one gradient step.
        hidden: widths of the hidden layers, each with a ReLU.
        learning_rate: of Adam; the loss is Huber's (smooth L1).
        target_every: scored states between copies of the Q-network to the target network.
        steps: gradient steps for each scored state. Default: 3, and as many after resets; together
            the six that the published code takes (60 episodes of 100 steps for 1,000 models).
        reset_every: scored states between resets, where the network starts anew and takes this many
            states' gradient steps at once. Unlike the paper: it unlearns early habits (Nikishin et
            al., arXiv 2205.07802), and resuming a study takes at most `2 steps reset_every`
            gradient steps, however long it is.

    Raises:
        ValueError: names every value that is out of range.
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
            troubles.append("discount must be at least 0 and less than 1")
        if not 0 < self.learning_rate < math.inf:
            troubles.append("learning_rate must be more than 0")
        if troubles:
            raise ValueError(f"{self} is invalid: {'; '.join(troubles)}.")


class Transition(NamedTuple):
    """One step; states are inputs of the network."""

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
        """Add a transition; if the memory is full, it replaces the oldest."""
        if len(self._kept) < self._capacity:
            self._kept.append(transition)
        else:
            self._kept[self._pushed % self._capacity] = transition
        self._pushed += 1

    def sample(self, most: int, rng: np.random.Generator) -> list[Transition]:
        """Return up to `most` distinct transitions."""
        count = min(most, len(self._kept))
        return [self._kept[k] for k in rng.choice(len(self._kept), count, replace=False)]


class QNetwork(nn.Module):
    """An MLP from states `(batch, inputs)` to the values of actions `(batch, actions)`.

    Parameters are initialized as by torch, but from its own generator.
    """

    def __init__(self, sizes: Sequence[int], seed: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.layers = nn.ModuleList()
        for fan_in, fan_out in zip(sizes, sizes[1:], strict=False):
            # nn.Linear would draw from the global generator.
            layer = nn.utils.skip_init(nn.Linear, fan_in, fan_out)
            for parameter in layer.parameters():
                nn.init.uniform_(parameter, -(fan_in**-0.5), fan_in**-0.5, generator=generator)
            self.layers.append(layer)

    def forward(self, states: Tensor) -> Tensor:
        """Return the value of each action."""
        *hidden, last = self.layers
        for layer in hidden:
            states = F.relu(layer(states))
        values: Tensor = last(states)
        return values


class Learner:
    """Deep Q-learning from a memory: `Q(s, a) = r + discount max Q'(s', .)`, with `Q'` the target.

    No state is terminal, as in the published code.

    Args:
        inputs, actions: sizes of the network's input and output.
        learning: how it learns.
        seed: of the parameters and of the batches.
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
        """Copy the Q-network to the target network."""
        self._target.load_state_dict(self.network.state_dict())
        self._target_values.clear()

    def values(self, states: Sequence[tuple[float, ...]]) -> Tensor:
        """Return the value of each action in each state, shape `(states, actions)`."""
        with torch.no_grad():
            values: Tensor = self.network(torch.tensor(states))
        return values

    def learn(self, memory: ReplayMemory) -> None:
        """Take one gradient step, unless the memory is empty."""
        if not len(memory):
            return
        batch = memory.sample(self._learning.batch, self._rng)
        targets = torch.tensor(self._targets(batch))
        rows = {state: row for row, state in enumerate(dict.fromkeys(t.state for t in batch))}
        values = self.network(torch.tensor(list(rows)))  # each state once, to save time
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
        return [min(max(value, -LARGEST), LARGEST) for value in found]
