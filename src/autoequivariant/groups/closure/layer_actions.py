"""The candidates' actions on every layer's domain, checked layer by layer (law 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from autoequivariant.errors import ActionError, SymmetryError
from autoequivariant.groups.closure.hidden_domains import point_action, suggested_hidden_domain
from autoequivariant.groups.closure.layer_compatibility import LayerCheck
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.orbits import Orbits, pair_orbits, point_orbits
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry


@dataclass(frozen=True)
class LayerActions:
    """How each candidate acts on the input, on every hidden layer, and on the outputs.

    Candidates permute a layer's points: the indices of its domain or, if any candidate moves
    channels, all pairs (input channel, index). If any candidate changes signs, hidden layers use
    the double cover, with two points for each value and its negative, which the candidate
    exchanges: so hidden actions have no signs and commute with any pointwise nonlinearity.

    Attributes:
        domains: of the input, then of the hidden layers.
        candidates: the symmetries that a search may switch on, as they act on the input.
        permutations: `permutations[c][l]` is the action of candidate `c` on the points of layer
            `l`; the last one is on the outputs if any candidate moves them.
        sizes: number of points of each of these layers.
        warnings: violations of law 4 that were explicitly allowed, what the first hidden layer
            cannot see, and contradictions between candidates on the outputs.
    """

    domains: tuple[Domain, ...]
    candidates: tuple[Symmetry, ...]
    permutations: tuple[tuple[Permutation, ...], ...]
    sizes: tuple[int, ...]
    warnings: tuple[str, ...] = field(default=(), compare=False)

    @property
    def moves_outputs(self) -> bool:
        """Whether any candidate moves outputs: networks are then equivariant, not invariant."""
        return len(self.sizes) > len(self.domains)

    @property
    def moves_channels(self) -> bool:
        """Whether any candidate moves input channels, so that points are (channel, index)."""
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


def layer_actions(
    candidates: Sequence[Symmetry],
    domain: Domain,
    hidden: Sequence[Domain],
    allow_improper: bool = False,
    channels: int = 1,
    outputs: int = 1,
    is_checked: bool = True,
) -> LayerActions:
    """Return the actions of `candidates` on `domain` and on `hidden`, with steps scaled to each.

    Args:
        candidates: symmetries, with steps in indices of `domain`.
        domain: of the input.
        hidden: one domain for each hidden layer.
        allow_improper: turn violations of law 4 into warnings (for the shapes of the paper).
        channels: number of input channels.
        outputs: number of classes or target components.
        is_checked: check law 4, which may take longer than all else; otherwise no warnings.

    Raises:
        SymmetryError: a candidate is not defined on one of the domains, the channels or the
            outputs, or `hidden` is empty.
        ActionError: law 4 is violated: the action on a hidden domain or on the outputs is not a
            homomorphic image of that on the layer before it, or a candidate's action on the outputs
            is not one of its action on the input.
    """
    if not hidden:
        raise SymmetryError("A network needs at least one hidden domain for its symmetries.")
    domains = (domain, *hidden)
    moves_channels = any(s.channel_action(channels) is not None for s in candidates)
    point_channels = channels if moves_channels else None
    actions = [[point_action(s, domain, d, point_channels) for s in candidates] for d in domains]
    sizes = [d.size * (point_channels or 1) for d in domains]
    if any(p.is_signed for p in actions[0]):
        actions[1:] = [[p.double_cover() for p in layer] for layer in actions[1:]]
        sizes[1:] = [2 * size for size in sizes[1:]]
    on_outputs = [s.output_action(outputs) for s in candidates]
    if any(action is not None for action in on_outputs):
        actions.append([action or Permutation.identity(outputs) for action in on_outputs])
        sizes.append(outputs)
    warnings: tuple[str, ...] = ()
    if is_checked:
        warnings = _warnings(
            LayerCheck(candidates, domains, actions),
            allow_improper,
            lambda: suggested_hidden_domain(candidates, domain, channels, outputs),
        )
    permutations = tuple(tuple(layer[c] for layer in actions) for c in range(len(candidates)))
    return LayerActions(domains, tuple(candidates), permutations, tuple(sizes), warnings)


def _warnings(
    check: LayerCheck, allow_improper: bool, suggested_domain: Callable[[], Domain]
) -> tuple[str, ...]:
    """Return warnings; raise `ActionError` for violations of law 4 that are not allowed."""
    contradictions = check.contradictions()
    violations = check.violations(bool(contradictions))
    if violations and not allow_improper:
        raise ActionError(
            f"{violations[0]}; use a hidden shape such as {suggested_domain()}, or another step."
        )
    loss = None if violations else check.loss()
    if loss is not None:
        better = suggested_domain()
        better = check.domains[0] if better == check.domains[1] else better
        violations = [f"{loss}; use a hidden shape such as {better}, or another step"]
    return (*(f"{violation}." for violation in violations), *contradictions)
