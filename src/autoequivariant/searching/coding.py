"""Whether columns of few whole numbers are numbers or categories: validation decides."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from autoequivariant.data.split import DataSet
from autoequivariant.errors import ModelError, RunError
from autoequivariant.groups.custom.definition import DataSpec
from autoequivariant.jsonio import to_type
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.coding import CodingRecord
from autoequivariant.searching.storage.config_file import read_config
from autoequivariant.searching.storage.run_folder import CONFIG
from autoequivariant.searching.trainings import training_of
from autoequivariant.training.child import Child
from autoequivariant.training.evaluator import Evaluator
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.families.family import Family
from autoequivariant.training.families.kind import NetworkKind
from autoequivariant.training.families.mlp.kind import NUMBERS, ONE_HOT

KEY = "coding_scores"
"""Of the record in `config.json`."""
_MOST_OF_TIME = 0.1  # of a time limit


class _TooLateError(Exception):
    """A training takes too much of the time limit."""


def decide_coding(
    settings: SearchSettings,
    spec: DataSpec,
    kind: NetworkKind,
    data: DataSet,
    device: torch.device,
    executor: Executor | None = None,
) -> CodingRecord | None:
    """Train the baseline with each coding of columns of few whole numbers, and score both.

    The executor trains; by default, the calling process alone.

    Returns:
        None if there is nothing to decide: the settings name a coding, no column has few whole
        numbers, the kind of network has no codings, or a training takes more than a tenth of the
        time limit.
    """
    if settings.coding is not None or settings.preset is not None or not kind.has_codings:
        return None
    families = [kind.family(spec, replace(settings, coding=one))[0] for one in (NUMBERS, ONE_HOT)]
    columns = families[1].coded_columns - families[0].coded_columns
    if not columns:
        return None
    deadline = (
        None if settings.timeout is None else time.monotonic() + _MOST_OF_TIME * settings.timeout
    )

    def on_step(_: int) -> None:
        if deadline is not None and time.monotonic() > deadline:
            raise _TooLateError

    try:
        numbers, one_hot = (
            _score(one, settings, data, device, executor, on_step) for one in families
        )
    except _TooLateError:
        return None
    return CodingRecord.of(columns, numbers, one_hot)


def _score(
    family: Family,
    settings: SearchSettings,
    data: DataSet,
    device: torch.device,
    executor: Executor | None,
    on_step: Callable[[int], None],
) -> float:
    """Return the validation score of the baseline."""
    training = training_of(settings, family, len(data.train))
    evaluator = Evaluator(
        family,
        data.train,
        data.validation,
        training,
        settings.seed,
        device,
        settings.memory_limit,
        executor,
    )
    baseline = Child((), (), family.default_width)
    ((_, (found,)),) = evaluator.evaluate([baseline], 0, on_step)
    return float(found.score)


def recorded_coding(folder: Path) -> CodingRecord | None:
    """Return what an earlier process decided in a run's folder; None if nothing is recorded."""
    try:
        found: Any = read_config(folder / CONFIG).command.get(KEY)
        return None if found is None else to_type(found, CodingRecord, CONFIG)
    except (ModelError, RunError, OSError, ValueError):
        return None  # `RunFolder` refuses what cannot be read
