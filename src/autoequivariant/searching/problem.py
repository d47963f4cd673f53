"""The problem that a search solves: settings and data made into a family of networks, its space and
a sampler.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import torch

from autoequivariant.data.plant import plant
from autoequivariant.data.registry import read
from autoequivariant.data.samples import Samples
from autoequivariant.data.split import DataSet, Split, split
from autoequivariant.groups.custom.definition import DataSpec, resolve
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.point_group import POINT_SYMMETRIES
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.searching.data_spec import data_spec
from autoequivariant.searching.samplers.registry import resolve_auto
from autoequivariant.searching.samplers.sampler import load_sampler
from autoequivariant.searching.settings.cnn_family import cnn_family
from autoequivariant.searching.settings.mlp_family import mlp_family
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.space import Space
from autoequivariant.training.devices import check_memory, parse_device
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.evaluator import Evaluator
from autoequivariant.training.families.family import AUGMENT, Family
from autoequivariant.training.loop import Training
from autoequivariant.training.workers import Workers

PAPER_EPOCHS = 4
FEWEST_COUNTED = 500
"""Distinct networks are counted so far, even where the budget is smaller."""
FEWEST_TO_TELL = 100
"""With fewer validation samples a standard error is 5 points or more, and a search says so."""
LEAST_CNN_SIDE = 16
"""Images with fewer pixels a side leave little to convolve after two poolings."""
CNN_TRAINING = Training(PAPER_EPOCHS, batch_size=32, learning_rate=1e-2)
"""With normalisation and a falling rate a CNN learns at ten times the paper's rate; at that, four
epochs leave it half trained.
"""
WANTED_STEPS = {"mlp": 400, "cnn": 500}
"""Without --epochs, a network is trained for about so many steps, in 4 to `MOST_EPOCHS` epochs."""
MOST_EPOCHS = 200

_MAKERS: dict[str, Callable[[Samples, SearchSettings], tuple[Family, tuple[int, ...]]]] = {
    "mlp": mlp_family,
    "cnn": cnn_family,
}


@dataclass(frozen=True)
class Problem:
    """All that a search needs to know, decided.

    Attributes:
        settings: what was asked.
        data: the split and planted data set.
        family: what all networks have in common, but for their width.
        space: the distinct networks and their widths.
        training: how each network is trained.
        sampler: a name in `SAMPLERS`.
        device: where.
        warnings: what the user should know before the search starts.
        workers: processes that train; to be closed in the end.
    """

    settings: SearchSettings
    data: DataSet
    family: Family
    space: Space
    training: Training
    sampler: str
    device: torch.device
    warnings: tuple[str, ...]
    workers: Workers = field(default_factory=Workers)

    @property
    def candidates(self) -> tuple[Symmetry, ...]:
        """The symmetries that the search switches on and off."""
        return self.family.candidates

    @property
    def states(self) -> int:
        """How many states there are: settings of the on/off parameters, and widths."""
        return int(2 ** len(self.space.names) * len(self.space.widths))

    @property
    def distinct_networks(self) -> int | None:
        """How many children there are; None where there are more than were counted."""
        return self.space.size

    @property
    def has_two_objectives(self) -> bool:
        """Whether the number of weights is an objective beside accuracy."""
        return self.settings.objective == "score,parameters"

    @property
    def directions(self) -> tuple[Literal["maximize", "minimize"], ...]:
        """What to do with each objective."""
        return ("maximize", "minimize") if self.has_two_objectives else ("maximize",)

    def values(self, evaluation: Evaluation) -> tuple[float, ...]:
        """What a sampler is told of a child."""
        both = (evaluation.score, float(evaluation.n_parameters))
        return both if self.has_two_objectives else both[:1]

    @property
    def pruner(self) -> str:
        """What gives up networks that do badly early on; `none` where all are trained to the end.

        MLPs are trained together, so that to give one up saves nothing; an exhaustive search trains
        all there are; Optuna's pruners know one objective.
        """
        if not load_sampler(self.sampler).allows_pruning or self.has_two_objectives:
            return "none"
        return self.settings.pruner or ("median" if self.family.name == "cnn" else "none")

    def names(self, numbers: tuple[int, ...]) -> list[str]:
        """The names of candidates by their numbers."""
        return [self.space.names[number] for number in numbers]

    def symmetries(self, numbers: Iterable[int]) -> list[str]:
        """Those of the parameters with these numbers that are symmetries, by name."""
        return [self.space.names[number] for number in numbers if number < len(self.candidates)]

    def augmentations(self, numbers: Iterable[int]) -> list[str]:
        """Those of the parameters with these numbers that are augmentations, by name."""
        found = [self.space.names[number] for number in numbers if number >= len(self.candidates)]
        return [name.removeprefix(AUGMENT) for name in found]

    def evaluator(self, fit: Split, score: Split) -> Evaluator:
        """Return what trains networks on one split and scores them on another."""
        return Evaluator(
            self.family,
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
        return {
            "data": self.data.name,
            "data fingerprint": self.data.fingerprint,
            "task": self.data.task,
            "targets": list(self.data.targets),
            "domain": str(self.data.domain),
            "channels in": self.data.channels,
            "network": self.family.name,
            "symmetries": [s.to_json() for s in self.candidates],
            "plant": [candidate.to_json() for candidate in self.settings.plant],
            **self.family.identity(),
            "sampler": self.settings.sampler,
            "objective": self.settings.objective,
            "widths": list(self.space.widths),
            "pruner": self.settings.pruner or "auto",  # a larger budget may change the sampler
            "epochs": self.training.epochs,
            "batch size": self.training.batch_size,
            "learning rate": self.training.learning_rate,
            "train size": len(self.data.train),
            "validation size": len(self.data.validation),
            "test size": len(self.data.test),
            "seed": self.settings.seed,
            "device": self.device.type,
        }


def make_problem(settings: SearchSettings, samples: Samples | None = None) -> Problem:
    """Read, split and plant the data; choose the family of networks, its space and a sampler.

    Args:
        settings: what is asked.
        samples: the data, where they are at hand already. Default: what the settings name.

    Raises:
        DataError, SettingsError, SymmetryError: what is wrong and what to do.
    """
    device = parse_device(settings.device)
    samples = read_samples(settings) if samples is None else samples
    family, widths = family_for(samples, settings)
    planted = resolve(settings.plant, data_spec(samples))
    for symmetry in planted:
        symmetry.action(samples.domain)  # refuse by name before the work starts
    data = split(samples, settings.train_size, settings.validation_size, settings.seed)
    data = plant(data, planted, settings.seed) if planted else data
    training = _training(settings, family.name, len(data.train))
    check_memory(family, widths, training, device, settings.memory_limit)
    return problem_of(settings, data, family, widths, device)


def family_for(samples: Samples, settings: SearchSettings) -> tuple[Family, tuple[int, ...]]:
    """Return the networks that the settings ask for, and the widths to search over.

    Raises:
        SettingsError, SymmetryError: what is wrong and what to do.
    """
    return _MAKERS[kind_of_network(data_spec(samples), settings)](samples, settings)


def problem_of(
    settings: SearchSettings,
    data: DataSet,
    family: Family,
    widths: tuple[int, ...],
    device: torch.device,
) -> Problem:
    """Return the problem of searching these networks on these data."""
    training = _training(settings, family.name, len(data.train))
    space = Space(family, max(settings.budget, FEWEST_COUNTED), widths)
    return Problem(
        settings,
        data,
        family,
        space,
        training,
        resolve_auto(settings.sampler, space.size, settings.budget),
        device,
        (*family.warnings, *_doubts(data), *_nothing_to_search(family)),
    )


def read_samples(settings: SearchSettings) -> Samples:
    """Read the data that the settings name."""
    return read(
        settings.data,
        settings.kind,
        settings.source,
        settings.target,
        settings.task,
        settings.drop,
    )


def kind_of_network(spec: DataSpec, settings: SearchSettings) -> str:
    """Return `cnn` for images of 16 pixels a side or more, else `mlp`; or what the settings say.

    Options that only one of them knows, and the paper's preset, decide for it.
    """
    if settings.network != "auto":
        return settings.network
    if settings.cnn_options:
        return "cnn"
    domain = spec.domain
    is_large = isinstance(domain, Grid) and min(domain.shape) >= LEAST_CNN_SIDE
    named = resolve(settings.symmetries or (), spec)
    are_points = all(str(symmetry) in POINT_SYMMETRIES for symmetry in named)
    is_mlp = settings.preset == "paper" or bool(settings.mlp_options)
    return "cnn" if is_large and are_points and not is_mlp else "mlp"


def _training(settings: SearchSettings, kind: str, train_size: int) -> Training:
    training = CNN_TRAINING if kind == "cnn" else Training(PAPER_EPOCHS)
    if settings.epochs is not None:
        return replace(training, epochs=settings.epochs)
    if settings.preset == "paper":
        return training
    steps = math.ceil(train_size / training.batch_size)
    return replace(training, epochs=min(MOST_EPOCHS, max(4, math.ceil(WANTED_STEPS[kind] / steps))))


def _doubts(data: DataSet) -> tuple[str, ...]:
    n = len(data.validation)
    if n >= FEWEST_TO_TELL:
        return ()
    return (
        f"{n} validation samples tell little about symmetries: take what is found as a guess, or "
        f"give {FEWEST_TO_TELL} or more.",
    )


def _nothing_to_search(family: Family) -> tuple[str, ...]:
    if family.names:
        return ()
    return (
        "No two columns look alike (mean and spread), so there is nothing to search, and the plain "
        "network is trained: name candidates, such as negate_column:0 or a file of your own.",
    )
