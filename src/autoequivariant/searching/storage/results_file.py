"""`results.json` of a run, read: nothing in it is trusted, and what is of another form is refused.

A form is a `Kind`, a list that holds the form of its entries, or a mapping of forms, where a key
that ends with `?` may be missing; `OrNull` stands for a form or null.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autoequivariant.errors import ModelError
from autoequivariant.jsonio import read_object, shown

MOST_BYTES = 2**25
"""Of `results.json` and of `config.json`."""
MOST_TRAININGS = 1000
"""Of a finalist; a search does a few."""
STATUSES = ("complete", "converged", "budget", "repeats", "timeout", "interrupted")
_MOST = 2**53


@dataclass(frozen=True)
class Kind:
    """What a value must be, in words, and whether it is."""

    words: str
    holds: Callable[[Any], bool]


@dataclass(frozen=True)
class OrNull:
    """A form, or null."""

    form: Any


def _is_number(value: Any) -> bool:
    is_real = isinstance(value, int | float) and not isinstance(value, bool)
    return is_real and (isinstance(value, float) or abs(value) <= _MOST)


def _is_whole(value: Any, most: int = _MOST) -> bool:
    return isinstance(value, int) and _is_number(value) and 0 <= value <= most


def _is_interval(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_is_number, value))


_TEXT = Kind("a text", lambda value: isinstance(value, str))
_FLAG = Kind("true or false", lambda value: isinstance(value, bool))
_NUMBER = Kind("a number", _is_number)
_WHOLE = Kind("a whole number", _is_whole)
_TRAININGS = Kind(
    f"a number from 0 to {MOST_TRAININGS}", lambda value: _is_whole(value, MOST_TRAININGS)
)
_INTERVAL = Kind("two numbers", _is_interval)
_STATUS = Kind(" or ".join(STATUSES), lambda value: isinstance(value, str) and value in STATUSES)
_SHARES = Kind(
    "numbers by name",
    lambda value: isinstance(value, dict) and all(map(_is_number, value.values())),
)
_CHILD = {
    "symmetries": [_TEXT],
    "generators": [_TEXT],
    "augmentations": [_TEXT],
    "width": _WHOLE,
    "n_parameters": _WHOLE,
}
_NETWORK = {**_CHILD, "validation_score": _NUMBER}
_TEST = {"test_score": _NUMBER, "test_interval": _INTERVAL}
_ERROR = {"float32": _NUMBER, "worst": _TEXT}
_ABLATION = {
    "left_out": [_TEXT],
    "shown": _FLAG,
    "lost": _NUMBER,
    "interval": _INTERVAL,
    "folds": _TRAININGS,
    "without": _NETWORK,
}
_ANY = {
    "status": _STATUS,
    "metric?": _TEXT,
    "networks_trained": _WHOLE,
    "distinct_networks?": OrNull(_WHOLE),
    "sampler": _TEXT,
    "seconds": {"total": _NUMBER, "search": _NUMBER},
    "best": _NETWORK,
    "importance?": OrNull(_SHARES),
    "ablation?": [_ABLATION],
    "leading": [{**_CHILD, "score": _NUMBER, "interval": _INTERVAL}],
    "warnings?": [_TEXT],
}
_FINISHED = {
    **_ANY,
    "best": {**_NETWORK, **_TEST, "equivariance_error?": OrNull(_ERROR)},
    "baseline": {"n_parameters": _WHOLE, **_TEST},
    "guessing?": OrNull(_NUMBER),
    "smallest_as_good_as_baseline?": {**_NETWORK, **_TEST},
    "best_no_larger_than_baseline?": {**_NETWORK, **_TEST},
    "finalists": [
        {**_NETWORK, "behind_best": _NUMBER, "standard_error": _NUMBER, "folds": _TRAININGS}
    ],
}


def read_results(path: Path) -> dict[str, Any]:
    """Return what `results.json` holds: everything that this package reads in it is there, of the
    right type; the parts that only a finished run has where its `baseline` is not null.

    Raises:
        FileNotFoundError: it is not there.
        ModelError: it holds something else.
        RunError: it is no regular file, or too large.
        OSError: it cannot be read.
    """
    found = read_object(path, MOST_BYTES, allow_nan=True)
    form = _ANY if found.get("baseline") is None else _FINISHED
    trouble = _trouble(found, form, path.name)
    if trouble is not None:
        raise ModelError(trouble)
    return found


def _trouble(value: Any, form: Any, place: str) -> str | None:
    """What is wrong first, in a sentence without an end; None where nothing is."""
    if isinstance(form, OrNull):
        return None if value is None else _trouble(value, form.form, place)
    if isinstance(form, Kind):
        return None if form.holds(value) else f"{place} is {shown(value)}, not {form.words}"
    if isinstance(form, list):
        if not isinstance(value, list):
            return f"{place} is {shown(value)}, not a list"
        found = (_trouble(one, form[0], f"{place}[{k}]") for k, one in enumerate(value))
        return next((trouble for trouble in found if trouble), None)
    if not isinstance(value, dict):
        return f"{place} is {shown(value)}, not an object"
    for key, wanted in form.items():
        name = key.removesuffix("?")
        if name not in value and name == key:
            return f"{place} has no {name}"
        trouble = _trouble(value[name], wanted, f"{place}: {name}") if name in value else None
        if trouble:
            return trouble
    return None
