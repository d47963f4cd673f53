"""Checks of plain option values: types, choices and ranges."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

from autoequivariant.errors import listed, shown
from autoequivariant.training.executors.options import ExecutorOptions
from autoequivariant.training.variant import SIZES

MOST_BUDGET = 1_000_000
"""Largest budget. A search lists this many networks before it starts."""
MOST_CHANNELS = 10**9
"""Largest width: more channels exceed any memory."""
MOST_EPOCHS = 10**9
"""Largest number of epochs: more take longer than anyone waits."""
MOST_SEED = 2**256 - 1
"""Largest seed: it is hashed, so more digits say no more."""

_COUNTS = ("budget", "epochs", "channels", "train_size", "validation_size", "memory_limit")
_LEAST = {**dict.fromkeys(_COUNTS, 1), "seed": 0}
_MOST = {
    "budget": MOST_BUDGET,
    "channels": MOST_CHANNELS,
    "epochs": MOST_EPOCHS,
    "seed": MOST_SEED,
}
_WORDS: dict[type, str] = {
    str: "a string",
    int: "an integer",
    float: "a number",
    bool: "True or False",
    Path: "a path",
    NoneType: "None",
    ExecutorOptions: "an ExecutorOptions",
}


def option_of(name: str) -> str:
    """Return the command-line option of a setting."""
    return "--size" if name == "sizes" else "--" + name.replace("_", "-")


def wrong_types(
    values: Mapping[str, Any], hints: Mapping[str, Any], choices: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    """Yield a sentence for each value that does not have the type of its hint."""
    for name, hint in hints.items():
        if not _has_type(values[name], hint):
            parts = get_args(hint) if get_origin(hint) is UnionType else (hint,)
            words = " or ".join(_WORDS.get(part, "a tuple") for part in parts)
            expected = f"one of {', '.join(choices[name])}" if name in choices else words
            yield f"{option_of(name)} must be {expected}; got {shown(values[name])}."


def unknown_choices(
    values: Mapping[str, Any], choices: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    """Yield a sentence for each option with values that are not among its choices."""
    for name, known in choices.items():
        value = values[name]
        chosen = () if value is None else value if isinstance(value, tuple) else (value,)
        unknown = [shown(one) for one in chosen if one not in known]
        if unknown:
            expected = f"one of {', '.join(known)}"
            yield f"{option_of(name)} must be {expected}; got {listed(unknown)}."


def out_of_range(values: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each number that is too small or too large."""
    for name, least in _LEAST.items():
        value = values[name]
        if value is not None and value < least:
            yield f"{option_of(name)} must be {least} or more; got {shown(value)}."
        if value is not None and value > _MOST.get(name, value):
            yield f"{option_of(name)} must be at most {_MOST[name]:,}; got {shown(value)}."
    widths = values["widths"]
    if widths is not None and not (widths and 1 <= min(widths) <= max(widths) <= MOST_CHANNELS):
        yield f"--widths must be numbers from 1 to {MOST_CHANNELS:,}, as in 1,2,4."
    for name in ("timeout", "fit_time"):
        value = values[name]
        if value is not None and not 0 < value < math.inf:
            yield f"{option_of(name)} must be a positive number of seconds; got {value:g}."
    if values["fit_size"] is not None and values["fit_size"] not in SIZES:
        sizes = ", ".join(f"{size:g}" for size in SIZES)
        yield f"--fit-size must be one of {sizes}; got {values['fit_size']:g}."


def unusable_paths(values: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each name of data that no file can have."""
    for name in ("data", "source"):
        if "\0" in str(values[name]):
            yield f"{option_of(name)} has a null character, which no path may have: leave it out."


def _has_type(value: Any, hint: Any) -> bool:
    if get_origin(hint) is UnionType:
        return any(_has_type(value, part) for part in get_args(hint))
    if get_origin(hint) is tuple:
        return isinstance(value, tuple) and all(_has_type(v, get_args(hint)[0]) for v in value)
    if hint is bool:
        return isinstance(value, bool)
    kind = (int, float) if hint is float else hint
    return isinstance(value, kind) and not isinstance(value, bool)
