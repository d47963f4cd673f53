"""An MLP as `model.json` describes it, checked before anything large is made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Self

import torch
from msgspec import Meta, Struct

from autoequivariant.errors import ModelError, shown
from autoequivariant.groups.catalogue import CANDIDATE_LISTS, MOST_CANDIDATES
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.closure.work import check_work
from autoequivariant.groups.custom.definition import DataSpec, candidate_of, resolve
from autoequivariant.groups.domain import Domain, Pairs, parse_domain
from autoequivariant.groups.orbits import point_orbits
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.jsonio import to_type
from autoequivariant.nn.io.tensor_specs import TensorSpec, check_enough
from autoequivariant.nn.mlp.architecture import FINALS, MLPArchitecture
from autoequivariant.nn.mlp.coding import Coding
from autoequivariant.nn.mlp.expansion import Expansion
from autoequivariant.nn.mlp.limits import check_memory
from autoequivariant.nn.mlp.network import EquivariantMLP
from autoequivariant.nn.network import Channels, NetworkDescription

_Knots = Annotated[tuple[float, ...], Meta(min_length=1, max_length=64)]


class _Fields(Struct, frozen=True, forbid_unknown_fields=True):
    domains: Annotated[tuple[str, ...], Meta(min_length=2, max_length=64)]
    in_channels: Channels
    hidden_channels: tuple[Channels, ...]
    final: str
    candidates: Annotated[tuple[str | dict[str, Any], ...], Meta(max_length=MOST_CANDIDATES)]
    generators: Annotated[tuple[str, ...], Meta(max_length=MOST_CANDIDATES)]
    coding: tuple[tuple[float, ...], ...] | None = None
    knots: tuple[_Knots, ...] | None = None


@dataclass(frozen=True)
class MLPDescription(NetworkDescription):
    """An MLP before it is made.

    Attributes:
        domains: input first, then the hidden domains.
        n_channels: channels of the input.
        hidden_channels, classes, final: as in `MLPArchitecture`.
        candidates: as in `MLPArchitecture.actions`.
        generators: numbers of the candidates that generate the state.
        coding, expansion: as in `MLPArchitecture`.
    """

    domains: tuple[Domain, ...]
    n_channels: int
    hidden_channels: tuple[int, ...]
    classes: int
    final: str
    candidates: tuple[Symmetry, ...]
    generators: tuple[int, ...]
    coding: Coding | None = None
    expansion: Expansion | None = None

    @property
    def domain(self) -> Domain:
        """The input's domain."""
        return self.domains[0]

    @property
    def in_channels(self) -> int:
        """Channels of the input."""
        return self.n_channels

    @classmethod
    def read(cls, fields: dict[str, Any], outputs: tuple[str, ...], has_classes: bool) -> Self:
        """See `NetworkDescription`."""
        found = to_type(fields, _Fields, "model.json")
        domains = tuple(map(parse_domain, found.domains))
        if len(found.hidden_channels) != len(domains) - 1:
            raise ModelError(
                f"{len(domains) - 1} hidden domains have {len(found.hidden_channels)} "
                "hidden_channels"
            )
        if found.final not in FINALS:
            raise ModelError(
                f"its final must be one of {', '.join(FINALS)}; got {shown(found.final)}"
            )
        check_memory(_named_moves(found, domains, len(outputs)))
        lists = [
            one
            for one in found.candidates
            if isinstance(one, str) and one.strip() in CANDIDATE_LISTS
        ]
        if lists:  # what a file does not name, it must not make
            raise ModelError(
                f"its candidates hold the list {shown(lists[0])}, not single symmetries"
            )
        spec = DataSpec(domains[0], (), found.in_channels, outputs, has_classes)
        candidates = resolve(map(candidate_of, found.candidates), spec)
        if len(candidates) < len(found.candidates):
            raise ModelError("two of its candidates are the same")
        numbers = {str(symmetry): number for number, symmetry in enumerate(candidates)}
        for name in found.generators:
            if name not in numbers:
                raise ModelError(f"its generator {shown(name)} is not among its candidates")
        if len(set(found.generators)) < len(found.generators):
            raise ModelError("two of its generators are the same")
        return cls(
            domains,
            found.in_channels,
            found.hidden_channels,
            len(outputs),
            found.final,
            candidates,
            tuple(numbers[name] for name in found.generators),
            _coding(found, domains[0]),
            _expansion(found, domains[0]),
        )

    def check_tensors(self, found: Mapping[str, TensorSpec]) -> None:
        """See `NetworkDescription`."""
        held = sum(spec.size for spec in found.values())
        self.check_size(4 * held)
        check_enough(held, self._fewest_weights())

    def _fewest_weights(self) -> int:
        """A lower bound: each orbit of outputs and each of inputs have a weight between them."""
        counts = []
        for domain in self.domains:
            generators = (self.candidates[number] for number in self.generators)
            moves = [g.rescaled(self.domain, domain).action(domain) for g in generators]
            if any(move.is_signed for move in moves):
                return 0  # signs may force every weight to zero
            counts.append(point_orbits(moves, domain.size).count)
        channels = (1 if self._moved_channels else self._read_channels, *self.hidden_channels)
        units = [count * each for count, each in zip(counts, channels, strict=True)]
        return sum(a * b for a, b in zip(units, units[1:], strict=False))

    def check_size(self, held: int) -> None:
        """Refuse what would take too much memory or time.

        Args:
            held: bytes of all weights in the file.

        Raises:
            ModelError: says how much.
            SettingsError: the candidates and layers take too long to compare.
        """
        channels = self.n_channels if self._moved_channels else 1
        indices = [domain.size * channels for domain in self.domains]
        check_work(len(self.candidates), indices, self._is_signed)
        first = indices[0] if self.coding is None else self.coding.units
        points = [first, *(domain.size * self._copies for domain in self.domains[1:])]
        moves = len(self.candidates) * sum(points)
        check_memory(moves, self._matrices(), points, self._is_signed, held)

    def _matrices(self) -> list[tuple[int, int]]:
        """Rows and columns of each layer's weight matrix."""
        domain, *hidden = self.domains
        pairs = zip(self.hidden_channels, hidden, strict=True)
        inner = [count * each.size * self._copies for count, each in pairs]
        units = self._read_channels * domain.size if self.coding is None else self.coding.units
        widths = [units, *inner, self.classes]
        return list(zip(widths[1:], widths, strict=False))

    @property
    def _read_channels(self) -> int:
        return self.n_channels * (1 if self.expansion is None else self.expansion.segments)

    @cached_property
    def _copies(self) -> int:
        """How often each index of a hidden domain occurs in its layer (`LayerActions`)."""
        return (self.n_channels if self._moved_channels else 1) * (2 if self._is_signed else 1)

    @cached_property
    def _moved_channels(self) -> list[Permutation]:
        actions = [s.channel_action(self.n_channels) for s in self.candidates]
        return [action for action in actions if action is not None]

    @cached_property
    def _is_signed(self) -> bool:
        """Whether a candidate changes signs of the input."""
        return any(p.is_signed for p in self._moved_channels) or any(
            s.action(self.domain).is_signed for s in self.candidates
        )

    def build(self) -> EquivariantMLP:
        """See `NetworkDescription`."""
        domain, *hidden = self.domains
        actions = layer_actions(
            self.candidates,
            domain,
            hidden,
            is_checked=False,  # law 4 was, when the network was trained
            channels=self.n_channels,
            outputs=self.classes,
        )
        architecture = MLPArchitecture(
            actions,
            self.n_channels,
            self.hidden_channels,
            self.classes,
            self.final,
            self.coding,
            self.expansion,
        )
        source = torch.Generator().manual_seed(0)
        return EquivariantMLP(architecture, self.generators, generator=source)


def _coding(found: _Fields, domain: Domain) -> Coding | None:
    if found.coding is None:
        return None
    if domain.kind != "features" or found.in_channels != 1:
        raise ModelError(f"its coding is for tables, not for {found.in_channels} of {domain}")
    if len(found.coding) != domain.size:
        raise ModelError(f"its {domain} has the coding of {len(found.coding)} columns")
    if any(len(set(values)) < len(values) for values in found.coding):
        raise ModelError("two values of a column in its coding are the same")
    return Coding(found.coding)


def _expansion(found: _Fields, domain: Domain) -> Expansion | None:
    if found.knots is None:
        return None
    if not isinstance(domain, Pairs):
        raise ModelError(f"its knots are for pairs, not for {domain}")
    if len(found.knots) != 2 * found.in_channels:
        raise ModelError(f"it has {len(found.knots)} rows of knots, not 2 for each of its channels")
    if any(a >= b for own in found.knots for a, b in zip(own, own[1:], strict=False)):
        raise ModelError("its knots do not increase")
    return Expansion(domain, found.knots)


def _named_moves(found: _Fields, domains: Sequence[Domain], outputs: int) -> int:
    """How many indices the candidates move on all domains, the channels and the outputs."""
    mappings = [one for one in found.candidates if isinstance(one, dict)]
    channels = found.in_channels * sum("channels" in one for one in mappings)
    moved = outputs * sum("outputs" in one for one in mappings)
    return len(found.candidates) * sum(domain.size for domain in domains) + channels + moved
