"""Permutations as people write them: as an index array, as cycles, or by the names of columns.

Each way is a key of a mapping, and keys that stand together are done one after the other:

- `image: [2, 0, 1]`, with `signs: [1, -1, 1]` where some change: the image of each index;
- `cycles: (0 3)(1 4 2)`, or lists in a list: each goes to the next, the last to the first;
- `swap: a <-> b`, or several, `swap: a <-> b, c <-> d`;
- `ring: a b c d`: each goes to the next, the last to the first;
- `negate: a`, or several: they change their sign; `negate: all` for all of them.

Wherever an index can stand, so can a name; lists (`ring: [a, b]`) are for names with blanks. Where
a name is a number itself, every number is a name: with classes 1, 2, 3 there is no class 0.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.permutation import Permutation

_MOST_NAMED = 8  # in a message
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


@dataclass(frozen=True)
class Labels:
    """What is permuted, and what it is called.

    Attributes:
        size: how many there are.
        names: a name for each, or none at all.
        what: one of them in words, such as `column`.
    """

    size: int
    names: tuple[str, ...]
    what: str

    @property
    def plural(self) -> str:
        """More of them in words."""
        return {"index": "indices", "class": "classes"}.get(self.what, f"{self.what}s")

    @property
    def are_numbers(self) -> bool:
        """Whether a name is a number, so that a number is never an index."""
        return any(_NUMBER.fullmatch(name) for name in self.names)

    def index(self, token: Any) -> int:
        """Return which one is meant by a name, or by a number where no name is one.

        Raises:
            SymmetryError: none is.
        """
        if isinstance(token, bool) or not isinstance(token, str | int):
            raise SymmetryError(
                f"{token!r} is no {self.what}: write its name or number (names such as yes, no and "
                "on in quotes)."
            )
        if str(token) in self.names:
            return self.names.index(str(token))
        number = int(token) if re.fullmatch(r"\d{1,9}", str(token)) else -1
        if 0 <= number < self.size and not self.are_numbers:
            return number
        raise SymmetryError(f"There is no {self.what} {token!r}: {self._hint(str(token))}")

    def _hint(self, token: str) -> str:
        numbers = f"they are numbered from 0 to {self.size - 1}."
        if not self.names:
            return numbers
        close = difflib.get_close_matches(token, self.names, n=2)
        if close:
            return "did you mean " + " or ".join(close) + "?"
        more = ", ..." if len(self.names) > _MOST_NAMED else ""
        said = f"they are {', '.join(self.names[:_MOST_NAMED])}{more}"
        if not self.are_numbers:
            return f"{said}, and {numbers}"
        return f"{said}. As there are numbers among these names, a number is a name here."


def permutation_of(spec: Mapping[str, Any], labels: Labels) -> Permutation:
    """Return the permutation that a mapping says; keys that stand together are done in their order.

    Raises:
        SymmetryError: a key or a name is unknown, something is named twice, or it is no bijection.
    """
    if "signs" in spec and "image" not in spec:
        raise SymmetryError("signs: stands with image: alone; elsewhere write negate:.")
    result = Permutation.identity(labels.size)
    for key, value in spec.items():
        if key == "signs":
            continue
        if key == "image":
            step = _of_image(value, spec.get("signs"), labels)
        else:
            step = _WAYS[key](value, labels)
        result = step @ result
    return result


def _of_image(value: Any, signs: Any, labels: Labels) -> Permutation:
    for name, given in (("image", value), ("signs", signs)):
        if given is None and name == "signs":
            continue
        if not are_whole_numbers(given):
            raise SymmetryError(f"{name}: is a list of whole numbers, as in [2, 0, 1].")
        if len(given) != labels.size:
            raise SymmetryError(
                f"{name}: has {len(given)} numbers, but there are {labels.size} {labels.plural}: "
                "give one for each."
            )
    strangers = sorted({int(i) for i in value if not 0 <= i < labels.size})
    if strangers:
        raise SymmetryError(
            f"image: has {_short(strangers[0])}, but {labels.plural} are numbered from 0 to "
            f"{labels.size - 1}."
        )
    image = np.array(value, np.int64)
    counts = np.bincount(image, minlength=labels.size)
    if counts.max(initial=0) > 1:
        twice, missing = int(counts.argmax()), int(counts.argmin())
        raise SymmetryError(
            f"image: is no bijection: {twice} stands there more than once, and {missing} not at "
            "all."
        )
    return Permutation(image, signs)


def are_whole_numbers(value: Any) -> bool:
    """Whether something is a list, tuple or array of whole numbers."""
    if isinstance(value, np.ndarray):
        return value.ndim == 1 and value.dtype.kind in "iu"
    return isinstance(value, list | tuple) and all(
        isinstance(n, int | np.integer) and not isinstance(n, bool) for n in value
    )


def _of_cycles(value: Any, labels: Labels) -> Permutation:
    if (
        isinstance(value, list | tuple)
        and value
        and all(isinstance(c, list | tuple) for c in value)
    ):
        return _cycled(value, labels, "cycles:")
    text = str(value).strip()
    if not isinstance(value, str) or not re.fullmatch(r"(\([^()]*\)\s*)+", text):
        raise SymmetryError(f"cycles: are written as in (0 3)(1 4 2), not {_short(value)}.")
    cycles = [inner.replace(",", " ").split() for inner in re.findall(r"\(([^()]*)\)", text)]
    return _cycled(cycles, labels, "cycles:")


def _of_swap(value: Any, labels: Labels) -> Permutation:
    texts = value.split(",") if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(isinstance(t, str) for t in texts):
        raise SymmetryError(f"swap: is written as in a <-> b, not {_short(value)}.")
    pairs = [[part.strip() for part in text.split("<->")] for text in texts]
    for text, pair in zip(texts, pairs, strict=True):
        if len(pair) != 2:
            raise SymmetryError(f"swap: is written as in a <-> b, not {_short(text)}.")
    return _cycled(pairs, labels, "swap:")


def _of_ring(value: Any, labels: Labels) -> Permutation:
    tokens = _tokens(value, "ring:")
    if len(tokens) < 2:
        raise SymmetryError("ring: names two or more, each of which goes to the next.")
    return _cycled([tokens], labels, "ring:")


def _of_negation(value: Any, labels: Labels) -> Permutation:
    signs = np.ones(labels.size, np.int8)
    everything = value == "all" and "all" not in labels.names
    signs[slice(None) if everything else _distinct(_tokens(value, "negate:"), labels)] = -1
    return Permutation(np.arange(labels.size), signs)


_WAYS: dict[str, Callable[[Any, Labels], Permutation]] = {
    "cycles": _of_cycles,
    "swap": _of_swap,
    "ring": _of_ring,
    "negate": _of_negation,
}
WAYS = ("image", "signs", *_WAYS)
"""The keys of a mapping that says a permutation."""


def _cycled(cycles: Sequence[Sequence[Any]], labels: Labels, key: str) -> Permutation:
    image = np.arange(labels.size)
    _distinct([token for cycle in cycles for token in cycle], labels, key)
    for cycle in cycles:
        numbers = [labels.index(token) for token in cycle]
        image[numbers] = np.roll(numbers, -1)
    return Permutation(image)


def _distinct(tokens: Sequence[Any], labels: Labels, key: str = "negate:") -> list[int]:
    numbers = [labels.index(token) for token in tokens]
    for number, token in zip(numbers, tokens, strict=True):
        if numbers.count(number) > 1:
            raise SymmetryError(
                f"{key} names {labels.what} {token!r} twice: in one symmetry each goes to one "
                "place."
            )
    return numbers


def _tokens(value: Any, key: str) -> list[Any]:
    if isinstance(value, str):
        return value.replace(",", " ").split()
    if isinstance(value, int) and not isinstance(value, bool):
        return [value]
    if isinstance(value, list | tuple):
        return list(value)
    raise SymmetryError(f"{key} is followed by names or numbers, not by {_short(value)}.")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."
