"""An MLP as its description says it, checked before anything large is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from autoequivariant.errors import ModelError
from autoequivariant.groups.catalogue import CANDIDATE_LISTS
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.custom.definition import DataSpec, candidate_of, resolve
from autoequivariant.groups.domain import Domain, parse_domain
from autoequivariant.groups.orbits import point_orbits
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.jsonio import Fields, shown
from autoequivariant.nn.io.tensor_header import TensorForm, refuse_misfits
from autoequivariant.nn.layers.sharing import FINALS, MLPArchitecture
from autoequivariant.nn.mlp.network import EquivariantMLP

MOST_CHANNELS = 10**6
MOST_LAYERS = 64
MOST_INDICES = 2**24
"""Of a domain; as in a search."""
MOST_ENTRIES = 2**28
"""Of all weight matrices before sharing."""
MOST_CANDIDATES = 10**4
MOST_MEMORY = 5 * 2**28
"""Bytes that making a network may take, however small its file is: enough for images of 64x64 with
hidden layers of the same shape and two channels.
"""
MOST_GROWTH = 32
"""Larger networks may take so many times the bytes of their weights: one without symmetries takes 4
times, one with all symmetries of a square about 32 times.
"""
_BYTES_OF_ENTRY = 10
"""Of all weight matrices before sharing, while the network is made; as the next two, measured."""
_BYTES_OF_PAIR = 4
"""More for each entry of the largest matrix between two channels."""
_BYTES_OF_SIGNED = 36
"""More for each entry of the first matrix between two channels, where signs change."""
_BYTES_OF_MOVE = 32
"""Of each index of each domain that a candidate moves."""
MOST_MOVES = MOST_MEMORY // _BYTES_OF_MOVE
"""Candidates times indices of all domains."""


@dataclass(frozen=True)
class MLPDescription:
    """An MLP before it is made.

    Attributes:
        domains: input first, then the hidden domains.
        in_channels, hidden_channels, classes, final: as in `MLPArchitecture`.
        candidates: as in `MLPArchitecture.actions`.
        generators: numbers of the candidates that generate the state.
    """

    domains: tuple[Domain, ...]
    in_channels: int
    hidden_channels: tuple[int, ...]
    classes: int
    final: str
    candidates: tuple[Symmetry, ...]
    generators: tuple[int, ...]

    @property
    def domain(self) -> Domain:
        """The input's domain."""
        return self.domains[0]

    @classmethod
    def of(cls, model: EquivariantMLP) -> MLPDescription:
        """Return the plan of a network."""
        architecture = model.architecture
        actions = architecture.actions
        return cls(
            actions.domains,
            architecture.in_channels,
            architecture.hidden_channels,
            architecture.classes,
            architecture.final,
            actions.candidates,
            model.generators,
        )

    @classmethod
    def read(cls, fields: Fields, outputs: tuple[str, ...], has_classes: bool) -> MLPDescription:
        """Read what `to_json` wrote.

        Args:
            fields: of the description.
            outputs: names of the classes or targets.
            has_classes: whether they are classes.

        Raises:
            AutoequivariantError: a field is missing, of another type or out of range.
        """
        domains = tuple(map(parse_domain, fields.texts("domains")))
        if not 2 <= len(domains) <= MOST_LAYERS:
            raise ModelError(
                f"it has {len(domains)} domains, not an input and 1 to {MOST_LAYERS - 1} hidden "
                "domains"
            )
        in_channels = fields.whole("in_channels", 1, MOST_CHANNELS)
        records = fields.records("candidates")
        _refuse_sizes(domains)
        _refuse_moves(len(records), domains)
        _refuse_lists(records)
        spec = DataSpec(domains[0], (), in_channels, outputs, has_classes)
        candidates = resolve(map(candidate_of, records), spec)
        hidden = fields.wholes("hidden_channels", 1, MOST_CHANNELS)
        if len(hidden) != len(domains) - 1:
            raise ModelError(
                f"{len(domains) - 1} hidden domains have {len(hidden)} hidden_channels"
            )
        return cls(
            domains,
            in_channels,
            hidden,
            len(outputs),
            fields.choice("final", FINALS),
            candidates,
            _numbers(candidates, fields.texts("generators")),
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "network": "mlp",
            "domains": [str(domain) for domain in self.domains],
            "in_channels": self.in_channels,
            "hidden_channels": list(self.hidden_channels),
            "final": self.final,
            "candidates": [symmetry.to_json() for symmetry in self.candidates],
            "generators": [str(self.candidates[number]) for number in self.generators],
        }

    def refuse(self, found: Mapping[str, TensorForm], others: Mapping[str, TensorForm]) -> None:
        """Refuse tensors that cannot be this network's, whatever its orbits are: another name, or
        more weights than its matrices have entries.

        Args:
            found: the tensors that are there.
            others: tensors beside those of the layers that are wanted, too.

        Raises:
            ModelError: names the first that does not fit, or says that the network is too large.
        """
        scaled = self.in_channels * (self.domain.size if self.domain.kind == "features" else 1)
        wanted = {name: TensorForm("F32", (scaled,)) for name in ("mean", "scale")}
        wanted |= others
        refuse_misfits({name: found[name] for name in wanted if name in found}, wanted)
        self.refuse_size(4 * sum(form.numbers for form in found.values()))
        for number, (rows, columns) in enumerate(self._matrices()):
            most = {"weight": rows * columns, "bias": rows}
            for part, entries in most.items():
                name = f"layers.{number}.{part}"
                form = found.get(name, TensorForm("F32", (entries,)))
                is_shared = self.generators and len(form.shape) == 1 and form.numbers <= entries
                wanted[name] = form if is_shared else TensorForm("F32", (entries,))
        refuse_misfits(found, wanted)
        self._refuse_too_few(found)

    def _refuse_too_few(self, found: Mapping[str, TensorForm]) -> None:
        """Refuse fewer weights than any orbits leave: each orbit of outputs and each of inputs have
        a weight between them. So what is small in the file is not large in memory for nothing.
        """
        counts = []
        for domain in self.domains:
            named = (self.candidates[number] for number in self.generators)
            moves = [symmetry.rescaled(self.domain, domain).action(domain) for symmetry in named]
            if any(move.is_signed for move in moves):
                return  # signs may leave no weight at all
            counts.append(point_orbits(moves, domain.size).count)
        for number, (before, after) in enumerate(zip(counts, counts[1:], strict=False)):
            name = f"layers.{number}.weight"
            if found[name].numbers < before * after:
                raise ModelError(
                    f"its weights do not fit model.json: {name} is {found[name]}, not F32 "
                    f"{before * after} or more"
                )

    def _matrices(self) -> list[tuple[int, int]]:
        domain, *hidden = self.domains
        pairs = zip(self.hidden_channels, hidden, strict=True)
        inner = [count * each.size * self._copies for count, each in pairs]
        widths = [self.in_channels * domain.size, *inner, self.classes]
        return list(zip(widths[1:], widths, strict=False))

    @property
    def _copies(self) -> int:
        """How often each index of a hidden domain stands in its layer (`LayerActions`)."""
        return (self.in_channels if self._moved_channels else 1) * (2 if self._is_signed else 1)

    @property
    def _moved_channels(self) -> list[Permutation]:
        actions = [s.channel_action(self.in_channels) for s in self.candidates]
        return [action for action in actions if action is not None]

    @property
    def _is_signed(self) -> bool:
        """Whether a candidate changes signs of the input."""
        return any(p.is_signed for p in self._moved_channels) or any(
            s.action(self.domain).is_signed for s in self.candidates
        )

    def refuse_size(self, held: int) -> None:
        """Refuse what would take too much memory.

        Args:
            held: bytes of all weights in the file.

        Raises:
            ModelError: says how much.
        """
        entries = sum(rows * columns for rows, columns in self._matrices())
        if entries > MOST_ENTRIES:
            raise ModelError(
                f"its matrices have {entries:,} entries before sharing, more than {MOST_ENTRIES:,}"
            )
        moves = len(self.candidates) * sum(domain.size for domain in self.domains)
        needed = _BYTES_OF_ENTRY * entries + self._bytes_of_orbits() + _BYTES_OF_MOVE * moves
        most = max(MOST_MEMORY, MOST_GROWTH * held)
        if needed > most:
            raise ModelError(
                f"its {entries:,} entries before sharing would take {_mebibytes(needed)} of "
                f"memory, more than the {_mebibytes(most)} that {held:,} bytes of weights may take"
            )

    def _bytes_of_orbits(self) -> int:
        points = [domain.size * self._copies for domain in self.domains]
        points[0] = self.domain.size * (self.in_channels if self._moved_channels else 1)
        pairs = [a * b for a, b in zip(points, points[1:], strict=False)]
        return _BYTES_OF_PAIR * max(pairs) + _BYTES_OF_SIGNED * pairs[0] * self._is_signed

    def build(self) -> EquivariantMLP:
        """Make the network; its weights are random."""
        # What was saved was sound or allowed by name when it was trained.
        domain, *hidden = self.domains
        actions = layer_actions(
            self.candidates,
            domain,
            hidden,
            allow_improper=True,
            channels=self.in_channels,
            outputs=self.classes,
        )
        architecture = MLPArchitecture(
            actions, self.in_channels, self.hidden_channels, self.classes, self.final
        )
        source = torch.Generator().manual_seed(0)
        return EquivariantMLP(architecture, self.generators, generator=source)


def _refuse_sizes(domains: tuple[Domain, ...]) -> None:
    size = max(domain.size for domain in domains)
    if size > MOST_INDICES:
        raise ModelError(f"a domain has {size:,} indices, more than {MOST_INDICES:,}")


def _refuse_lists(records: tuple[str | dict[str, Any], ...]) -> None:
    """Refuse ready lists: what a file does not name, it shall not make."""
    lists = [one for one in records if isinstance(one, str) and one.strip() in CANDIDATE_LISTS]
    if lists:
        raise ModelError(f"its candidates hold the list {shown(lists[0])}, not single symmetries")


def _mebibytes(count: int) -> str:
    return f"{count // 2**20:,} MiB"


def _refuse_moves(candidates: int, domains: tuple[Domain, ...]) -> None:
    if candidates > MOST_CANDIDATES:
        raise ModelError(f"it has {candidates:,} candidates, more than {MOST_CANDIDATES:,}")
    moves = candidates * sum(domain.size for domain in domains)
    if moves > MOST_MOVES:
        raise ModelError(f"its candidates move {moves:,} indices, more than {MOST_MOVES:,}")


def _numbers(candidates: tuple[Symmetry, ...], names: tuple[str, ...]) -> tuple[int, ...]:
    known = [str(symmetry) for symmetry in candidates]
    strangers = [name for name in names if name not in known]
    if strangers:
        raise ModelError(f"its generator {shown(strangers[0])} is none of its candidates")
    return tuple(known.index(name) for name in names)
