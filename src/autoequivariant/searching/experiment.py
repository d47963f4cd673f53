"""A problem together with its samples, from settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from autoequivariant.data.copies.find import Copies
from autoequivariant.data.folds import outside_test
from autoequivariant.data.layout import pairs_note
from autoequivariant.data.plant import plant
from autoequivariant.data.registry import read
from autoequivariant.data.samples import Samples
from autoequivariant.data.split import DataSet, Split, split
from autoequivariant.data.tables.smooth_columns import sequence_note
from autoequivariant.errors import SymmetryError
from autoequivariant.evidence.verdict import Verdict
from autoequivariant.groups.closure.layer_compatibility import CONTRADICTION
from autoequivariant.groups.custom.definition import DataSpec, resolve
from autoequivariant.groups.custom.proposal import Proposal
from autoequivariant.searching.candidates import find_candidates
from autoequivariant.searching.coding import decide_coding
from autoequivariant.searching.data_card import DataCard
from autoequivariant.searching.problem import Problem, make_problem
from autoequivariant.searching.proposals import (
    named_proposals,
    to_be_told,
)
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.coding import CodingRecord
from autoequivariant.searching.trainings import full_training_of, training_of
from autoequivariant.training.devices import check_memory, parse_device
from autoequivariant.training.executors.executor import Executor


@dataclass(frozen=True)
class Experiment:
    """A problem and its samples.

    Attributes:
        problem: what is searched.
        data: the split and planted data set.
        few_values, knots: as in `DataSpec`.
        proposals: what led to candidates that nobody listed.
    """

    problem: Problem
    data: DataSet
    few_values: tuple[tuple[float, ...], ...] = ()
    proposals: tuple[Proposal, ...] = ()
    knots: tuple[tuple[float, ...], ...] = ()

    @property
    def known(self) -> Split:
        """The samples that the network that is handed over is trained on."""
        return outside_test(self.data)

    @property
    def known_size(self) -> int:
        """The number of these samples."""
        return _known_size(self.data)

    def with_verdicts(self, verdicts: Sequence[Verdict]) -> Experiment:
        """Return the experiment after the direct tests (`Problem.with_verdicts`)."""
        return replace(self, problem=self.problem.with_verdicts(verdicts))


def make_experiment(
    settings: SearchSettings,
    samples: Samples | None = None,
    coding: CodingRecord | None = None,
    proposals: tuple[Proposal, ...] | None = None,
    executor: Executor | None = None,
) -> Experiment:
    """Read, split and plant the data; choose the networks, their space and a sampler.

    Args:
        settings: options of the search.
        samples: the data, if they are in memory. Default: those that the settings name.
        coding: what an earlier process decided. Default: the baseline is trained to decide
            (`decide_coding`), if the settings leave it open.
        proposals: what an earlier process proposed. Default: what `searching.proposals` finds.
        executor: what trains to decide the coding. Default: the calling process.

    Raises:
        DataError, SettingsError, SymmetryError: the data or the settings cannot be used.
    """
    device = parse_device(settings.device, settings.executor.has_gpus)
    samples = read_samples(settings) if samples is None else samples
    found = find_candidates(samples, settings, proposals)
    spec, kind, proposals = found.spec, found.kind, found.proposals
    family, widths, copies = found.family, found.widths, found.copies
    data = split_and_plant(samples, spec, settings, copies)
    if settings.given and CONTRADICTION in family.warnings:
        raise SymmetryError(
            "The given symmetries contradict each other: some product of them leaves samples "
            "unchanged but moves their outputs. Leave one of them out."
        )
    coding = coding or decide_coding(settings, spec, kind, data, device, executor)
    if coding is not None and settings.coding is None:
        settings = replace(settings, coding=coding.chosen)
        family, widths = kind.family(spec, settings)
    training = training_of(settings, family, len(data.train))
    fitted = full_training_of(settings, family, training, _known_size(data))
    largest = round((settings.fit_size or 1) * family.default_width)
    batch_size = max(training.batch_size, fitted.batch_size)
    check_memory(family, (*widths, largest), batch_size, device, settings.memory_limit)
    problem = make_problem(settings, DataCard.of(data), family, widths, device)
    told = to_be_told(problem.warnings, proposals, settings)
    warnings = (*reading_notes(samples, settings.kind), *copies.warnings, *told)
    verdicts = named_proposals(problem.verdicts, proposals)
    problem = replace(problem, warnings=warnings, coding=coding, verdicts=verdicts)
    return Experiment(problem, data, spec.few_values, proposals, spec.knots)


def reading_notes(samples: Samples, kind: str | None) -> tuple[str, ...]:
    """Return what the user should know of how samples are read; `kind` is the one asked for."""
    return (*pairs_note(samples.domain, kind), *sequence_note(samples, kind))


def read_samples(settings: SearchSettings) -> Samples:
    """Read the data that the settings name."""
    return read(
        settings.data,
        settings.kind,
        settings.source,
        settings.target,
        settings.task,
        settings.drop,
        settings.memory_limit,
    )


def split_and_plant(
    samples: Samples, spec: DataSpec, settings: SearchSettings, copies: Copies
) -> DataSet:
    """Split samples and plant symmetries in them, as the settings say."""
    planted = resolve(settings.plant, spec)
    for symmetry in planted:
        symmetry.action(samples.domain)  # raises before any work starts
    data = split(samples, settings.train_size, settings.validation_size, settings.seed, copies)
    if settings.fits == "none":
        data = replace(data, further=data.further.rows(np.arange(0)))  # nothing is planted there
    return plant(data, planted, settings.seed) if planted else data


def _known_size(data: DataSet) -> int:
    """Return the number of samples outside of test."""
    return sum(map(len, (data.train, data.further, data.validation)))
