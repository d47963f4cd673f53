"""The estimators' arguments as settings of a search."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from autoequivariant.candidates.given import candidates_from
from autoequivariant.errors import AutoequivariantError, SettingsError, shown
from autoequivariant.searching.settings.duration import parse_duration
from autoequivariant.searching.settings.settings import SearchSettings
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
        partial=values["partial"],
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
