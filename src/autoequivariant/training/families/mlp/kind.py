"""MLPs as a kind of network: a family from settings and data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from autoequivariant.errors import SettingsError, SymmetryError
from autoequivariant.groups.actions import DNA
from autoequivariant.groups.catalogue import default_candidates, paper_candidates
from autoequivariant.groups.closure.hidden_domains import (
    suggested_hidden_domain,
    suggested_items,
)
from autoequivariant.groups.closure.layer_actions import LayerActions, layer_actions
from autoequivariant.groups.closure.work import check_work
from autoequivariant.groups.custom.definition import DataSpec, resolve
from autoequivariant.groups.custom.proposal import with_proposed
from autoequivariant.groups.domain import Domain, Features, Grid, Pairs, parse_domain
from autoequivariant.groups.scale_classes import scale_classes
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.nn.mlp.coding import Coding
from autoequivariant.nn.mlp.description import MLPDescription
from autoequivariant.nn.mlp.expansion import Expansion
from autoequivariant.training.families.kind import NetworkKind, NetworkOptions
from autoequivariant.training.families.mlp.family import MLPFamily
from autoequivariant.training.loop import Training
from autoequivariant.training.tasks import task_of

NUMBERS: Literal["numbers"] = "numbers"
ONE_HOT: Literal["one-hot"] = "one-hot"
CODINGS = (NUMBERS, ONE_HOT)
"""How columns of few whole numbers are read: as numbers, or with a unit for each value."""
PAPER_EPOCHS = 4
PAPER_INPUT = Grid(28, 28)
PAPER_HIDDEN = (Grid(20, 20), Grid(20, 20))
HIDDEN_LAYERS = 2
FEWEST_HIDDEN_UNITS = 128
"""Hidden layers have at least this many units, and at least two channels."""
MOST_SAMPLE_INDICES = 2**22
"""Largest number of indices of samples: on more, candidates take minutes each."""
WIDTH_FACTORS = (0.5, 1, 2, 4)
"""Widths to search with two objectives, in units of the default width."""


class MLPKind(NetworkKind):
    """Equivariant MLPs, for all data."""

    name = "mlp"
    default_for = "small images, and for all other data"
    options = {f"--{name}": name for name in ("layers", "channels", "widths", "final", "coding")}
    description = MLPDescription
    training = Training(PAPER_EPOCHS)
    steps = 400
    has_codings = True

    def suits(self, spec: DataSpec, options: NetworkOptions) -> bool:
        """See `NetworkKind`."""
        return True

    def family(self, spec: DataSpec, options: NetworkOptions) -> tuple[MLPFamily, tuple[int, ...]]:
        """See `NetworkKind`."""
        candidates = candidates_for(spec, options)
        hidden = hidden_domains(spec, candidates, options)
        is_paper = options.preset == "paper"
        outputs = len(spec.outputs)
        actions = layer_actions(candidates, spec.domain, hidden, is_paper, spec.channels, outputs)
        layers = len(actions.domains)
        channels = options.channels or (
            1 if is_paper else _default_channels(min(actions.sizes[1:layers]))
        )
        final = options.final or ("dense" if is_paper else "invariant")
        coding = coding_of(spec, actions, options.coding == ONE_HOT)
        architecture = MLPArchitecture(
            actions,
            spec.channels,
            (channels,) * len(hidden),
            outputs,
            final,
            coding,
            expansion_of(spec, actions),
        )
        return MLPFamily(architecture, task_of(spec.has_classes)), _widths(options, channels)

    def settings_from_identity(self, identity: Mapping[str, Any]) -> dict[str, Any]:
        """Return the layers, the channels and the final layer."""
        return {
            "layers": tuple(map(parse_domain, identity["layers"])),
            "channels": identity["channels"][0],
            "final": identity["final"],
        }


def coding_of(spec: DataSpec, actions: LayerActions, is_one_hot: bool) -> Coding | None:
    """Return the coding of a table; None if all columns are numbers.

    Columns of text have a unit for each value. Those of few whole numbers do, too, if they are
    one-hot. Columns that candidates exchange then have the units of all their values, and are
    numbers if a candidate changes the sign of one, or one of them has many values.
    """
    size = spec.domain.size
    texts = spec.categories or ((),) * size
    values = [tuple(map(float, range(len(alphabet)))) for alphabet in texts]
    if is_one_hot and spec.few_values:
        alike = scale_classes([row[0] for row in actions.permutations], size)
        for label in range(int(alike.labels.max()) + 1):
            columns = np.flatnonzero(alike.labels == label).tolist()
            own = [spec.few_values[column] for column in columns]
            if all(own) and not alike.centred[columns].any():
                together = tuple(sorted(set().union(*own)))
                for column in columns:
                    values[column] = together
    return Coding(tuple(values)) if any(values) else None


def expansion_of(spec: DataSpec, actions: LayerActions) -> Expansion | None:
    """Return the expansion of the values of pairs; None if they are read as they are.

    They are where hidden layers have pairs, which would be slow; where a candidate changes signs,
    of which segments have none; and where one moves channels.
    """
    domain, *hidden = actions.domains
    if not isinstance(domain, Pairs) or not spec.knots:
        return None
    has_items = all(isinstance(each, Features) for each in hidden)
    is_read_as_it_is = actions.is_signed or actions.moves_channels or not has_items
    return None if is_read_as_it_is else Expansion(domain, spec.knots)


def candidates_for(spec: DataSpec, options: NetworkOptions) -> tuple[Symmetry, ...]:
    """Return the candidates that the settings name, or the default ones for the domain; and those
    that were proposed.

    Where proposals were looked for, a table has no other default candidates. The reverse complement
    is a default only for sequences that look like DNA, a transpose of pairs only if it moves any
    sample.

    Raises:
        SettingsError: the domain is too large.
        SymmetryError: a named symmetry does not fit the domain, or no default does.
    """
    domain = spec.domain
    if domain.size > MOST_SAMPLE_INDICES:
        raise SettingsError(
            f"{domain} has {domain.size:,} indices, more than {MOST_SAMPLE_INDICES:,}: use smaller "
            "data."
        )
    if options.symmetries is not None:
        listed = resolve(options.symmetries, spec)
        partial = [str(one) for one in listed if one.level is not None]
        if partial:
            raise SymmetryError(
                f"An MLP has no levels for {', '.join(partial)}: use --network cnn, or leave the "
                "level out."
            )
        return with_proposed(listed, spec)
    if options.preset == "paper":
        return paper_candidates()
    if spec.proposed is not None and domain.kind == "features":
        return spec.proposed
    is_dna = spec.is_one_hot and spec.channels == len(DNA)
    return with_proposed(default_candidates(domain, is_dna, spec.is_symmetric), spec)


def hidden_domains(
    spec: DataSpec, candidates: tuple[Symmetry, ...], options: NetworkOptions
) -> tuple[Domain, ...]:
    """Return the hidden domains that the settings name, or the default ones.

    The default is a coarser copy of the input's domain on which every candidate acts without loss;
    of pairs it is their items, or the pairs themselves where a candidate is not seen on items.
    """
    domain = spec.domain
    hidden = options.layers or _default_hidden(spec, candidates, options)
    # As in `MLPDescription.check_size`: what is trained must also be loaded.
    on_channels = [candidate.channel_action(spec.channels) for candidate in candidates]
    moves = [action for action in on_channels if action is not None]
    channels = spec.channels if moves else 1
    moves += [candidate.action(domain) for candidate in candidates]
    is_signed = any(action.is_signed for action in moves)
    check_work(len(candidates), [one.size * channels for one in (domain, *hidden)], is_signed)
    return hidden


def _default_hidden(
    spec: DataSpec, candidates: tuple[Symmetry, ...], options: NetworkOptions
) -> tuple[Domain, ...]:
    domain = spec.domain
    if options.preset != "paper":
        outputs = len(spec.outputs)
        hidden = suggested_hidden_domain(candidates, domain, spec.channels, outputs)
        return (suggested_items(candidates, hidden, spec.channels, outputs),) * HIDDEN_LAYERS
    if domain != PAPER_INPUT:
        raise SettingsError(
            f"--preset paper needs images of {PAPER_INPUT} or --layers; got samples on {domain}."
        )
    return PAPER_HIDDEN


def _default_channels(points: int) -> int:
    return max(2, math.ceil(FEWEST_HIDDEN_UNITS / points))


def _widths(options: NetworkOptions, channels: int) -> tuple[int, ...]:
    if options.objective == "score":
        return ()
    if options.widths is not None:
        return options.widths
    return tuple(max(1, int(factor * channels)) for factor in WIDTH_FACTORS)
