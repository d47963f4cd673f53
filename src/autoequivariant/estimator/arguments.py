"""Arguments of the estimators, checked in `fit` and made into the settings of a search."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from autoequivariant.errors import AutoequivariantError, SettingsError, SymmetryError
from autoequivariant.groups.custom.definition import Candidate, Definition, candidate_of
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.searching.samplers.registry import sampler_names
from autoequivariant.searching.settings.settings import SearchSettings, networks, parse_duration
from autoequivariant.searching.settings.symmetry_file import read_candidates

NAME = "X"
"""What messages call the data."""
_MOST_TROUBLES = 3
_TEXTS = {
    "sampler": ", ".join(sampler_names()),
    "network": ", ".join(networks()),
    "device": "cpu and cuda",
}
"""Arguments that are texts, and what they may be."""
_WORDS = {
    "--task classification": "AutoEquivariantClassifier",
    "--task regression": "AutoEquivariantRegressor",
    "--seed": "random_state",
}
_OPTION = re.compile(
    "|".join(
        rf"{re.escape(word)}(?![\w-])"
        for word in (*_WORDS, *(f"--{f.name.replace('_', '-')}" for f in fields(SearchSettings)))
    )
)


def settings_of(arguments: Mapping[str, Any], task: str) -> SearchSettings:
    """Return the settings of a search.

    Args:
        arguments: of an estimator, by name.
        task: `classification` or `regression`.

    Raises:
        SettingsError, SymmetryError: an argument cannot be used; one sentence for each that has no
            right type, or else for each value that does not go.
    """
    timeout, troubles = _seconds(arguments["timeout"])
    for name, known in _TEXTS.items():
        if not isinstance(arguments[name], str):
            troubles.append(f"{name} knows {known}, not {arguments[name]!r}.")
    for name in ("budget", "epochs"):
        may_be_none = name == "epochs"
        troubles += _not_whole(name, arguments[name], may_be_none)
    if not isinstance(arguments["kind"], str | None):
        troubles.append(f"kind is a text such as grid, or None, not {arguments['kind']!r}.")
    if troubles:
        raise SettingsError(" ".join(troubles))
    epochs = arguments["epochs"]
    return SearchSettings(
        NAME,
        kind=arguments["kind"],
        symmetries=_candidates(arguments["symmetries"]),
        network=arguments["network"],
        sampler=arguments["sampler"],
        budget=int(arguments["budget"]),
        timeout=timeout,
        epochs=None if epochs is None else int(epochs),
        device=arguments["device"],
        seed=_seed(arguments["random_state"]),
        task=task,
    )


@contextmanager
def in_pythons_words() -> Iterator[None]:
    """Options that an error names are arguments here: `--train-size` is `train_size`."""
    try:
        yield
    except AutoequivariantError as error:
        raise type(error)(in_python(str(error))) from None


def in_python(text: str) -> str:
    """Return a message with arguments in the place of options."""
    return _OPTION.sub(lambda m: _WORDS.get(m[0], m[0].removeprefix("--").replace("-", "_")), text)


def _seconds(timeout: Any) -> tuple[float | None, list[str]]:
    """Return a time limit, and what is wrong with it."""
    if timeout is None:
        return None, []
    if isinstance(timeout, str):
        try:
            return parse_duration(timeout), []
        except SettingsError as error:
            return None, [f"timeout: {error}"]
    is_number = isinstance(timeout, Real) and not isinstance(timeout, bool | np.bool_)
    if is_number and math.isfinite(timeout):
        return float(timeout), []
    return None, [
        f"timeout is a number of seconds, a text such as '10m', or None for no limit, not "
        f"{timeout!r}."
    ]


def _not_whole(name: str, value: Any, may_be_none: bool) -> list[str]:
    if (value is None and may_be_none) or (
        isinstance(value, Integral) and not isinstance(value, bool)
    ):
        return []
    default = ", or None" if may_be_none else ""
    return [f"{name} is a whole number of 1 or more{default}, not {value!r}."]


def _seed(random_state: Any) -> int:
    if isinstance(random_state, Integral):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31))


def _candidates(given: Any) -> tuple[Candidate, ...] | None:
    """Read candidates: a text, one of them, or several."""
    if given is None:
        return None
    if isinstance(given, str | Path):
        return read_candidates(str(given))
    if isinstance(given, Mapping | Symmetry | Definition) or _is_one_array(given):
        return (candidate_of(given),)
    if not isinstance(given, Iterable) or isinstance(given, bytes):
        raise SymmetryError(
            "symmetries is a text, or a list such as ['hflip'] or [{'swap': 'a <-> b'}], not "
            f"{given!r}."
        )
    if isinstance(given, np.ndarray) and given.dtype.kind not in "iuOU":
        raise SymmetryError(
            f"symmetries is an array of {given.dtype}: an index array holds whole numbers, as in "
            "[1, 0, 2]."
        )
    found, troubles = [], []
    for one in given:
        try:
            found.append(candidate_of(one))
        except SymmetryError as error:
            troubles.append(str(error))
    if troubles:
        raise SymmetryError(" ".join(troubles[:_MOST_TROUBLES]))
    return tuple(found)


def _is_one_array(given: Any) -> bool:
    """Whether it is the image of each index, which is one symmetry."""
    if isinstance(given, np.ndarray):
        return given.ndim == 1 and given.dtype.kind in "iu"
    return (
        isinstance(given, list | tuple)
        and len(given) > 0
        and all(isinstance(one, Integral) and not isinstance(one, bool) for one in given)
    )
