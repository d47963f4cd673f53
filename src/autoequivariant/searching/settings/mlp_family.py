"""Settings and data made into a family of MLPs."""

from __future__ import annotations

import math

from autoequivariant.data.samples import Samples
from autoequivariant.errors import SettingsError
from autoequivariant.groups.actions import DNA
from autoequivariant.groups.catalogue import default_candidates, paper_candidates
from autoequivariant.groups.closure.hidden_domains import suggested_hidden_domain
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.column_exchanges import exchange_candidates
from autoequivariant.groups.custom.definition import DataSpec, resolve
from autoequivariant.groups.domain import Domain, Grid
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.nn.layers.sharing import MLPArchitecture
from autoequivariant.searching.data_spec import data_spec
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training.families.mlp import MLPFamily
from autoequivariant.training.tasks import TASKS

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
    spec = data_spec(samples)
    candidates = candidates_for(spec, settings)
    hidden = hidden_domains(spec, candidates, settings)
    is_paper = settings.preset == "paper"
    outputs = len(spec.outputs)
    actions = layer_actions(candidates, samples.domain, hidden, is_paper, samples.channels, outputs)
    channels = settings.channels or (1 if is_paper else _default_channels(actions.sizes[1]))
    final = settings.final or ("dense" if is_paper else "invariant")
    architecture = MLPArchitecture(
        actions, samples.channels, (channels,) * len(hidden), outputs, final
    )
    return MLPFamily(architecture, TASKS[samples.task]), _widths(settings, channels)


def candidates_for(spec: DataSpec, settings: SearchSettings) -> tuple[Symmetry, ...]:
    """Return the candidates that the settings name, or the list for the domain.

    Of a table whose columns are known, the list exchanges those that look alike; it is empty where
    none do. Only of sequences that look like DNA, it has the other strand.

    Raises:
        SettingsError: the domain is too large.
        SymmetryError: what is named does not fit it, or no candidate is defined on it.
    """
    domain = spec.domain
    if domain.size > MOST_INDICES:
        raise SettingsError(
            f"{domain} has {domain.size:,} indices, more than {MOST_INDICES:,}: give smaller data."
        )
    if settings.symmetries is not None:
        return resolve(settings.symmetries, spec)
    if settings.preset == "paper":
        return paper_candidates()
    if spec.similar_columns is not None:
        return exchange_candidates(spec, spec.similar_columns)
    return default_candidates(domain, spec.is_one_hot and spec.channels == len(DNA))


def hidden_domains(
    spec: DataSpec, candidates: tuple[Symmetry, ...], settings: SearchSettings
) -> tuple[Domain, ...]:
    """Return the hidden domains that the settings name, or those on which every candidate acts
    properly.
    """
    domain = spec.domain
    hidden = settings.layers or _default_hidden(spec, candidates, settings)
    for before, after in zip((domain, *hidden), hidden, strict=False):
        if before.size * after.size > MOST_PAIRS:
            raise SettingsError(
                f"A layer between {before} and {after} has {before.size * after.size:,} weights "
                f"before sharing, more than {MOST_PAIRS:,}: give smaller --layers."
            )
    return hidden


def _default_hidden(
    spec: DataSpec, candidates: tuple[Symmetry, ...], settings: SearchSettings
) -> tuple[Domain, ...]:
    domain = spec.domain
    if settings.preset != "paper":
        outputs = len(spec.outputs)
        hidden = suggested_hidden_domain(candidates, domain, spec.channels, outputs)
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
    if settings.objective == "score":
        return ()
    if settings.widths is not None:
        return settings.widths
    return tuple(max(1, int(factor * channels)) for factor in WIDTH_FACTORS)
