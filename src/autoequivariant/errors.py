"""Everything this package raises on purpose: one sentence that names the thing and the remedy."""

from __future__ import annotations

import re

# Control characters, what turns the direction of writing, line breaks of Unicode, half characters.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    r"""Write what a terminal would obey, or not show, as it stands in Python: `\x1b`, `\n`.

    Names of columns, classes and files come from others, and go to the screen through here.
    """
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class AutoequivariantError(Exception):
    """Base of all errors that a user can cause and mend; the command line prints it and exits with
    2.
    """

    def __str__(self) -> str:
        """The sentence, as it may be shown anywhere."""
        return printable(super().__str__())


class SettingsError(AutoequivariantError, ValueError):
    """An option or argument has a value that cannot be used."""


class SymmetryError(AutoequivariantError, ValueError):
    """A symmetry is unknown, malformed, or not defined on a domain."""


class ActionError(SymmetryError):
    """The action on a hidden domain is not a homomorphic image of the action on the input."""


class DataError(AutoequivariantError, ValueError):
    """A data set cannot be read, or cannot be used as it is."""


class RunError(AutoequivariantError, OSError):
    """A run's folder cannot be read, written or continued."""


class ModelError(AutoequivariantError, ValueError):
    """A saved model does not fit its description."""
