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
    """How each candidate acts on the input and on every hidden domain.

    Attributes:
        domains: input first, then the hidden domains.
        candidates: the symmetries that a search may switch on, as they act on the input.
        permutations: `permutations[c][l]` is the action of candidate `c` on domain `l`.
        warnings: why the actions break law 4, where that was asked for by name.
    """

    domains: tuple[Domain, ...]
    candidates: tuple[Symmetry, ...]
    permutations: tuple[tuple[Permutation, ...], ...]
    warnings: tuple[str, ...] = ()

    @cached_property
    def is_signed(self) -> bool:
        """Whether any candidate has signs on any domain: then the nonlinearity must be odd."""
        return any(p.is_signed for row in self.permutations for p in row)

    def weight_orbits(self, layer: int, generators: Iterable[int]) -> Orbits:
        """Return the orbits of one layer's (output, input) pairs under these candidates."""
        rows = [self.permutations[c] for c in generators]
        ins, outs = [row[layer] for row in rows], [row[layer + 1] for row in rows]
        n_in, n_out = self.domains[layer].size, self.domains[layer + 1].size
        return pair_orbits(outs, ins, n_out, n_in, self.is_signed)

    def bias_orbits(self, layer: int, generators: Iterable[int]) -> Orbits:
        """Return the orbits of one layer's outputs under these candidates."""
        outs = [self.permutations[c][layer + 1] for c in generators]
        return point_orbits(outs, self.domains[layer + 1].size, self.is_signed)

    def orbits(self, generators: Iterable[int]) -> LayerOrbits:
        """Return the orbits of every layer under the candidates with these numbers."""
        used = tuple(generators)
        layers = range(len(self.domains) - 1)
        return LayerOrbits(
            tuple(self.weight_orbits(layer, used) for layer in layers),
            tuple(self.bias_orbits(layer, used) for layer in layers),
        )


def layer_actions(
    candidates: Sequence[Symmetry],
    domain: Domain,
    hidden: Sequence[Domain],
    allow_improper: bool = False,
) -> LayerActions:
    """Return the actions of `candidates` on `domain` and on `hidden`, with steps scaled to each.

    Args:
        candidates: symmetries, with steps in indices of `domain`.
        domain: the input's domain.
        hidden: one domain for each hidden layer.
        allow_improper: keep actions that break law 4 and say so in `warnings` (for the paper's own
            shapes).

    Raises:
        SymmetryError: a candidate is not defined on one of the domains, or there is no hidden one.
        ActionError: the action on a hidden domain is not a homomorphic image of that on the input
            (law 4).
    """
    if not hidden:
        raise SymmetryError("A network needs at least one hidden domain: its symmetries act there.")
    domains = (domain, *hidden)
    rows = tuple(tuple(s.rescaled(domain, d).action(d) for d in domains) for s in candidates)
    warnings = []
    for layer in dict.fromkeys(hidden):
        inputs = [row[0] for row in rows]
        outputs = [row[domains.index(layer, 1)] for row in rows]
        trouble = _trouble(candidates, domain, layer, inputs, outputs)
        if trouble and not allow_improper:
            choice = suggested_hidden_domain(candidates, domain)
            raise ActionError(f"{trouble}; use a hidden shape such as {choice}, or another step.")
        if trouble:
            warnings.append(f"{trouble}.")
    return LayerActions(domains, tuple(candidates), rows, tuple(warnings))


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
