"""The exceptions of this package: one sentence each, with the problem and the remedy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

# Unicode's categories Cc, Cf, Cs, Zl and Zp: controls, directions of writing, what has no width,
# tags, lone surrogates and line breaks. Except for what words and emoji are spelled with: zero
# width (non-)joiners, the Mongolian vowel separator, and number signs of Arabic and Kaithi.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u070f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff"
    "\ufeff\ufff9-\ufffb\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e007f]"
)

_ELLIPSIS = "..."
_LONGEST_MESSAGE = 4000
_MOST_LISTED, _LONGEST_NAME = 8, 60


def printable(text: str) -> str:
    r"""Escape characters that a terminal would interpret or hide, as `\x1b` or `\n`.

    Names of columns, classes and files are untrusted and reach the screen through this function.
    """
    return _UNSAFE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def printable_lines(text: str) -> str:
    """Escape them in each line of a text."""
    return "\n".join(map(printable, text.split("\n")))


def shortened(text: str, most: int) -> str:
    """Return a text of at most `most` characters; a longer one loses its middle."""
    if len(text) <= most:
        return text
    last = (most - len(_ELLIPSIS)) // 2
    return f"{text[: most - len(_ELLIPSIS) - last]}{_ELLIPSIS}{text[-last:]}"


def shown(value: Any, most: int = _LONGEST_NAME) -> str:
    """Return an untrusted value as an error message shows it, in at most `most` characters."""
    if isinstance(value, int) and value.bit_length() > 200:
        return "a number of more than 60 digits"
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    try:
        text = repr(value[: most + 1] if isinstance(value, str) else value)
    except (RecursionError, ValueError):  # of numbers without end, or of lists in lists
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= most else f"{text[: most - len(_ELLIPSIS)]}{_ELLIPSIS}"


def listed(names: Sequence[str]) -> str:
    """Return untrusted names as an error message lists them: the first eight, and how many more."""
    more = len(names) - _MOST_LISTED
    found = ", ".join(shortened(name, _LONGEST_NAME) for name in names[:_MOST_LISTED])
    return f"{found} and {more:,} more" if more > 0 else found


class AutoequivariantError(Exception):
    """Base of all errors that users can fix; the command line prints them and exits with 2."""

    def __str__(self) -> str:
        """The message, safe to print and of bounded length."""
        return shortened(printable(super().__str__()), _LONGEST_MESSAGE)


class SettingsError(AutoequivariantError, ValueError):
    """An option or argument has an invalid value."""


class SymmetryError(AutoequivariantError, ValueError):
    """A symmetry is unknown, malformed, or not defined on a domain."""


class ActionError(SymmetryError):
    """The action on a hidden domain is not a homomorphic image of the action on the input."""


class DataError(AutoequivariantError, ValueError):
    """A data set cannot be read or used."""


class RunError(AutoequivariantError, OSError):
    """A run's folder cannot be read, written or resumed."""


class ModelError(AutoequivariantError, ValueError):
    """A saved model does not match its description."""
