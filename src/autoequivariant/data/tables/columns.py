"""The roles of the columns of a table: targets, features, left out."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Sequence

from autoequivariant.data.messages import check_unique, listed_columns
from autoequivariant.errors import DataError, SettingsError

_MOST_SUGGESTED = 3
MOST_COLUMNS = 100_000
BYTES_PER_COLUMN = 17_000
"""Memory that reading takes for each column, whatever its length: 1.65 GB for 100,000 columns."""
_LONGEST_NAME = 1000


def choose_columns(
    names: Sequence[str], target: Sequence[str] | None, drop: Sequence[str] | None, origin: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the features, in the table's order, and of the targets.

    Args:
        names: of all columns; a nameless one is an empty text, and `name_all` names it.
        target: columns to predict; each text is one name or several with commas.
        drop: columns to leave out, written like `target`. Default: none.
        origin: the table's path, for messages.

    Raises:
        DataError: two columns have the same name, or a feature has none.
        SettingsError: no target, an unknown name, a column that is both target and dropped, or no
            column left.
    """
    if not names:
        raise DataError(f"{origin} has no columns: give a table of features and targets.")
    headers, names = names, name_all(names, origin)
    if target is None:
        raise SettingsError(
            f"{origin} is a table of {listed_columns(names)}: choose the one to predict with "
            f"--target, such as --target {shlex.quote(names[-1])}."
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
    for place, (header, name) in enumerate(zip(headers, names, strict=True), 1):
        if not header and name in features:
            raise DataError(
                f"Column {place} of {origin} has no name: give it one, or leave it out with --drop "
                f"{name} (row numbers, as pandas writes them, are no feature)."
            )
    return features, targets


def name_all(names: Sequence[str], origin: str) -> tuple[str, ...]:
    """Return the names of all columns; the `k`-th, if it has none, is `column_k`.

    Raises:
        DataError: two columns have the same name, a name is too long, or there are too many.
    """
    check_column_count(len(names), origin)
    for place, name in enumerate(names, 1):
        if len(name) > _LONGEST_NAME:
            raise DataError(
                f"The name of column {place} of {origin} has {len(name):,} characters: give it one "
                f"of at most {_LONGEST_NAME:,}."
            )
    named = tuple(name or f"column_{place}" for place, name in enumerate(names, 1))
    check_unique(named, "columns", origin)
    return named


def check_column_count(count: int, origin: str) -> None:
    """Raise `DataError` if a table has more than 100,000 columns."""
    if count > MOST_COLUMNS:
        raise DataError(
            f"{origin} has {count:,} columns, more than {MOST_COLUMNS:,}: leave some out, or write "
            "the samples as arrays with numpy.savez."
        )


def split_names(texts: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Return the names in `texts`, each of which is one of `names` or several with commas."""
    parts = [
        part
        for text in texts
        for part in ([text] if text in names else [part.strip() for part in text.split(",")])
    ]
    return tuple(dict.fromkeys(part for part in parts if part))


def _resolved(
    texts: Sequence[str], names: Sequence[str], option: str, origin: str
) -> tuple[str, ...]:
    known, chosen = set(names), split_names(texts, names)
    for name in chosen:
        if name not in known:
            raise SettingsError(
                f"{origin} has no column {name!r}, which {option} names: "
                f"{suggestion([name], names)}"
            )
    if texts and not chosen:
        raise SettingsError(
            f"{option} names no column of {origin}: it has {listed_columns(names)}."
        )
    return chosen


def suggestion(missing: Sequence[str], names: Sequence[str], taken: Sequence[str] = ()) -> str:
    """Return the end of a sentence about missing columns: similar names, or those that exist.

    Args:
        missing: names that the table does not have.
        names: of its columns.
        taken: those of them that are not suggested.
    """
    lowered = {name.lower(): name for name in reversed(names) if name not in taken}
    guesses = []
    for name in missing[:_MOST_SUGGESTED]:
        close = difflib.get_close_matches(name.lower(), lowered, n=1)
        guesses += [f"{lowered[close[0]]!r} for {name!r}"] if close else []
    return f"did you mean {', '.join(guesses)}?" if guesses else f"it has {listed_columns(names)}."
