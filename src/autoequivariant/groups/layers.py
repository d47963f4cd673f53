"""The candidates' actions on every layer's domain, and hidden domains on which all act properly."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from autoequivariant.errors import ActionError, SymmetryError
from autoequivariant.groups.compatibility import why_not_an_image
from autoequivariant.groups.domain import Domain, make_domain
from autoequivariant.groups.orbits import Orbits, pair_orbits, point_orbits
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry

MOST_HIDDEN_INDICES = 256
"""A hidden domain is coarsened to at most so many indices: 28x28 gives 14x14, 64x64 gives 16x16."""


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
        warnings: why the actions break law 4, where that was asked for by name; and whether
            candidates contradict each other on the outputs.
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
        ActionError: the action on a hidden domain, or of a candidate on the outputs, is not a
            homomorphic image of that on the input (law 4).
    """
    if not hidden:
        raise SymmetryError("A network needs at least one hidden domain: its symmetries act there.")
    domains = (domain, *hidden)
    moves_channels = any(s.channel_action(channels) is not None for s in candidates)
    copies = channels if moves_channels else None
    columns = [[_on_points(s, domain, d, copies) for s in candidates] for d in domains]
    sizes = [d.size * (copies or 1) for d in domains]
    if any(p.is_signed for p in columns[0]):
        columns[1:] = [[p.double_cover() for p in column] for column in columns[1:]]
        sizes[1:] = [2 * size for size in sizes[1:]]
    warnings = []
    for layer in dict.fromkeys(hidden):
        acted = columns[domains.index(layer, 1)]
        trouble = _trouble(candidates, domain, layer, columns[0], acted)
        if trouble and not allow_improper:
            choice = suggested_hidden_domain(candidates, domain)
            raise ActionError(f"{trouble}; use a hidden shape such as {choice}, or another step.")
        if trouble:
            warnings.append(f"{trouble}.")
    moved = [s.output_action(outputs) for s in candidates]
    if any(action is not None for action in moved):
        columns.append([action or Permutation.identity(outputs) for action in moved])
        sizes.append(outputs)
        warnings += _contradictions(candidates, domain, columns[0], columns[-1])
    rows = tuple(tuple(column[c] for column in columns) for c in range(len(candidates)))
    return LayerActions(domains, tuple(candidates), rows, tuple(sizes), tuple(warnings))


def _on_points(
    symmetry: Symmetry, source: Domain, domain: Domain, channels: int | None
) -> Permutation:
    """How a symmetry of `source` permutes the indices of `domain`, or the pairs of a channel and an
    index.
    """
    action = symmetry.rescaled(source, domain).action(domain)
    if channels is None:
        return action
    moved = symmetry.channel_action(channels) or Permutation.identity(channels)
    return Permutation.beside(moved, action)


def _contradictions(
    candidates: Sequence[Symmetry],
    domain: Domain,
    inputs: Sequence[Permutation],
    outputs: Sequence[Permutation],
) -> list[str]:
    """Refuse a candidate that contradicts itself; warn of those that contradict each other.

    A search may ask which of these is the right one.
    """
    for s, inp, out in zip(candidates, inputs, outputs, strict=True):
        if why_not_an_image([inp], [out]):
            raise ActionError(
                f"{s} has order {inp.order()} on {domain} but order {out.order()} on the outputs: "
                "done so often, it would leave samples as they are and still move their outputs."
            )
    if why_not_an_image(inputs, outputs) is None:
        return []
    return [
        "Some candidates contradict each other: together they leave samples as they are and still "
        "move their outputs, so a network that has them all cannot tell those outputs apart."
    ]


def suggested_hidden_domain(candidates: Sequence[Symmetry], domain: Domain) -> Domain:
    """Return a coarser domain where every candidate acts as an image of its action on `domain`.

    Each side is divided by one common factor of 2 or more: the smallest that is sound and leaves at
    most `MOST_HIDDEN_INDICES` indices, or else the largest that is sound; with none, the domain
    itself, on which every action is sound. Columns of a table have no neighbours, so `Features` are
    never coarsened.

    Raises:
        SymmetryError: a candidate is not defined on `domain` itself.
    """
    inputs = [s.action(domain) for s in candidates]
    for coarse in _coarser(domain):
        scaled = [s.rescaled(domain, coarse) for s in candidates]
        if not all(s.is_defined_on(coarse) for s in scaled):
            continue
        if why_not_an_image(inputs, [s.action(coarse) for s in scaled]) is None:
            return coarse
    return domain


def _coarser(domain: Domain) -> list[Domain]:
    """Coarser domains, best first: of the small enough ones the largest, then the smallest."""
    if domain.kind == "features":
        return []
    factors = [f for f in range(2, min(domain.shape) // 2 + 1) if math.gcd(f, *domain.shape) == f]
    coarse = [make_domain(domain.kind, tuple(side // f for side in domain.shape)) for f in factors]
    small = [d for d in coarse if d.size <= MOST_HIDDEN_INDICES]
    return [*small, *(d for d in reversed(coarse) if d.size > MOST_HIDDEN_INDICES)]


def _trouble(
    candidates: Sequence[Symmetry],
    domain: Domain,
    layer: Domain,
    inputs: Sequence[Permutation],
    outputs: Sequence[Permutation],
) -> str | None:
    """Law 4 for one hidden domain, in terms of the user's symmetries and shapes."""
    for symmetry, inp, out in zip(candidates, inputs, outputs, strict=True):
        if inp.order() % out.order():
            return (
                f"{symmetry} has order {inp.order()} on {domain} but order {out.order()} on "
                f"{layer}, so the layer between them would share weights under a larger group than "
                "the input has, and not see positions"
            )
    reason = why_not_an_image(inputs, outputs)
    if reason is None:
        return None
    return f"The symmetries act on {layer} not as an image of how they act on {domain}: {reason}"
