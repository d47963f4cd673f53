"""From orbits to weight sharing: which entry of a dense weight matrix holds which free weight.

Axis letters in this package: `b` children trained together, `n` samples, `r` rows of a weight
matrix (output channel times output index), `c` its columns (input channel times input index).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from autoequivariant.errors import SettingsError
from autoequivariant.groups.closure.layer_actions import LayerActions
from autoequivariant.groups.involutions import free_arrangement
from autoequivariant.groups.orbits import Orbits, pair_orbits
from autoequivariant.groups.permutation import Permutation

FINALS = ("dense", "invariant")
FEWEST_IN_BLOCKS = 2**15
"""Smaller weight matrices are multiplied faster as they are (`python benchmarks/batched_step.py`).
"""
FEWEST_MERGED = 16
"""Entries for each that is left, below which equal rows and columns are not merged: more than a
group of commuting involutions saves.
"""


@dataclass(frozen=True)
class Share:
    """How the entries of an array share free weights.

    Attributes:
        index: the free weight of each entry, any shape; 0 where the entry is forced to zero.
        count: number of free weights.
        signs: factor of +1, -1 or 0 on each entry, the same shape; None where all are +1.
    """

    index: NDArray[np.int32]
    count: int
    signs: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Blocks:
    """Rows and columns of a weight matrix by orbits of a group of `g` commuting involutions.

    Attributes:
        rows: shape `(g, r / g)`; row `a` is where element `a` takes row 0. Element `a b` has the
            number `a ^ b`.
        columns: the same for columns, shape `(g, c / g)`.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]


@dataclass(frozen=True)
class Merged:
    """Rows of a weight matrix that are equal, and columns that are, by classes of one size.

    Attributes:
        rows: shape `(distinct rows, r / distinct rows)`; each row of it names equal rows.
        columns: the same for columns.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]


@dataclass(frozen=True)
class LayerSharing:
    """Sharing of one layer: its weight matrix, shape `(r, c)`, and its bias, shape `(r,)`.

    Attributes:
        weight, bias: which entries are one.
        short_cut: how to multiply with less arithmetic, where that is worth it.
    """

    weight: Share
    bias: Share
    short_cut: Blocks | Merged | None = None

    @property
    def count(self) -> int:
        """Number of trainable numbers in the layer."""
        return self.weight.count + self.bias.count


def share_layer(weights: Orbits, biases: Orbits, c_out: int, c_in: int) -> LayerSharing:
    """Return the sharing of an equivariant linear layer with channels.

    Args:
        weights: orbits of its (output, input) pairs, labels of shape `(n_out, n_in)`.
        biases: orbits of its outputs, labels of shape `(n_out,)`.
        c_out, c_in: channels on each domain; each pair of channels has weights of its own.

    Returns:
        Sharing of a matrix of shape `(c_out * n_out, c_in * n_in)`, channels outermost.
    """
    pairs, points = _share(weights), _share(biases)
    blocks = np.arange(c_out * c_in, dtype=np.int32).reshape(c_out, 1, c_in, 1) * pairs.count
    n_out, n_in = pairs.index.shape
    index = (pairs.index[None, :, None, :] + blocks).reshape(c_out * n_out, c_in * n_in)
    signs = None if pairs.signs is None else np.tile(pairs.signs, (c_out, c_in))
    offsets = np.arange(c_out, dtype=np.int32)[:, None] * points.count
    bias_signs = None if points.signs is None else np.tile(points.signs, c_out)
    return LayerSharing(
        Share(index, pairs.count * c_out * c_in, signs),
        Share((points.index[None] + offsets).reshape(-1), points.count * c_out, bias_signs),
    )


def _share(orbits: Orbits) -> Share:
    free = orbits.free
    if orbits.signs is None or free.all() and not (orbits.signs < 0).any():
        return Share(orbits.labels, orbits.count)
    number = np.where(free, np.cumsum(free) - 1, 0).astype(np.int32)
    return Share(number[orbits.labels], int(free.sum()), orbits.signs.astype(np.float32))


def _merged(share: Share) -> Merged | None:
    """Return which rows and columns of a large matrix are equal; None where few are."""
    if share.index.size < FEWEST_IN_BLOCKS or share.signs is not None:
        return None
    rows, columns = _equal_rows(share.index), _equal_rows(share.index.T)
    if rows is None or columns is None:
        return None
    return (
        Merged(rows, columns)
        if FEWEST_MERGED * len(rows) * len(columns) <= share.index.size
        else None
    )


def _equal_rows(index: NDArray[np.int32]) -> NDArray[np.int64] | None:
    """Return classes of equal rows; None where they differ in size."""
    # Equal rows have equal sums with the same factors; that unequal ones do not is checked.
    factors = np.random.default_rng(0).integers(1, 2**62, index.shape[1])
    sums = (index * factors).sum(axis=1)
    _, first, of_row, sizes = np.unique(
        sums, return_index=True, return_inverse=True, return_counts=True
    )
    if (sizes != sizes[0]).any() or not np.array_equal(index, index[first[of_row]]):
        return None
    return np.argsort(of_row, kind="stable").reshape(len(first), -1)


@dataclass(frozen=True)
class MLPArchitecture:
    """A multi-equivariant MLP before a state is chosen: everything that all states have in common.

    Attributes:
        actions: the candidates on the input and on each hidden domain.
        in_channels: channels of the input.
        hidden_channels: channels of each hidden layer.
        classes: number of outputs: classes, or components of the target.
        final: `invariant` pools the last hidden layer over its orbits, so that the whole network is
            invariant (and equivariant where a symmetry moves the outputs); `dense` does not (the
            paper, section 5.1).
    """

    actions: LayerActions
    in_channels: int
    hidden_channels: tuple[int, ...]
    classes: int
    final: str = "invariant"

    def __post_init__(self) -> None:
        if self.final not in FINALS:
            raise SettingsError(f"The final layer is dense or invariant, not {self.final!r}.")
        if self.final == "dense" and self.actions.moves_outputs:
            raise SettingsError(
                "A dense final layer cannot move the outputs as a symmetry asks: make it invariant."
            )
        if len(self.hidden_channels) != len(self.actions.domains) - 1:
            raise SettingsError(
                f"{len(self.actions.domains) - 1} hidden domains need as many numbers of channels, "
                f"not {len(self.hidden_channels)}."
            )
        if min(self.in_channels, *self.hidden_channels, self.classes) < 1:
            raise SettingsError(
                f"Every layer needs a channel, and the last a class: {self.in_channels} in, "
                f"{self.hidden_channels} hidden, {self.classes} classes are too few."
            )

    @property
    def channels(self) -> tuple[int, ...]:
        """Of each layer, from the input to the last hidden one: blocks that each have its points.

        Where a symmetry moves the input's channels they are points, and the input is one block.
        """
        return (1 if self.actions.moves_channels else self.in_channels, *self.hidden_channels)

    @property
    def scaled_inputs(self) -> int:
        """Numbers that scale the input: one for each column of a table, or for each channel."""
        domain = self.actions.domains[0]
        return self.in_channels * (domain.size if domain.kind == "features" else 1)

    @property
    def widths(self) -> tuple[int, ...]:
        """Numbers of units, from the input to the classes."""
        sizes = zip(self.channels, self.actions.sizes, strict=False)
        return (*(c * n for c, n in sizes), self.classes)

    def sharings(self, generators: Iterable[int]) -> tuple[LayerSharing, ...]:
        """Return the sharing of every layer, the final one last, for the state that `generators`
        generate.
        """
        numbers = tuple(generators)
        channels = self.channels
        layers = [
            share_layer(weights, biases, channels[k + 1], channels[k])
            for k, (weights, biases) in enumerate(self._hidden_orbits(numbers))
        ]
        blocks = self._blocks(numbers)
        layers = [
            replace(layer, short_cut=_merged(layer.weight) or b)
            for layer, b in zip(layers, blocks, strict=True)
        ]
        return (*layers, self._final_sharing(numbers))

    def _blocks(self, generators: tuple[int, ...]) -> list[Blocks | None]:
        """How each layer but the final one becomes blocks; None where it is small, or cannot."""
        widths = self.widths[:-1]
        large = [a * b >= FEWEST_IN_BLOCKS for a, b in zip(widths, widths[1:], strict=False)]
        if not any(large):
            return [None] * len(large)
        layers = len(self.actions.domains)
        moves = [self.actions.permutations[c][:layers] for c in generators]
        sizes = self.actions.sizes[:layers]
        found = free_arrangement(moves, list(sizes))
        if found is None:
            return [None] * len(large)
        units = [
            np.concatenate([part + k * size for k in range(count)], axis=1)
            for part, size, count in zip(found, sizes, self.channels, strict=True)
        ]
        pairs = zip(large, units, units[1:], strict=False)
        return [Blocks(rows, columns) if worth else None for worth, columns, rows in pairs]

    def with_channels(self, channels: int) -> MLPArchitecture:
        """The same with another number of channels in every hidden layer."""
        return replace(self, hidden_channels=(channels,) * len(self.hidden_channels))

    def orbit_counts(self, generators: Iterable[int]) -> tuple[tuple[int, int], ...]:
        """Return how many free weights and biases each layer has for each pair of channels, and for
        each channel; the final layer last, with channels for classes.
        """
        numbers = tuple(generators)
        layers = [
            (_share(weights).count, _share(biases).count)
            for weights, biases in (*self._hidden_orbits(numbers), self._final_orbits(numbers))
        ]
        return tuple(layers)

    def count_parameters(self, generators: Iterable[int]) -> int:
        """Return the number of trainable numbers of a state's network, biases included."""
        return self.weights_of(self.orbit_counts(generators))

    def weights_of(self, counts: Iterable[tuple[int, int]]) -> int:
        """The same from its `orbit_counts`, which hold for every number of channels."""
        channels = (*self.channels, self._final_channels)
        sides = zip(channels, channels[1:], strict=False)
        return sum(
            weights * before * after + biases * after
            for (weights, biases), (before, after) in zip(counts, sides, strict=True)
        )

    @property
    def _final_channels(self) -> int:
        """Classes that all stay are channels, each with weights of its own; else they are points
        of one.
        """
        return 1 if self.actions.moves_outputs else self.classes

    def _hidden_orbits(self, generators: tuple[int, ...]) -> list[tuple[Orbits, Orbits]]:
        """Orbits of weights and of biases, for each layer to a hidden domain."""
        return [
            (
                self.actions.weight_orbits(layer, generators),
                self.actions.bias_orbits(layer, generators),
            )
            for layer in range(len(self.hidden_channels))
        ]

    def _final_sharing(self, generators: tuple[int, ...]) -> LayerSharing:
        orbits = self._final_orbits(generators)
        return share_layer(*orbits, self._final_channels, self.hidden_channels[-1])

    def _final_orbits(self, generators: tuple[int, ...]) -> tuple[Orbits, Orbits]:
        """An invariant map is an equivariant one to outputs that stay: the same orbits give it."""
        last = len(self.hidden_channels)
        if self.actions.moves_outputs:
            return (
                self.actions.weight_orbits(last, generators),
                self.actions.bias_orbits(last, generators),
            )
        hidden = [self.actions.permutations[c][last] for c in generators]
        if self.final == "dense":
            hidden = []
        stay = [Permutation.identity(1) for _ in hidden]
        pooled = pair_orbits(stay, hidden, 1, self.actions.sizes[last])
        return pooled, Orbits(np.zeros(1, np.int32), 1)
