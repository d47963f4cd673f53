"""A search without its data: networks, their space, their training and the sampler.

A report of a finished run can have a problem without its samples; `experiment.py` adds those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch

from autoequivariant.data.split import Split
from autoequivariant.evidence.verdict import Verdict, holding, unsearched
from autoequivariant.groups.custom.definition import DataSpec
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.searching.data_card import DataCard
from autoequivariant.searching.proposals import nothing_proposed, origins_of
from autoequivariant.searching.samplers.registry import AUTO, resolve_auto
from autoequivariant.searching.samplers.sampler import load_sampler
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.space import Space
from autoequivariant.searching.storage.coding import CodingRecord
from autoequivariant.searching.trainings import full_training_of, training_of
from autoequivariant.training.child import Child
from autoequivariant.training.devices import default_limit_of
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.evaluator import Evaluator
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.families.family import Family
from autoequivariant.training.families.kind import NetworkKind
from autoequivariant.training.families.registry import KINDS, suitable_kind
from autoequivariant.training.loop import Training

FEWEST_COUNTED = 500
"""Closed states are counted up to this number, even if the budget is smaller."""
FEWEST_RELIABLE = 100
"""With fewer validation samples, a standard error is 5 points or more: a search warns."""


@dataclass(frozen=True)
class Problem:
    """A search with all options resolved, without its data.

    Attributes:
        settings: options of the search.
        card: the data set without its samples.
        family: the family of all networks.
        space: the closed states and widths.
        training: how each network is trained.
        sampler: name of the sampler, never `auto`.
        device: where networks are trained.
        warnings: what the user should know before the search starts.
        verdicts: what the data say of each candidate, in order; before or without the direct tests,
            all are undecided.
        coding: how validation chose the coding of columns of few whole numbers; None if there was
            no choice.
    """

    settings: SearchSettings
    card: DataCard
    family: Family
    space: Space
    training: Training
    sampler: str
    device: torch.device
    warnings: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    coding: CodingRecord | None = None

    def with_verdicts(self, verdicts: Sequence[Verdict]) -> Problem:
        """Return the problem after the direct tests, with fewer candidates to search."""
        numbers = {str(candidate): number for number, candidate in enumerate(self.candidates)}
        if not unsearched(verdicts) and not holding(verdicts):
            return replace(self, verdicts=tuple(verdicts))
        space = Space(
            self.family,
            _most_listed(self.settings),
            self.space.widths,
            [numbers[name] for name in unsearched(verdicts)],
            [numbers[name] for name in holding(verdicts)],
            self.space.one_at_a_time,
        )
        sampler = resolve_auto(self.settings.sampler, space.size, self.settings.budget)
        return replace(self, space=space, sampler=sampler, verdicts=tuple(verdicts))

    @property
    def compares_losses(self) -> bool:
        """Whether networks are compared by losses on the folds, which are a proper score.

        Else by scores, as a search without tests for the smallest network does.
        """
        return self.settings.tests or not self.settings.smallest

    def preference(self, child: Child) -> tuple[int, ...]:
        """Return the sort key that chooses among networks that are not distinguishable.

        The start comes first, then the fewest members that are undecided, then the simplest; for
        the smallest network, the simplest comes first.
        """
        simplicity = self.family.simplicity(child)
        if self.settings.smallest:
            return simplicity
        undecided = [
            self.verdicts[n].verdict == "undecided" and not self._is_implied(n)
            for n in child.members
            if n < len(self.candidates)
        ]
        return (child.key != self.space.start.key, sum(undecided), *simplicity)

    def _is_implied(self, number: int) -> bool:
        """Whether a candidate is partial and what holds has it."""
        is_partial = self.candidates[number].level is not None
        return is_partial and number in self.family.closure(self.space.holding)

    @property
    def is_decided(self) -> bool:
        """Whether the data decide every candidate, and nothing else is to be searched."""
        is_told = all(one.verdict != "undecided" for one in self.verdicts)
        return bool(self.verdicts) and is_told and self.may_be_decided

    @property
    def may_be_decided(self) -> bool:
        """Whether a search may end with the start: nothing but symmetries is searched."""
        is_plain = not self.has_two_objectives and not self.settings.smallest
        is_auto = self.settings.sampler == AUTO and is_plain
        return is_auto and not self.family.augmentations and not self.space.has_widths

    @property
    def candidates(self) -> tuple[Symmetry, ...]:
        """The symmetries that the search switches on and off."""
        return self.family.candidates

    @property
    def states(self) -> int:
        """Number of states: settings of the on/off parameters, times widths."""
        return int(2 ** len(self.space.numbers) * len(self.space.widths))

    @property
    def has_two_objectives(self) -> bool:
        """Whether the number of parameters is an objective beside the score."""
        return self.settings.objective == "score,parameters"

    @property
    def directions(self) -> tuple[Literal["maximize", "minimize"], ...]:
        """Direction of each objective."""
        return ("maximize", "minimize") if self.has_two_objectives else ("maximize",)

    @property
    def most_together(self) -> int:
        """How many networks are trained as one in the search, as far as memory allows."""
        memory = self.settings.memory_limit or default_limit_of(self.device)
        width, size = self.family.default_width, self.training.batch_size
        return self.family.max_together(width, size, self.device, memory)

    def values(self, evaluation: Evaluation) -> tuple[float, ...]:
        """Return a child's value of each objective."""
        both = (evaluation.score, float(evaluation.n_parameters))
        return both if self.has_two_objectives else both[:1]

    @property
    def pruner(self) -> str:
        """Which pruner stops unpromising networks early, or `none`.

        An exhaustive search trains every network, and Optuna's pruners take one objective.
        """
        if not load_sampler(self.sampler).allows_pruning or self.has_two_objectives:
            return "none"
        return self.settings.pruner or KINDS[self.family.kind].pruner

    def full_training(self, n_samples: int) -> Training:
        """Return how the network that is handed over is trained, on `n_samples` samples."""
        return full_training_of(self.settings, self.family, self.training, n_samples)

    def evaluator(
        self, fit: Split, score: Split, executor: Executor, training: Training | None = None
    ) -> Evaluator:
        """Return what trains networks on one split and scores them on another.

        Default of the training: that of the search.
        """
        return Evaluator(
            self.family,
            fit,
            score,
            training or self.training,
            self.settings.seed,
            self.device,
            self.settings.memory_limit,
            executor,
        )

    def names(self, numbers: Iterable[int]) -> list[str]:
        """Return the names of on/off parameters by their numbers."""
        return [self.space.names[number] for number in numbers]

    def symmetries(self, numbers: Iterable[int]) -> list[str]:
        """Return the names of those on/off parameters that are symmetries."""
        return self.names(number for number in numbers if number < len(self.candidates))

    def augmentations(self, numbers: Iterable[int]) -> list[str]:
        """Return the names of those on/off parameters that are augmentations."""
        first = len(self.candidates)
        return [self.family.augmentations[n - first] for n in numbers if n >= first]

    def identity(self) -> dict[str, Any]:
        """Return what determines the result; searches with equal identities are the same search."""
        return {
            "data": self.card.name,
            "data_fingerprint": self.card.fingerprint,
            "task": self.card.task,
            "targets": list(self.card.targets),
            "domain": str(self.card.domain),
            "channels_in": self.card.channels,
            "network": self.family.kind,
            "symmetries": [s.to_json() for s in self.candidates],
            "propose": list(origins_of(self.settings, self.card.domain)),
            "tests": self.settings.tests,
            "smallest": self.settings.smallest,
            "plant": [candidate.to_json() for candidate in self.settings.plant],
            **self.family.identity(),
            **({} if self.settings.coding is None else {"coding": self.settings.coding}),
            "sampler": self.settings.sampler,
            "objective": self.settings.objective,
            "widths": list(self.space.widths),
            "pruner": self.settings.pruner or "auto",  # a larger budget may change the sampler
            "epochs": self.training.epochs,
            "batch_size": self.training.batch_size,
            "learning_rate": self.training.learning_rate,
            "train_size": self.card.train_size,
            "validation_size": self.card.validation_size,
            "test_size": self.card.test_size,
            "seed": self.settings.seed,
            "device": self.device.type,
        }


def network_kind(spec: DataSpec, settings: SearchSettings) -> NetworkKind:
    """Return the kind of network that the settings name, or that suits the data."""
    if settings.network == "auto":
        return suitable_kind(spec, settings)
    return KINDS[settings.network]


def make_problem(
    settings: SearchSettings,
    card: DataCard,
    family: Family,
    widths: tuple[int, ...],
    device: torch.device,
) -> Problem:
    """Return the problem of searching these networks for a data set, before the direct tests."""
    # The paper's searches are of all combinations.
    is_local = settings.tests and bool(family.augmentations)
    space = Space(family, _most_listed(settings), widths, one_at_a_time=is_local)
    reason = "given, not tested" if settings.given else "not tested"
    return Problem(
        settings,
        card,
        family,
        space,
        training_of(settings, family, card.train_size),
        resolve_auto(settings.sampler, space.size, settings.budget),
        device,
        family.warnings if settings.given else tuple(_warnings(settings, card, family)),
        tuple(Verdict(str(one), "undecided", reason) for one in family.candidates),
    )


def _most_listed(settings: SearchSettings) -> int:
    """Return how many closed states to list at most."""
    return max(settings.budget, FEWEST_COUNTED)


def _warnings(settings: SearchSettings, card: DataCard, family: Family) -> Iterator[str]:
    yield from family.warnings
    if card.validation_size < FEWEST_RELIABLE:
        yield (
            f"{card.validation_size} validation samples are too few to be reliable: treat the "
            f"result as a guess, or give {FEWEST_RELIABLE} or more."
        )
    if not family.names:
        yield (f"{nothing_proposed(settings)}. Without any, only the baseline is trained.")
