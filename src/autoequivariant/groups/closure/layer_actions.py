"""The candidates' actions on every layer's domain, checked layer by layer (law 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from autoequivariant.errors import ActionError, SymmetryError
from autoequivariant.groups.closure.hidden_domains import on_points, suggested_hidden_domain
from autoequivariant.groups.closure.layer_compatibility import LayerCheck
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.orbits import Orbits, pair_orbits, point_orbits
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry


@dataclass(frozen=True)
class LayerOrbits:
    """The orbits that one state gives a stack of layers.

    Attributes:
        weights: for each layer the orbits of its (output, input) pairs, labels of shape
            `(n_out, n_in)`.
        biases: for each layer the orbits of its outputs, labels of shape `(n_out,)`; those of the
            last layer are what an invariant final layer pools over.
    """

    weights: tuple[Orbits, ...]
    biases: tuple[Orbits, ...]


@dataclass(frozen=True)
class LayerActions:
    """How each candidate acts on the input, on every hidden layer, and on the outputs.

    A layer's points are what its candidates permute: the indices of its domain, or, where a
    candidate moves channels, all pairs of an input channel and an index. Where a candidate changes
    signs, each point of a hidden layer stands twice, once for the value and once for the negative
    (the double cover): there the candidate exchanges the two, so that hidden layers have no signs
    and any nonlinearity commutes with it.

    Attributes:
        domains: input first, then the hidden domains.
        candidates: the symmetries that a search may switch on, as they act on the input.
        permutations: `permutations[c][l]` is the action of candidate `c` on the points of layer
            `l`; after the last hidden layer that on the outputs, where any candidate moves them.
        sizes: number of points of each of these layers.
        warnings: why the actions break law 4, where that was asked for by name; what the first
            hidden domain cannot see; and whether candidates contradict each other on the outputs.
    """

    domains: tuple[Domain, ...]
    candidates: tuple[Symmetry, ...]
    permutations: tuple[tuple[Permutation, ...], ...]
    sizes: tuple[int, ...]
    warnings: tuple[str, ...] = ()

    @property
    def moves_outputs(self) -> bool:
        """Whether any candidate moves outputs, so that networks are equivariant, not invariant."""
        return len(self.sizes) > len(self.domains)

    @property
    def moves_channels(self) -> bool:
        """Whether any candidate moves channels of the input: then its points include them."""
        return self.sizes[0] > self.domains[0].size

    @cached_property
    def is_signed(self) -> bool:
        """Whether any candidate has signs on any layer."""
        return any(p.is_signed for row in self.permutations for p in row)

    def weight_orbits(self, layer: int, generators: Iterable[int]) -> Orbits:
        """Return the orbits of one layer's (output, input) pairs under these candidates."""
        rows = [self.permutations[c] for c in generators]
        ins, outs = [row[layer] for row in rows], [row[layer + 1] for row in rows]
        return pair_orbits(outs, ins, self.sizes[layer + 1], self.sizes[layer], self.is_signed)

    def bias_orbits(self, layer: int, generators: Iterable[int]) -> Orbits:
        """Return the orbits of one layer's outputs under these candidates."""
        outs = [self.permutations[c][layer + 1] for c in generators]
        return point_orbits(outs, self.sizes[layer + 1], self.is_signed)

    def orbits(self, generators: Iterable[int]) -> LayerOrbits:
        """Return the orbits of every layer under the candidates with these numbers."""
        used = tuple(generators)
        layers = range(len(self.sizes) - 1)
        return LayerOrbits(
            tuple(self.weight_orbits(layer, used) for layer in layers),
            tuple(self.bias_orbits(layer, used) for layer in layers),
        )


def layer_actions(
    candidates: Sequence[Symmetry],
    domain: Domain,
    hidden: Sequence[Domain],
    allow_improper: bool = False,
    channels: int = 1,
    outputs: int = 1,
) -> LayerActions:
    """Return the actions of `candidates` on `domain` and on `hidden`, with steps scaled to each.

    Args:
        candidates: symmetries, with steps in indices of `domain`.
        domain: the input's domain.
        hidden: one domain for each hidden layer.
        allow_improper: keep actions that break law 4 and say so in `warnings` (for the paper's own
            shapes).
        channels: of the input.
        outputs: number of classes, or of components of the target.

    Raises:
        SymmetryError: a candidate is not defined on one of the domains, on the channels or on the
            outputs, or there is no hidden domain.
        ActionError: the action on a hidden domain or on the outputs is not a homomorphic image of
            that on the layer before it, or that of a candidate on the outputs not one of that on
            the input (law 4).
    """
    if not hidden:
        raise SymmetryError("A network needs at least one hidden domain: its symmetries act there.")
    domains = (domain, *hidden)
    moves_channels = any(s.channel_action(channels) is not None for s in candidates)
    copies = channels if moves_channels else None
    columns = [[on_points(s, domain, d, copies) for s in candidates] for d in domains]
    sizes = [d.size * (copies or 1) for d in domains]
    if any(p.is_signed for p in columns[0]):
        columns[1:] = [[p.double_cover() for p in column] for column in columns[1:]]
        sizes[1:] = [2 * size for size in sizes[1:]]
    moved = [s.output_action(outputs) for s in candidates]
    if any(action is not None for action in moved):
        columns.append([action or Permutation.identity(outputs) for action in moved])
        sizes.append(outputs)
    warnings = _checked(
        LayerCheck(candidates, domains, columns),
        allow_improper,
        lambda: suggested_hidden_domain(candidates, domain, channels, outputs),
    )
    rows = tuple(tuple(column[c] for column in columns) for c in range(len(candidates)))
    return LayerActions(domains, tuple(candidates), rows, tuple(sizes), warnings)


def _checked(
    check: LayerCheck, allow_improper: bool, suggested: Callable[[], Domain]
) -> tuple[str, ...]:
    """Return warnings, or refuse what breaks law 4."""
    contradictions = check.contradictions()
    troubles = check.troubles(bool(contradictions))
    if troubles and not allow_improper:
        raise ActionError(
            f"{troubles[0]}; use a hidden shape such as {suggested()}, or another step."
        )
    loss = None if troubles else check.loss()
    if loss is not None:
        better = suggested()
        better = check.domains[0] if better == check.domains[1] else better
        troubles = [f"{loss}; use a hidden shape such as {better}, or another step"]
    return (*(f"{trouble}." for trouble in troubles), *contradictions)
