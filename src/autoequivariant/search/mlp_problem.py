"""Settings and data made into a family of MLPs."""

from __future__ import annotations

import math

from autoequivariant.data import Samples
from autoequivariant.errors import SettingsError
from autoequivariant.groups import (
    Domain,
    Grid,
    Symmetry,
    default_candidates,
    layer_actions,
    paper_candidates,
    suggested_hidden_domain,
)
from autoequivariant.nn import Architecture
from autoequivariant.search.mlp import MLPFamily
from autoequivariant.search.settings import SearchSettings

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
    candidates = candidates_for(samples.domain, settings)
    hidden = hidden_domains(samples.domain, candidates, settings)
    is_paper = settings.preset == "paper"
    actions = layer_actions(candidates, samples.domain, hidden, allow_improper=is_paper)
    channels = settings.channels or (1 if is_paper else _default_channels(hidden[0]))
    final = settings.final or ("dense" if is_paper else "invariant")
    architecture = Architecture(
        actions, samples.channels, (channels,) * len(hidden), len(samples.classes), final
    )
    return MLPFamily(architecture), _widths(settings, channels)


def candidates_for(domain: Domain, settings: SearchSettings) -> tuple[Symmetry, ...]:
    """Return the candidates that the settings name, or the list for the domain."""
    if domain.size > MOST_INDICES:
        raise SettingsError(
            f"{domain} has {domain.size:,} indices, more than {MOST_INDICES:,}: give smaller data."
        )
    if settings.symmetries is not None:
        return settings.symmetries
    return paper_candidates() if settings.preset == "paper" else default_candidates(domain)


def hidden_domains(
    domain: Domain, candidates: tuple[Symmetry, ...], settings: SearchSettings
) -> tuple[Domain, ...]:
    """Return the hidden domains that the settings name, or those on which every candidate acts
    properly.
    """
    hidden = settings.layers or _default_hidden(domain, candidates, settings)
    for before, after in zip((domain, *hidden), hidden, strict=False):
        if before.size * after.size > MOST_PAIRS:
            raise SettingsError(
                f"A layer between {before} and {after} has {before.size * after.size:,} weights "
                f"before sharing, more than {MOST_PAIRS:,}: give smaller --layers."
            )
    return hidden


def _default_hidden(
    domain: Domain, candidates: tuple[Symmetry, ...], settings: SearchSettings
) -> tuple[Domain, ...]:
    if settings.preset != "paper":
        return (suggested_hidden_domain(candidates, domain),) * HIDDEN_LAYERS
    if domain != PAPER_INPUT:
        raise SettingsError(
            f"--preset paper is made for images of {PAPER_INPUT}, not {domain}: "
            "leave it out, or give --layers."
        )
    return PAPER_HIDDEN


def _default_channels(hidden: Domain) -> int:
    return max(2, math.ceil(FEWEST_HIDDEN_UNITS / hidden.size))


def _widths(settings: SearchSettings, channels: int) -> tuple[int, ...]:
    if settings.objective == "accuracy":
        return ()
    if settings.widths is not None:
        return settings.widths
    return tuple(max(1, int(factor * channels)) for factor in WIDTH_FACTORS)
