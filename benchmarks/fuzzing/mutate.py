"""Mutations of bytes, JSON values and texts; every choice comes from a generator of the case."""

from __future__ import annotations

import json
import re
import struct
from copy import deepcopy
from typing import Any

import numpy as np

Rng = np.random.Generator

_NUMBERS = (0, 1, -1, 2, 127, 128, 255, 256, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**63)
_INTEGERS = ("<B", "<H", ">H", "<I", ">I", "<Q", ">Q")
_DEPTH = 50_000


def pick(rng: Rng, choices: Any) -> Any:
    """Return one of a sequence."""
    return choices[int(rng.integers(len(choices)))]


def damaged(rng: Rng, content: bytes) -> bytes:
    """Return bytes with one to eight changes."""
    found = bytearray(content)
    for _ in range(int(rng.geometric(0.5)) if rng.random() < 0.9 else 8):
        found = bytearray(pick(rng, _CHANGES)(rng, found))
    return bytes(found)


def _place(rng: Rng, content: bytearray) -> int:
    # Half of the changes meet the first or last 256 bytes, where headers and footers are.
    size = max(1, len(content))
    near = min(size, 256)
    where = rng.random()
    if where < 0.35:
        return int(rng.integers(near))
    return int(size - 1 - rng.integers(near)) if where < 0.5 else int(rng.integers(size))


def _flip(rng: Rng, content: bytearray) -> bytearray:
    if content:
        content[_place(rng, content)] ^= 1 << int(rng.integers(8))
    return content


def _overwrite(rng: Rng, content: bytearray) -> bytearray:
    place, form = _place(rng, content), pick(rng, _INTEGERS)
    size = struct.calcsize(form)
    number = pick(rng, _NUMBERS) % (1 << 8 * size)
    content[place : place + size] = struct.pack(form, number)
    return content


def _randomise(rng: Rng, content: bytearray) -> bytearray:
    place, size = _place(rng, content), int(rng.integers(1, 32))
    content[place : place + size] = rng.bytes(size)
    return content


def _insert(rng: Rng, content: bytearray) -> bytearray:
    place = _place(rng, content)
    content[place:place] = rng.bytes(int(rng.integers(1, 64)))
    return content


def _remove(rng: Rng, content: bytearray) -> bytearray:
    place = _place(rng, content)
    del content[place : place + int(rng.integers(1, 64))]
    return content


def _repeat(rng: Rng, content: bytearray) -> bytearray:
    place = _place(rng, content)
    piece = content[place : place + int(rng.integers(1, 256))]
    content[place:place] = piece * int(rng.integers(1, 8))
    return content


def _cut(rng: Rng, content: bytearray) -> bytearray:
    return content[: _place(rng, content)]


def _swap(rng: Rng, content: bytearray) -> bytearray:
    size = int(rng.integers(1, 32))
    one, other = _place(rng, content), _place(rng, content)
    content[one : one + size], content[other : other + size] = (
        content[other : other + size],
        content[one : one + size],
    )
    return content


_CHANGES = (
    _flip,
    _flip,
    _overwrite,
    _overwrite,
    _randomise,
    _insert,
    _remove,
    _repeat,
    _cut,
    _swap,
)


def odd_text(rng: Rng) -> str:
    """Return a text that programs stumble over."""
    return str(pick(rng, _TEXTS))


_TEXTS = (
    "",
    " ",
    "\0",
    "a\0b",
    "\n",
    "\x1b[31m",
    "\u202ea",
    "\ud800",
    "é",
    "x" * 300,
    "x" * 100_000,
    "../../etc/passwd",
    "/dev/zero",
    "/dev/stdin",
    "~",
    "%s%n",
    "{0.__class__}",
    "$\\frac$",
    "<b>&amp;",
    "=1+1",
    "nan",
    "inf",
    "-0",
    "1e999",
    "9" * 5_000,
    "٣",
    "none",
    "null",
    "true",
    "hflip",
    "translate_x:4",
    "28x28",
    "features:4",
    "sequence:9",
    "features:2147483648",
    "99999x99999",
)


def odd_value(rng: Rng) -> Any:
    """Return a value of JSON that programs stumble over."""
    if rng.random() < 0.3:
        return odd_text(rng)
    return deepcopy(pick(rng, _VALUES))


_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 3, 0.5, -0.0, 1e-320, 1e308, -1e308, 2**31, 2**53, 2**63),
    *(2**64, 2**70, 10**400, float("inf"), float("-inf"), float("nan"), [], {}, [[]], [None]),
    *([0], [1, 0], [0, 0], [-1], ["a"], ["a", "a"], {"": 0}, {"a": 1}, [[0, 1], [1, 0]], {"a": {}}),
    *([0] * 20_000, ["hflip"] * 5_000, list(range(3_000))),
)


def changed_json(rng: Rng, value: Any) -> bytes:
    """Return JSON text of a value of which one to three places are changed."""
    found = deepcopy(value)
    for _ in range(int(rng.geometric(0.7))):
        found = deepcopy(_changed_node(rng, found))
    text = json.dumps(found)
    if rng.random() < 0.03:
        text = "[" * _DEPTH + text + "]" * _DEPTH
    if rng.random() < 0.05:
        text = text.replace('": ', '": 0, "extra": ', 1)  # a key more; of two, one is repeated
    return text.encode("utf-8", "surrogatepass")


def _changed_node(rng: Rng, root: Any) -> Any:
    places = list(_places(root))
    if not places:
        return odd_value(rng)
    holder, key = pick(rng, places)
    action = rng.random()
    if action < 0.15:
        del holder[key]
    elif action < 0.25:
        other_holder, other_key = pick(rng, places)
        holder[key] = deepcopy(other_holder[other_key])
    elif action < 0.35 and isinstance(holder[key], int | float):
        holder[key] = holder[key] + pick(rng, (-1, 1, 0.5, 1e-9, 1000))
    elif action < 0.4 and isinstance(holder, dict):
        holder[odd_text(rng)] = deepcopy(holder[key])
    elif action < 0.45 and isinstance(holder, list):
        holder.extend(holder[:] * int(rng.integers(1, 4)))
    else:
        holder[key] = odd_value(rng)
    return root


def _places(value: Any) -> Any:
    """Yield the holder and key of every value below a value."""
    if not isinstance(value, dict | list):
        return
    for key, one in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        yield from _places(one)


def changed_tokens(rng: Rng, text: str, words: tuple[str, ...]) -> str:
    """Return a text in which a few words or lines are changed; its form is mostly kept."""
    for _ in range(int(rng.geometric(0.7))):
        change = rng.random()
        if change < 0.2:
            lines = text.splitlines(keepends=True) or [""]
            place = int(rng.integers(len(lines)))
            lines[place : place + 1] = [lines[place]] * int(pick(rng, (0, 2, 2, 50)))
            text = "".join(lines)
            continue
        tokens = re.split(r"([\w.]+)", text)
        place = int(rng.integers(len(tokens) // 2)) * 2 + 1 if len(tokens) > 1 else 0
        word = pick(rng, words) if rng.random() < 0.85 else odd_text(rng)
        tokens[place] = word + (tokens[place] if change < 0.4 else "")
        text = "".join(tokens)
    return text


def changed_words(rng: Rng, text: str, words: tuple[str, ...]) -> str:
    """Return a text in which pieces are replaced, repeated, removed or inserted."""
    for _ in range(int(rng.geometric(0.5))):
        first, last = sorted(int(rng.integers(len(text) + 1)) for _ in range(2))
        last = min(last, first + int(rng.integers(0, 12)))
        word = pick(rng, words) if rng.random() < 0.8 else odd_text(rng)
        text = text[:first] + word + text[last:]
    return text
