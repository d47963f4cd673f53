"""States, and the actions between them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

import numpy as np
from optuna.distributions import CategoricalDistribution

State = tuple[int, ...]
"""The index of each parameter's choice; 0 is off."""


class Moves:
    """The states over some parameters, and the actions between them.

    An action advances one parameter cyclically: a flip if it has two choices; with `k` choices it
    has `k - 1` actions, one to each other choice. A choice equal to False is off; without one, the
    first is.

    Args:
        distributions: of the parameters, by name.
        canonical: maps the parameters of a state to a key that equivalent states share. Default:
            all states are distinct.
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
        """Return the state of these parameters; None if one is missing or has no such choice."""
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
        """Return the key that equivalent states share."""
        if self._canonical is None:
            return state
        if state not in self._keys:
            self._keys[state] = self._canonical(self.point(state))
        return self._keys[state]

    def step(self, state: State, action: int) -> State:
        """Return the state that an action leads to."""
        place, shift = self.actions[action]
        moved = (state[place] + shift) % self._counts[place]
        return (*state[:place], moved, *state[place + 1 :])

    def back(self, action: int) -> int:
        """Return the inverse of an action."""
        place, shift = self.actions[action]
        return self.actions.index((place, self._counts[place] - shift))

    def inputs(self, state: State) -> tuple[float, ...]:
        """Return the Q-network's inputs: a bit for two choices, else one-hot."""
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
