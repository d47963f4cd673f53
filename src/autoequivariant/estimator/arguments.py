"""The estimators' arguments as settings of a search."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from autoequivariant.errors import AutoequivariantError, SettingsError, SymmetryError, shown
from autoequivariant.groups.custom.definition import Candidate, Definition, candidate_of
from autoequivariant.groups.custom.notation import is_integer_list
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.searching.settings.duration import parse_duration
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.settings.symmetry_file import read_candidates
from autoequivariant.training.executors.options import ExecutorOptions

DATA_NAME = "X"
"""What error messages call the data."""
_MOST_PROBLEMS = 3  # that one error message lists
_ARGUMENTS = {
    "--task classification": "AutoEquivariantClassifier",
    "--task regression": "AutoEquivariantRegressor",
    "--seed": "random_state",
    "--kind sequence": "kind='sequence'",
    "--kind grid": "kind='grid'",
}
_OF_FUNCTIONS = {
    "--task classification": "task='classification'",
    "--task regression": "task='regression'",
}
"""Where the task is an argument."""
_OPTION = re.compile(
    "|".join(
        rf"{re.escape(word)}(?![\w-])"
        for word in (
            *_ARGUMENTS,
            *(
                f"--{field.name.replace('_', '-')}"
                for field in (*fields(SearchSettings), *fields(ExecutorOptions)[1:])
            ),
        )
    )
)


def settings_of(arguments: Mapping[str, Any], task: str) -> SearchSettings:
    """Return the settings of a search.

    Args:
        arguments: the estimator's, by name.
        task: `classification` or `regression`.

    Raises:
        SettingsError, SymmetryError: an argument is invalid.
    """
    # NumPy's numbers are as good as Python's.
    values = {k: v.item() if isinstance(v, np.generic) else v for k, v in arguments.items()}
    times = {name: _seconds(values, name) for name in ("timeout", "fit_time")}
    is_search = values["search"]
    if not isinstance(is_search, bool):
        raise SettingsError(f"search must be True or False; got {shown(is_search)}.")
    symmetries = candidates_from(values["symmetries"])
    return SearchSettings(
        DATA_NAME,
        given=not is_search,
        kind=values["kind"],
        coding=values["coding"],
        symmetries=symmetries,
        propose=values["propose"],
        network=values["network"],
        sampler=values["sampler"],
        budget=values["budget"],
        timeout=times["timeout"],
        fit=None if times["fit_time"] is None else "full",
        fit_time=times["fit_time"],
        epochs=values["epochs"],
        device=values["device"],
        executor=ExecutorOptions(
            values["executor"],
            values["ray_address"],
            values["cpus_per_child"],
            values["gpus_per_child"],
        ),
        tests=values["tests"],
        smallest=values["smallest"],
        seed=seed_from(values["random_state"]),
        task=task,
        storage=values["storage"],
    )


def _seconds(values: Mapping[str, Any], name: str) -> Any:
    time = values[name]
    return parse_duration(time, f"--{name.replace('_', '-')}") if isinstance(time, str) else time


@contextmanager
def errors_name_arguments(has_task: bool = False) -> Iterator[None]:
    """Make errors name arguments instead of options: `train_size` for `--train-size`.

    Args:
        has_task: whether the task is an argument, as of a function. Default: each task has an
            estimator.
    """
    try:
        yield
    except AutoequivariantError as error:
        raise type(error)(with_argument_names(str(error), has_task)) from None


def with_argument_names(text: str, has_task: bool = False) -> str:
    """Return a message with options replaced by arguments."""
    names = _ARGUMENTS | _OF_FUNCTIONS if has_task else _ARGUMENTS
    return _OPTION.sub(
        lambda match: names.get(match[0], match[0].removeprefix("--").replace("-", "_")), text
    )


def seed_from(random_state: Any) -> int:
    """Return the seed that an argument `random_state` stands for."""
    if isinstance(random_state, Integral):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31))


def candidates_from(symmetries: Any) -> tuple[Candidate, ...] | None:
    """Return candidates from a text, one candidate, or several."""
    if symmetries is None:
        return None
    if isinstance(symmetries, str | Path):
        return read_candidates(str(symmetries))
    if isinstance(symmetries, Mapping | Symmetry | Definition) or (
        is_integer_list(symmetries) and len(symmetries)
    ):
        return (candidate_of(symmetries),)  # a list of integers is the image of each index
    if not isinstance(symmetries, Iterable) or isinstance(symmetries, bytes):
        raise SymmetryError(
            "symmetries must be a text, or a list such as ['hflip'] or [{'swap': 'a <-> b'}]; got "
            f"{shown(symmetries)}."
        )
    if isinstance(symmetries, np.ndarray) and symmetries.dtype.kind not in "iuOU":
        raise SymmetryError(
            "symmetries must be an array of integers, as in [1, 0, 2]; got an array of "
            f"{symmetries.dtype}."
        )
    candidates, problems = [], []
    for entry in symmetries:
        try:
            candidates.append(candidate_of(entry))
        except SymmetryError as error:
            problems.append(str(error))
    if problems:
        raise SymmetryError(" ".join(problems[:_MOST_PROBLEMS]))
    return tuple(candidates)
