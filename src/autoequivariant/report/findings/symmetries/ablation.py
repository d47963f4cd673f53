"""The chosen network without each of its symmetries, and without all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autoequivariant.report.render.symmetry_names import in_words
from autoequivariant.searching.storage.results import AblationRecord


@dataclass(frozen=True)
class Ablated:
    """The chosen network without one of its symmetries, or without all.

    Attributes:
        names: the symmetries that are left out.
        n_parameters: of the network without them.
        lost: how much larger its loss is, on the same samples.
        interval: of `lost`; those of all candidates hold together at 95%.
    """

    names: tuple[str, ...]
    n_parameters: int
    lost: float
    interval: tuple[float, float]

    @property
    def name(self) -> str:
        """Its name in a table."""
        return in_words(self.names[0]) if len(self.names) == 1 else "all of them"


def ablated_of(records: Sequence[AblationRecord]) -> tuple[Ablated, ...]:
    """Return the ablation of `results.json`: one row for each symmetry, then one for all."""
    return tuple(
        Ablated(row.left_out, row.without.n_parameters, row.lost, row.interval) for row in records
    )
