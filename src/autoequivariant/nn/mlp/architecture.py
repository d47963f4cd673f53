"""What all multi-equivariant MLPs of a search have in common, and how each shares its weights."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from autoequivariant.errors import SettingsError
from autoequivariant.groups.closure.layer_actions import LayerActions
from autoequivariant.groups.orbits import Orbits, pair_orbits
from autoequivariant.groups.permutation import Permutation
from autoequivariant.nn.layers.sharing import LayerSharing, share_layer, share_orbits
from autoequivariant.nn.layers.shortcuts import blocks, merged
from autoequivariant.nn.mlp.coding import Coding
from autoequivariant.nn.mlp.expansion import Expansion

FINALS = ("dense", "invariant")


@dataclass(frozen=True)
class MLPArchitecture:
    """A multi-equivariant MLP before a state is chosen.

    Attributes:
        actions: the candidates on the input and on each hidden domain.
        in_channels: channels of the input.
        hidden_channels: channels of each hidden layer.
        classes: number of outputs: classes, or components of the target.
        final: `invariant` pools the last hidden layer over its orbits, which makes the whole
            network invariant (and equivariant where a symmetry moves the outputs); `dense` does
            not pool (arXiv 2104.04848, section 5.1).
        coding: of the columns of a table. Default: all are numbers.
        expansion: of the values of pairs. Default: each is one number.

    Raises:
        SettingsError: a value is out of range, or the values do not fit together.
        SymmetryError: a candidate does not fit the coding.
    """

    actions: LayerActions
    in_channels: int
    hidden_channels: tuple[int, ...]
    classes: int
    final: str = "invariant"
    coding: Coding | None = None
    expansion: Expansion | None = None

    def __post_init__(self) -> None:
        if self.final not in FINALS:
            raise SettingsError(
                f"The final layer must be one of {', '.join(FINALS)}; got {self.final!r}."
            )
        if self.final == "dense" and self.actions.moves_outputs:
            raise SettingsError(
                "A dense final layer cannot move the outputs as a symmetry requires: use an "
                "invariant one."
            )
        if len(self.hidden_channels) != len(self.actions.domains) - 1:
            raise SettingsError(
                f"Each of {len(self.actions.domains) - 1} hidden domains needs a number of "
                f"channels; got {len(self.hidden_channels)}."
            )
        if min(self.in_channels, *self.hidden_channels, self.classes) < 1:
            raise SettingsError(
                f"Every layer needs at least 1 channel and the last at least 1 class; got "
                f"{self.in_channels} in, {self.hidden_channels} hidden, {self.classes} classes."
            )
        self._first_moves(range(len(self.actions.candidates)))

    @property
    def channels(self) -> tuple[int, ...]:
        """Number of channels of each layer, from the input to the last hidden one.

        Where a symmetry moves the input's channels, they are points and the input is one channel.
        """
        return (1 if self.actions.moves_channels else self.read_channels, *self.hidden_channels)

    @property
    def read_channels(self) -> int:
        """Channels that the first layer reads: the input's, expanded."""
        return self.in_channels * (1 if self.expansion is None else self.expansion.segments)

    @property
    def scaled_inputs(self) -> int:
        """Number of input scales: one for each column of a table and each of some pairs, otherwise
        one a channel.
        """
        domain = self.actions.domains[0]
        return self.read_channels * (domain.size if domain.kind in ("features", "pairs") else 1)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of points of each layer as in `LayerActions`; of a coded input, of units."""
        if self.coding is None:
            return self.actions.sizes
        return (self.coding.units, *self.actions.sizes[1:])

    @property
    def widths(self) -> tuple[int, ...]:
        """Number of units of each layer, from the input to the classes."""
        sizes = zip(self.channels, self.sizes, strict=False)
        return (*(c * n for c, n in sizes), self.classes)

    def with_channels(self, channels: int) -> MLPArchitecture:
        """Return the same architecture with another number of channels in every hidden layer."""
        return replace(self, hidden_channels=(channels,) * len(self.hidden_channels))

    def sharings(
        self, generators: Iterable[int], *, shortcuts: bool = True
    ) -> tuple[LayerSharing, ...]:
        """Return the sharing of every layer, the final one last.

        Args:
            generators: numbers of the candidates that generate the state.
            shortcuts: whether to look for shortcuts, which GPUs do not take. Default: yes.
        """
        numbers, channels = tuple(generators), self.channels
        layers = [
            share_layer(weights, biases, after, before, self._is_balanced)
            for (weights, biases), before, after in zip(
                self._hidden_orbits(numbers), channels, channels[1:], strict=False
            )
        ]
        if shortcuts:
            layers = self._with_shortcuts(numbers, layers)
        final = share_layer(
            *self._final_orbits(numbers),
            self._final_channels,
            self.hidden_channels[-1],
            self._is_balanced,
        )
        return (*layers, final)

    def _with_shortcuts(
        self, numbers: tuple[int, ...], layers: Iterable[LayerSharing]
    ) -> list[LayerSharing]:
        hidden = len(self.actions.domains)
        inner = [self.actions.permutations[number][1:hidden] for number in numbers]
        firsts = self._first_moves(numbers)
        moves = [(first, *others) for first, others in zip(firsts, inner, strict=True)]
        found = blocks(moves, self.sizes[:hidden], self.channels)
        return [
            layer
            if layer.weight.signs is not None
            else replace(layer, shortcut=merged(layer.weight.index) or by_blocks)
            for layer, by_blocks in zip(layers, found, strict=True)
        ]

    def orbit_counts(self, generators: Iterable[int]) -> tuple[tuple[int, int], ...]:
        """Return the number of free weights for each pair of channels, and of free biases for each
        channel, in each layer, the final one last.
        """
        numbers = tuple(generators)
        orbits = (*self._hidden_orbits(numbers), self._final_orbits(numbers))
        return tuple((share_orbits(w).count, share_orbits(b).count) for w, b in orbits)

    def count_parameters(self, generators: Iterable[int]) -> int:
        """Return the number of parameters of a state's network, biases included."""
        return self.count_from_orbits(self.orbit_counts(generators))

    def count_from_orbits(self, counts: Iterable[tuple[int, int]]) -> int:
        """Return the same from `orbit_counts`, which do not depend on the number of channels."""
        channels = (*self.channels, self._final_channels)
        sides = zip(channels, channels[1:], strict=False)
        return sum(
            weights * before * after + biases * after
            for (weights, biases), (before, after) in zip(counts, sides, strict=True)
        )

    @property
    def _is_balanced(self) -> bool:
        """Whether weights are balanced: of pairs, some have one input and others thousands."""
        return self.actions.domains[0].kind == "pairs"

    @property
    def _final_channels(self) -> int:
        """Classes that no symmetry moves are channels; otherwise they are points of one channel."""
        return 1 if self.actions.moves_outputs else self.classes

    def _orbits(self, layer: int, generators: tuple[int, ...]) -> tuple[Orbits, Orbits]:
        """Orbits of weights and of biases."""
        actions = self.actions
        biases = actions.bias_orbits(layer, generators)
        if layer or self.coding is None:
            return actions.weight_orbits(layer, generators), biases
        outs = [actions.permutations[c][1] for c in generators]
        ins = self._first_moves(generators)
        units, points = self.sizes[:2]
        return pair_orbits(outs, ins, points, units, actions.is_signed), biases

    def _first_moves(self, numbers: Iterable[int]) -> list[Permutation]:
        """The actions of candidates on the points of the input."""
        moves = [self.actions.permutations[number][0] for number in numbers]
        return moves if self.coding is None else list(map(self.coding.lift, moves))

    def _hidden_orbits(self, generators: tuple[int, ...]) -> list[tuple[Orbits, Orbits]]:
        return [self._orbits(layer, generators) for layer in range(len(self.hidden_channels))]

    def _final_orbits(self, generators: tuple[int, ...]) -> tuple[Orbits, Orbits]:
        """An invariant map is equivariant to outputs that stay, so the same orbits give it."""
        last = len(self.hidden_channels)
        if self.actions.moves_outputs:
            return self._orbits(last, generators)
        hidden = [self.actions.permutations[c][last] for c in generators]
        if self.final == "dense":
            hidden = []
        stay = [Permutation.identity(1) for _ in hidden]
        pooled = pair_orbits(stay, hidden, 1, self.actions.sizes[last])
        return pooled, Orbits(np.zeros(1, np.int32), 1)
