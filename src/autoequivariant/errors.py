"""The exceptions of this package: one sentence each, with the problem and the remedy."""

from __future__ import annotations

import re

# Control characters, bidirectional marks, Unicode line breaks and lone surrogates.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    r"""Escape characters that a terminal would interpret or hide, as `\x1b` or `\n`.

    Names of columns, classes and files are untrusted and reach the screen through this function.
    """
    return _UNSAFE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


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
