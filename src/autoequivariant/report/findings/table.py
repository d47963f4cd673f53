"""A table as plain values: the terminal and the page render the same record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column: its title, and whether it holds numbers, which are aligned to the right."""

    title: str
    is_number: bool = False


@dataclass(frozen=True)
class Table:
    """A table of texts.

    Attributes:
        title: what it shows; may be empty.
        columns: from left to right.
        rows: one text for each column.
        notes: sentences below the table.
        marked: number of the row that stands out; None for none.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    marked: int | None = None


def columns(texts: Sequence[str], numbers: Sequence[str]) -> tuple[Column, ...]:
    """Return columns of text, followed by columns of numbers."""
    return (*map(Column, texts), *(Column(title, True) for title in numbers))
