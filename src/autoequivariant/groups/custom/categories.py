"""Which symmetries columns of categories can have: exchanges of columns with the same values."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import numpy as np

from autoequivariant.errors import SymmetryError, shown
from autoequivariant.groups.custom.notation import IndexNames
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.symmetry import Symmetry


def check_categories(
    symmetry: Symmetry, domain: Domain, names: IndexNames, categories: Sequence[Sequence[str]]
) -> None:
    """Refuse a symmetry that does something to a column of text that it cannot do.

    Args:
        symmetry: defined on the domain.
        domain: of a table.
        names: of its columns.
        categories: of each column, its values; empty for a column of numbers. Empty if all are.

    Raises:
        SymmetryError: it changes the sign of a column of text, or exchanges it with a column that
            has other values; one sentence.
    """
    if not categories:
        return
    action, on_channels = symmetry.action(domain), symmetry.channel_action(1)
    negates = action.signs < 0
    if on_channels is not None and on_channels.is_signed:
        negates = ~negates
    remedy = "name columns that it can move, or leave that column out"
    images: list[int] = action.image.tolist()
    moved: list[int] = np.flatnonzero(negates | (action.image != np.arange(action.size))).tolist()
    for column in moved:
        image = images[column]
        if tuple(categories[column]) != tuple(categories[image]):
            text = column if categories[column] else image
            other = image if categories[column] else column
            raise SymmetryError(
                f"Symmetry {shown(str(symmetry))} exchanges {names.called(text)} of text with "
                f"{names.called(other)}, which has other values: {remedy}."
            )
        if categories[column] and negates[column]:
            raise SymmetryError(
                f"Symmetry {shown(str(symmetry))} changes the sign of {names.called(column)}, "
                f"which is text: {remedy}."
            )


def fitting(
    symmetries: Sequence[Symmetry],
    domain: Domain,
    names: IndexNames,
    categories: Sequence[Sequence[str]],
) -> tuple[Symmetry, ...]:
    """Return the symmetries that `check_categories` does not refuse.

    Raises:
        SymmetryError: it refuses all; the sentence about the first.
    """
    found = []
    for symmetry in symmetries:
        with suppress(SymmetryError):
            check_categories(symmetry, domain, names, categories)
            found.append(symmetry)
    if symmetries and not found:
        check_categories(symmetries[0], domain, names, categories)
    return tuple(found)
