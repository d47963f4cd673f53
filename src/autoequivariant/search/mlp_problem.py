"""Settings and data made into a family of MLPs."""

from __future__ import annotations

import math

from autoequivariant.data import Samples
from autoequivariant.errors import SettingsError
from autoequivariant.groups import (
    Acted,
    Domain,
    Grid,
    Symmetry,
    default_candidates,
    exchange_candidates,
    layer_actions,
    paper_candidates,
    resolve,
    suggested_hidden_domain,
)
from autoequivariant.groups.actions import DNA
from autoequivariant.nn import Architecture
from autoequivariant.search.acted import acted_on
from autoequivariant.search.mlp import MLPFamily
from autoequivariant.search.settings import SearchSettings
from autoequivariant.search.tasks import TASKS

PAPER_INPUT = Grid(28, 28)
PAPER_HIDDEN = (Grid(20, 20), Grid(20, 20))
HIDDEN_LAYERS = 2
FEWEST_HIDDEN_UNITS = 128
"""A hidden layer gets two channels, or as many as it needs to have so many units."""
MOST_INDICES, MOST_PAIRS = 2**24, 2**28
"""Indices of a domain, and pairs of them between two layers, beyond which memory is too small."""
WIDTH_FACTORS = (0.5, 1, 2, 4)
"""Widths that are searched where the number of weights is an objective, times the default."""


def mlp_family(samples: Samples, settings: SearchSettings) -> tuple[MLPFamily, tuple[int, ...]]:
    """Return the MLPs that the settings ask for, and the numbers of channels to search over.

    Raises:
        ActionError, SettingsError, SymmetryError: what is wrong and what to do.
    """
    acted = acted_on(samples)
    candidates = candidates_for(acted, settings)
    hidden = hidden_domains(acted, candidates, settings)
    is_paper = settings.preset == "paper"
    outputs = len(acted.outputs)
    actions = layer_actions(candidates, samples.domain, hidden, is_paper, samples.channels, outputs)
    channels = settings.channels or (1 if is_paper else _default_channels(actions.sizes[1]))
    final = settings.final or ("dense" if is_paper else "invariant")
    architecture = Architecture(
        actions, samples.channels, (channels,) * len(hidden), outputs, final
    )
    return MLPFamily(architecture, TASKS[samples.task]), _widths(settings, channels)


def candidates_for(acted: Acted, settings: SearchSettings) -> tuple[Symmetry, ...]:
    """Return the candidates that the settings name, or the list for the domain.

    Of a table whose columns are known, the list exchanges those that look alike; it is empty where
    none do. Only of sequences that look like DNA, it has the other strand.

    Raises:
        SettingsError: the domain is too large.
        SymmetryError: what is named does not fit it, or no candidate is defined on it.
    """
    domain = acted.domain
    if domain.size > MOST_INDICES:
        raise SettingsError(
            f"{domain} has {domain.size:,} indices, more than {MOST_INDICES:,}: give smaller data."
        )
    if settings.symmetries is not None:
        return resolve(settings.symmetries, acted)
    if settings.preset == "paper":
        return paper_candidates()
    if acted.alike is not None:
        return exchange_candidates(acted, acted.alike)
    return default_candidates(domain, acted.is_one_hot and acted.channels == len(DNA))


def hidden_domains(
    acted: Acted, candidates: tuple[Symmetry, ...], settings: SearchSettings
) -> tuple[Domain, ...]:
    """Return the hidden domains that the settings name, or those on which every candidate acts
    properly.
    """
    domain = acted.domain
    hidden = settings.layers or _default_hidden(acted, candidates, settings)
    for before, after in zip((domain, *hidden), hidden, strict=False):
        if before.size * after.size > MOST_PAIRS:
            raise SettingsError(
                f"A layer between {before} and {after} has {before.size * after.size:,} weights "
                f"before sharing, more than {MOST_PAIRS:,}: give smaller --layers."
            )
    return hidden


def _default_hidden(
    acted: Acted, candidates: tuple[Symmetry, ...], settings: SearchSettings
) -> tuple[Domain, ...]:
    domain = acted.domain
    if settings.preset != "paper":
        outputs = len(acted.outputs)
        hidden = suggested_hidden_domain(candidates, domain, acted.channels, outputs)
        return (hidden,) * HIDDEN_LAYERS
    if domain != PAPER_INPUT:
        raise SettingsError(
            f"--preset paper is made for images of {PAPER_INPUT}, not {domain}: "
            "leave it out, or give --layers."
        )
    return PAPER_HIDDEN


def _default_channels(points: int) -> int:
    return max(2, math.ceil(FEWEST_HIDDEN_UNITS / points))


def _widths(settings: SearchSettings, channels: int) -> tuple[int, ...]:
    if settings.objective == "accuracy":
        return ()
    if settings.widths is not None:
        return settings.widths
    return tuple(max(1, int(factor * channels)) for factor in WIDTH_FACTORS)
