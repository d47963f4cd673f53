"""Which columns of a table are targets, and which are features."""

from __future__ import annotations

import difflib
import shlex
from collections import Counter
from collections.abc import Sequence

from autoequivariant.errors import DataError, SettingsError

_MOST_SHOWN = 10


def choose_columns(
    names: Sequence[str],
    target: Sequence[str] | None,
    drop: Sequence[str] | None,
    origin: str,
    nameless: Sequence[str] = (),
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the features and the targets of a table, by name; features in the table's order.

    Args:
        names: of all columns, as `named` makes them.
        target: of those to predict; each may be several with commas between them.
        drop: of those to leave out, likewise. Default: none.
        origin: the table's path, for messages.
        nameless: those of `names` that the table does not have.

    Raises:
        DataError: two columns have one name, or one that is not dropped has none.
        SettingsError: no target, a name that no column has, a column that is both target and
            dropped, or no column that is left.
    """
    check_unique(names, origin)
    if target is None:
        raise SettingsError(
            f"{origin} is a table of {listed(names)}: say which of them to predict with --target, "
            f"such as --target {shlex.quote(names[-1])}."
        )
    targets = _resolved(target, names, "--target", origin)
    dropped = _resolved(drop or (), names, "--drop", origin)
    both = [name for name in targets if name in dropped]
    if both:
        raise SettingsError(
            f"The column {both[0]!r} of {origin} is named by --target and by --drop: take it out "
            "of one of them."
        )
    features = tuple(name for name in names if name not in {*targets, *dropped})
    if not features:
        raise SettingsError(
            f"No column of {origin} is left to predict {', '.join(targets)} from: give a table "
            "with more columns, or drop fewer."
        )
    for name in nameless:
        if name in features:
            raise DataError(
                f"Column {list(names).index(name) + 1} of {origin} has no name: give it one, or "
                f"leave it out with --drop {name} (row numbers, as pandas writes them, are no "
                "feature)."
            )
    return features, targets


def named(names: Sequence[str]) -> tuple[str, ...]:
    """Return names of columns where an empty one is `column_1` or another, by its place."""
    return tuple(name or f"column_{place}" for place, name in enumerate(names, 1))


def quoted(names: Sequence[str], most: int = 5) -> str:
    """Return names for a sentence: `'a'`, `'a' and 'b'`, or the first few and how many others."""
    shown = [repr(name) for name in names[:most]]
    more = len(names) - len(shown)
    if more:
        shown.append("1 other" if more == 1 else f"{more:,} others")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def split_names(texts: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Return the names that texts say, each one name or several with commas between them."""
    found = []
    for text in texts:
        parts = [text] if text in names else [part.strip() for part in text.split(",")]
        found += [part for part in parts if part]
    return tuple(dict.fromkeys(found))


def check_unique(names: Sequence[str], origin: str) -> None:
    """Refuse names that stand there twice.

    Raises:
        DataError: names the first few.
    """
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        several = "columns" if len(twice) == 1 else "columns each"
        raise DataError(
            f"{origin} has several {several} called {quoted(twice)}: give every column a name of "
            "its own."
        )


def _resolved(
    texts: Sequence[str], names: Sequence[str], option: str, origin: str
) -> tuple[str, ...]:
    known, found = set(names), split_names(texts, names)
    for name in found:
        if name not in known:
            raise SettingsError(_unknown(name, names, option, origin))
    if texts and not found:
        raise SettingsError(f"{option} names no column of {origin}: it has {listed(names)}.")
    return found


def _unknown(name: str, names: Sequence[str], option: str, origin: str) -> str:
    lowered = {other.lower(): other for other in reversed(names)}
    close = difflib.get_close_matches(name.lower(), lowered, n=1)
    if close:
        return (
            f"{origin} has no column {name!r}, which {option} names: did you mean "
            f"{lowered[close[0]]!r}?"
        )
    return f"{origin} has no column {name!r}, which {option} names: it has {listed(names)}."


def listed(names: Sequence[str]) -> str:
    """Return how many columns there are, and their names or some of them."""
    count = "1 column" if len(names) == 1 else f"{len(names):,} columns"
    if len(names) <= _MOST_SHOWN:
        return f"{count} ({', '.join(names)})"
    return f"{count} ({', '.join(names[: _MOST_SHOWN - 1])}, ..., {names[-1]})"
