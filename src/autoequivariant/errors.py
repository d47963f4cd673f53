"""The exceptions of this package: one sentence each, with the problem and the remedy."""

from __future__ import annotations

import re

# Unicode's categories Cc, Cf, Cs, Zl and Zp: controls, directions of writing, what has no width,
# tags, lone surrogates and line breaks. Except for what words and emoji are spelled with: zero
# width (non-)joiners, the Mongolian vowel separator, and number signs of Arabic and Kaithi.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u070f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff"
    "\ufeff\ufff9-\ufffb\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e007f]"
)


def printable(text: str) -> str:
    r"""Escape characters that a terminal would interpret or hide, as `\x1b` or `\n`.

    Names of columns, classes and files are untrusted and reach the screen through this function.
    """
    return _UNSAFE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def printable_lines(text: str) -> str:
    """Escape them in each line of a text."""
    return "\n".join(map(printable, text.split("\n")))


class AutoequivariantError(Exception):
    """Base of all errors that users can fix; the command line prints them and exits with 2."""

    def __str__(self) -> str:
        """The message, safe to print."""
        return printable(super().__str__())


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
