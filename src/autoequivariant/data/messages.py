"""Wording that the error messages of readers and checks share."""

from __future__ import annotations

import difflib
import errno
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from autoequivariant.errors import AutoequivariantError, DataError, SettingsError, shortened

_MOST_LISTED = 10
_LONGEST_REASON = 200
_LONGEST_NAME = 100


def check_choice(option: str, value: str | None, choices: Sequence[str]) -> None:
    """Raise `SettingsError` unless `value` is None or one of `choices`."""
    if value is None or value in choices:
        return
    close = difflib.get_close_matches(str(value), choices, n=1)
    hint = f" (did you mean {close[0]}?)" if close else ""
    raise SettingsError(f"{option} must be one of {', '.join(choices)}; got {value!r}{hint}.")


def check_unique(names: Sequence[str], what: str, origin: str) -> None:
    """Raise `DataError` if a name occurs twice; `what` the names are of, such as `columns`."""
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        each = "" if len(repeated) == 1 else " each"
        raise DataError(
            f"{origin} has several {what}{each} called {quoted(repeated)}: give each a name of its "
            "own."
        )


def check_names(names: Sequence[str], count: int, what: str, origin: str) -> None:
    """Raise `DataError` unless there are `count` names, all different."""
    if len(names) != count:
        raise DataError(
            f"{origin} has {count} {what} but {len(names)} names of {what}: give one name for each."
        )
    check_unique(names, what, origin)


@contextmanager
def library_errors(what: str, remedy: str) -> Iterator[None]:
    """Turn what a library raises on the bytes of a file into a `DataError` of three parts.

    Damaged files make parsers raise errors of any class, and warn. Errors of this package, of the
    system and of memory pass. The sentence is `what`, the library's reason and `remedy`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (AutoequivariantError, MemoryError):
        raise
    except Exception as error:
        # Libraries raise OSError without a number; a seek to where a damaged file points is EINVAL.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        raise DataError(f"{what} ({reason(error)}): {remedy}.") from error


def reason(error: Exception) -> str:
    """Return what a library's error says, on one line, shortened where it is long."""
    text = " ".join(str(error).split()).rstrip(".:") or type(error).__name__
    return shortened(text, _LONGEST_REASON)


def quoted(names: Sequence[str], most: int = 5) -> str:
    """Return names for a sentence: `'a'`, `'a' and 'b'`, or the first few and how many others."""
    shown = [repr(short_text(name)) for name in names[:most]]
    more = len(names) - len(shown)
    if more:
        shown.append("1 other" if more == 1 else f"{more:,} others")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def short_text(text: str) -> str:
    """Return a name from a file, shortened where it is long."""
    return shortened(text, _LONGEST_NAME)


def listed_columns(names: Sequence[str]) -> str:
    """Return how many columns there are, with their names, or some of them."""
    count = "1 column" if len(names) == 1 else f"{len(names):,} columns"
    if len(names) <= _MOST_LISTED:
        return f"{count} ({', '.join(map(short_text, names))})"
    first = ", ".join(map(short_text, names[: _MOST_LISTED - 1]))
    return f"{count} ({first}, ..., {short_text(names[-1])})"


def is_number(value: object) -> bool:
    """Return whether `float` takes a value."""
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return True
