"""The problem that a search solves: settings and data made into candidates, domains and an
architecture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

import torch

from autoequivariant.data import DataSet, Split, plant, read, split
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
from autoequivariant.nn import Architecture, bytes_per_child
from autoequivariant.search.evaluate import Evaluation, Evaluator, default_memory_limit
from autoequivariant.search.settings import SearchSettings
from autoequivariant.search.space import Space
from autoequivariant.search.train import Training
from autoequivariant.search.workers import Workers

PAPER_INPUT = Grid(28, 28)
PAPER_HIDDEN = (Grid(20, 20), Grid(20, 20))
PAPER_EPOCHS = 4
HIDDEN_LAYERS = 2
FEWEST_COUNTED = 500
"""Distinct networks are counted so far, even where the budget is smaller."""
FEWEST_TO_TELL = 100
"""With fewer validation samples a standard error is 5 points or more, and a search says so."""
FEWEST_HIDDEN_UNITS = 128
"""A hidden layer gets two channels, or as many as it needs to have so many units."""
MOST_INDICES, MOST_PAIRS = 2**24, 2**28
"""Indices of a domain, and pairs of them between two layers, beyond which memory is too small."""
WIDTH_FACTORS = (0.5, 1, 2, 4)
"""Widths that are searched where the number of weights is an objective, times the default."""
FEWEST_TO_MODEL = 32
"""With fewer distinct networks than this, all are trained: to model them saves nothing."""
WANTED_STEPS = 400
"""Without --epochs, a network is trained for about so many steps, in 4 to 40 epochs."""


@dataclass(frozen=True)
class Problem:
    """All that a search needs to know, decided.

    Attributes:
        settings: what was asked.
        data: the split and planted data set.
        architecture: what all networks have in common, but for their width.
        space: the distinct networks and their widths.
        training: how each network is trained.
        sampler: one of `samplers.SAMPLERS`, but `auto`.
        device: where.
        warnings: what the user should know before the search starts.
        workers: processes that train; to be closed in the end.
    """

    settings: SearchSettings
    data: DataSet
    architecture: Architecture
    space: Space
    training: Training
    sampler: str
    device: torch.device
    warnings: tuple[str, ...]
    workers: Workers = field(default_factory=Workers)

    @property
    def candidates(self) -> tuple[Symmetry, ...]:
        """The symmetries that the search switches on and off."""
        return self.architecture.actions.candidates

    @property
    def distinct_networks(self) -> int | None:
        """How many distinct networks there are; None where there are more than were counted."""
        networks = self.space.enumeration
        return len(networks.networks) if networks.complete else None

    @property
    def has_two_objectives(self) -> bool:
        """Whether the number of weights is an objective beside accuracy."""
        return self.settings.objective == "accuracy,weights"

    @property
    def directions(self) -> tuple[Literal["maximize", "minimize"], ...]:
        """What to do with each objective."""
        return ("maximize", "minimize") if self.has_two_objectives else ("maximize",)

    def values(self, evaluation: Evaluation) -> tuple[float, ...]:
        """What a sampler is told of a child."""
        both = (evaluation.accuracy, float(evaluation.weights))
        return both if self.has_two_objectives else both[:1]

    def names(self, numbers: tuple[int, ...]) -> list[str]:
        """The names of candidates by their numbers."""
        return [self.space.names[number] for number in numbers]

    def evaluator(self, fit: Split, score: Split) -> Evaluator:
        """Return what trains networks on one split and scores them on another."""
        return Evaluator(
            self.architecture,
            fit,
            score,
            self.training,
            self.settings.seed,
            self.device,
            self.settings.memory_limit,
            self.workers,
        )

    def identity(self) -> dict[str, Any]:
        """What decides the answer: two searches with the same identity are the same."""
        actions = self.architecture.actions
        return {
            "data": self.data.name,
            "data fingerprint": self.data.fingerprint,
            "domain": str(actions.domains[0]),
            "channels in": self.architecture.in_channels,
            "symmetries": [str(s) for s in self.candidates],
            "plant": [str(s) for s in self.settings.plant],
            "layers": [str(domain) for domain in actions.domains[1:]],
            "channels": list(self.architecture.hidden_channels),
            "final": self.architecture.final,
            "sampler": self.settings.sampler,
            "objective": self.settings.objective,
            "widths": list(self.space.widths),
            "epochs": self.training.epochs,
            "batch size": self.training.batch_size,
            "learning rate": self.training.learning_rate,
            "train size": len(self.data.train),
            "validation size": len(self.data.validation),
            "test size": len(self.data.test),
            "seed": self.settings.seed,
            "device": self.device.type,
        }


def make_problem(settings: SearchSettings) -> Problem:
    """Read, split and plant the data; choose candidates, domains, architecture and sampler.

    Raises:
        DataError, SettingsError, SymmetryError: what is wrong and what to do.
    """
    device = _device(settings.device)
    samples = read(settings.data, settings.kind)
    candidates = candidates_for(samples.domain, settings)
    hidden = hidden_domains(samples.domain, candidates, settings)
    allow = settings.preset == "paper"
    actions = layer_actions(candidates, samples.domain, hidden, allow_improper=allow)
    for symmetry in settings.plant:
        symmetry.action(samples.domain)  # refuse by name before the work starts
    data = split(samples, settings.train_size, settings.validation_size, settings.seed)
    data = plant(data, settings.plant, settings.seed) if settings.plant else data
    channels = settings.channels or (1 if allow else _default_channels(hidden[0]))
    final = settings.final or ("dense" if allow else "invariant")
    architecture = Architecture(
        actions, samples.channels, (channels,) * len(hidden), len(samples.classes), final
    )
    training = Training(settings.epochs or _default_epochs(len(data.train), allow))
    widths = _widths(settings, channels)
    widest = architecture.with_channels(max(channels, *widths, 1))
    _check_memory(widest, training, device, settings.memory_limit)
    space = Space(architecture, max(settings.budget, FEWEST_COUNTED), widths)
    return Problem(
        settings,
        data,
        architecture,
        space,
        training,
        _sampler(settings, space),
        device,
        (*actions.warnings, *_doubts(data)),
    )


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


def _default_epochs(train_size: int, paper: bool) -> int:
    if paper:
        return PAPER_EPOCHS
    steps = math.ceil(train_size / Training.batch_size)
    return min(40, max(4, math.ceil(WANTED_STEPS / steps)))


def _check_memory(
    architecture: Architecture, training: Training, device: torch.device, limit: int | None
) -> None:
    needed = bytes_per_child(architecture, training.batch_size)
    # Not the default limit: what is only too large to train beside others is trained alone.
    there = 4 * default_memory_limit(device) if limit is None else limit
    if needed > there:
        remedy = "smaller --layers or fewer --channels"
        raise SettingsError(
            f"One network needs about {needed / 2**30:.2g} GiB to train, but "
            + (
                f"there are {there / 2**30:.2g} GiB: give {remedy}."
                if limit is None
                else f"--memory-limit is {there / 2**30:.2g} GiB: give more, or {remedy}."
            )
        )


def _widths(settings: SearchSettings, channels: int) -> tuple[int, ...]:
    if settings.objective == "accuracy":
        return ()
    if settings.widths is not None:
        return settings.widths
    return tuple(max(1, int(factor * channels)) for factor in WIDTH_FACTORS)


def _sampler(settings: SearchSettings, space: Space) -> str:
    if settings.sampler != "auto":
        return settings.sampler
    few = space.size is not None and space.size <= min(FEWEST_TO_MODEL, settings.budget)
    return "exhaustive" if few else "lattice"


def _doubts(data: DataSet) -> tuple[str, ...]:
    n = len(data.validation)
    if n >= FEWEST_TO_TELL:
        return ()
    return (
        f"{n} validation samples tell little about symmetries: take what is found as a guess, or "
        f"give {FEWEST_TO_TELL} or more.",
    )


def _device(name: str) -> torch.device:
    try:
        device = torch.device(name)
    except RuntimeError:
        raise SettingsError(f"--device knows cpu and cuda, not {name!r}.") from None
    if device.type not in ("cpu", "cuda"):
        raise SettingsError(f"--device knows cpu and cuda, not {name!r}.")
    if device.type == "cuda" and not torch.cuda.is_available():
        raise SettingsError(
            "--device cuda was asked for, but there is no CUDA device: use --device cpu."
        )
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise SettingsError(
            f"--device {name} was asked for, but the last one is cuda:"
            f"{torch.cuda.device_count() - 1}: use that or another."
        )
    return device
