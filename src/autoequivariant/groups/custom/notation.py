"""Notation for signed permutations: index arrays, cycles, swaps, rings and sign changes.

Each key of a mapping gives a permutation; several keys are applied in order:

- `image: [2, 0, 1]`, optionally with `signs: [1, -1, 1]`: the image of each index;
- `cycles: (0 3)(1 4 2)`, or a list of lists: each moves to the next, the last to the first;
- `swap: a <-> b`, or several, `swap: a <-> b, c <-> d`;
- `ring: a b c d`: each moves to the next, the last to the first;
- `negate: a`, or several: change their sign; `negate: all` changes all.

An index may be given by number or by name; names with blanks need a list (`ring: [a, b]`). If any
name is itself a number, every number is read as a name: with classes 1, 2, 3 there is no class 0.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from autoequivariant.errors import SymmetryError, listed, shown
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.whole_number import whole_number

_MOST_COMPARED = 10_000  # names that a misspelt one is compared with, which takes long
_LONGEST_COMPARED = 200
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True)
class IndexNames:
    """The indices that a permutation acts on, and their names.

    Attributes:
        size: number of indices.
        names: one name for each index, or empty.
        kind: what an index stands for: `index`, `column`, `channel`, `class` or `target`.
    """

    size: int
    names: tuple[str, ...]
    kind: str

    @property
    def plural(self) -> str:
        """The plural of `kind`."""
        return {"index": "indices", "class": "classes"}.get(self.kind, f"{self.kind}s")

    @cached_property
    def has_numeric_names(self) -> bool:
        """Whether any name is a number; then a number always denotes a name, not an index."""
        return any(_NUMBER.fullmatch(name) for name in self.names)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        """The index of each name, the first of names that are equal."""
        return {name: number for number, name in reversed(list(enumerate(self.names)))}

    def index(self, token: Any) -> int:
        """Return the index with this name or number.

        Raises:
            SymmetryError: there is none.
        """
        if isinstance(token, bool) or not isinstance(token, str | int):
            raise SymmetryError(
                f"The {self.kind} {shown(token)} is neither a name nor a number: put names such "
                "as yes, no and on in quotes."
            )
        text = str(token)
        if text in self._numbers:
            return self._numbers[text]
        number = whole_number(text)
        if number is not None and number < self.size and not self.has_numeric_names:
            return number
        raise SymmetryError(f"There is no {self.kind} {shown(token)}: {self._hint(text)}")

    def called(self, index: int) -> str:
        """Return what to call an index in a sentence."""
        return f"{self.kind} {shown(self.names[index] if self.names else int(index))}"

    def _hint(self, token: str) -> str:
        numbers = f"they are numbered from 0 to {self.size - 1}."
        if not self.names:
            return numbers
        compared = self.names[:_MOST_COMPARED] if len(token) <= _LONGEST_COMPARED else ()
        close = difflib.get_close_matches(token, compared, n=2)
        if close:
            return "did you mean " + " or ".join(close) + "?"
        names = f"they are {listed(self.names)}"
        if not self.has_numeric_names:
            return f"{names}, and {numbers}"
        return f"{names}. Since some names are numbers, a number is read as a name."


def parse_permutation(mapping: Mapping[str, Any], indices: IndexNames) -> Permutation:
    """Return the permutation that a mapping denotes; its keys are applied in order.

    Raises:
        SymmetryError: a key or name is unknown, an index occurs twice, or it is not a bijection.
    """
    if "signs" in mapping and "image" not in mapping:
        raise SymmetryError("signs: is allowed only with image:; use negate: instead.")
    result = Permutation.identity(indices.size)
    for key, value in mapping.items():
        if key == "signs":
            continue
        if key == "image":
            step = _image(value, mapping.get("signs"), indices)
        else:
            step = _PARSERS[key](value, indices)
        result = step @ result
    return result


def is_integer_list(value: Any) -> bool:
    """Whether a value is a list, tuple or one-dimensional array of integers."""
    if isinstance(value, np.ndarray):
        return value.ndim == 1 and value.dtype.kind in "iu"
    return isinstance(value, list | tuple) and all(
        isinstance(n, int | np.integer) and not isinstance(n, bool) for n in value
    )


def _image(image: Any, signs: Any, indices: IndexNames) -> Permutation:
    for key, value in (("image", image), ("signs", signs)):
        if value is None and key == "signs":
            continue
        if not is_integer_list(value):
            raise SymmetryError(f"{key}: must be a list of whole numbers, as in [2, 0, 1].")
        if len(value) != indices.size:
            raise SymmetryError(
                f"{key}: has {len(value)} numbers, but there are {indices.size} {indices.plural}: "
                "give one for each."
            )
    outside = sorted({int(i) for i in image if not 0 <= i < indices.size})
    if outside:
        raise SymmetryError(
            f"image: contains {shown(outside[0])}, but {indices.plural} are numbered from 0 "
            f"to {indices.size - 1}."
        )
    images = np.array(image, np.int64)
    counts = np.bincount(images, minlength=indices.size)
    if counts.max(initial=0) > 1:
        repeated, missing = int(counts.argmax()), int(counts.argmin())
        raise SymmetryError(
            f"image: is not a bijection: {repeated} occurs more than once and {missing} is missing."
        )
    return Permutation(images, signs)


def _cycles(value: Any, indices: IndexNames) -> Permutation:
    if (
        isinstance(value, list | tuple)
        and value
        and all(isinstance(c, list | tuple) for c in value)
    ):
        return _from_cycles(value, indices, "cycles:")
    text = str(value).strip()
    if not isinstance(value, str) or not re.fullmatch(r"(\([^()]*\)\s*)+", text):
        raise SymmetryError(f"cycles: must be written as in (0 3)(1 4 2); got {shown(value)}.")
    cycles = [inner.replace(",", " ").split() for inner in re.findall(r"\(([^()]*)\)", text)]
    return _from_cycles(cycles, indices, "cycles:")


def _swap(value: Any, indices: IndexNames) -> Permutation:
    texts = value.split(",") if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(isinstance(t, str) for t in texts):
        raise SymmetryError(f"swap: must be written as in a <-> b; got {shown(value)}.")
    pairs = [[part.strip() for part in text.split("<->")] for text in texts]
    for text, pair in zip(texts, pairs, strict=True):
        if len(pair) != 2:
            raise SymmetryError(f"swap: must be written as in a <-> b; got {shown(text)}.")
    return _from_cycles(pairs, indices, "swap:")


def _ring(value: Any, indices: IndexNames) -> Permutation:
    tokens = _tokens(value, "ring:")
    if len(tokens) < 2:
        raise SymmetryError("ring: needs two or more names, each of which moves to the next.")
    return _from_cycles([tokens], indices, "ring:")


def _negate(value: Any, indices: IndexNames) -> Permutation:
    signs = np.ones(indices.size, np.int8)
    is_all = value == "all" and "all" not in indices.names
    signs[slice(None) if is_all else _distinct(_tokens(value, "negate:"), indices)] = -1
    return Permutation(np.arange(indices.size), signs)


_PARSERS: dict[str, Callable[[Any, IndexNames], Permutation]] = {
    "cycles": _cycles,
    "swap": _swap,
    "ring": _ring,
    "negate": _negate,
}
PERMUTATION_KEYS = ("image", "signs", *_PARSERS)
"""The keys of a mapping that denotes a permutation."""


def _from_cycles(cycles: Sequence[Sequence[Any]], indices: IndexNames, key: str) -> Permutation:
    image = np.arange(indices.size)
    _distinct([token for cycle in cycles for token in cycle], indices, key)
    for cycle in cycles:
        numbers = [indices.index(token) for token in cycle]
        image[numbers] = np.roll(numbers, -1)
    return Permutation(image)


def _distinct(tokens: Sequence[Any], indices: IndexNames, key: str = "negate:") -> list[int]:
    numbers = dict[int, None]()
    for token in tokens:
        number = indices.index(token)
        if number in numbers:
            raise SymmetryError(
                f"{key} names {indices.kind} {shown(token)} twice: name it only once."
            )
        numbers[number] = None
    return list(numbers)


def _tokens(value: Any, key: str) -> list[Any]:
    if isinstance(value, str):
        return value.replace(",", " ").split()
    if isinstance(value, int) and not isinstance(value, bool):
        return [value]
    if isinstance(value, list | tuple):
        return list(value)
    raise SymmetryError(f"{key} must be followed by names or numbers; got {shown(value)}.")


def parse_level(mapping: Mapping[str, Any]) -> int | None:
    """Return the level of a mapping that describes a partial symmetry; None if it has none.

    Raises:
        SymmetryError: it is no whole number.
    """
    level = mapping.get("level")
    if level is None or (isinstance(level, int) and not isinstance(level, bool) and level >= 0):
        return level
    raise SymmetryError(f"level: must be a whole number, 0 or more; got {shown(level)}.")
