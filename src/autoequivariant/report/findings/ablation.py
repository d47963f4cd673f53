"""What the data say of the symmetries that were found: each left out in turn, and all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autoequivariant.report.render.symmetry_names import listed

LEFT_OUT = "Each left out in turn, on the same samples"
SHOWN = "shown by the data"
ALLOWED = "allowed, not shown"
TOGETHER = "shown together only"
MEANING_OF_ALLOWED = (
    "Allowed: without any one of these the network is as accurate, as far as these samples tell."
)
MEANING_OF_TOGETHER = (
    "Together: without any one of these the network is as accurate, as far as these samples tell, "
    "and without all of them it is not."
)


@dataclass(frozen=True)
class Ablated:
    """The chosen network without one of its symmetries, or without all.

    Attributes:
        names: of what is left out.
        weights: of the network without it.
        lost: what the chosen network is ahead on the same samples.
        interval: its 95% interval.
        is_shown: whether that is above 0.
    """

    names: tuple[str, ...]
    n_parameters: int
    lost: float
    interval: tuple[float, float]
    is_shown: bool

    @property
    def name(self) -> str:
        """What a row of a table calls it."""
        return self.names[0] if len(self.names) == 1 else "all of them"


@dataclass(frozen=True)
class AblationFindings:
    """The chosen network without each of its symmetries.

    Attributes:
        rows: one for each, then one for all; empty where that was not trained.
    """

    rows: tuple[Ablated, ...]

    @property
    def shown(self) -> tuple[str, ...]:
        """Symmetries without which the network is less accurate beyond doubt."""
        return tuple(row.name for row in self._single if row.is_shown)

    @property
    def allowed(self) -> tuple[str, ...]:
        """Symmetries without any one of which it may be as accurate."""
        return tuple(row.name for row in self._single if not row.is_shown)

    @property
    def verdict(self) -> str:
        """What the data say of all symmetries that were found, in a few words; empty where nothing
        was trained.
        """
        if not self.rows:
            return ""
        if not self.allowed:
            return SHOWN
        if self.shown:
            return f"{SHOWN}: {listed(self.shown)}; {ALLOWED}: {listed(self.allowed)}"
        return TOGETHER if any(row.is_shown for row in self.rows) else ALLOWED

    @property
    def meaning(self) -> str | None:
        """What that means; None where it speaks for itself."""
        if not self.allowed:
            return None
        return MEANING_OF_TOGETHER if self.verdict == TOGETHER else MEANING_OF_ALLOWED

    @property
    def _single(self) -> tuple[Ablated, ...]:
        return tuple(row for row in self.rows if len(row.names) == 1)


def ablation_findings(records: Sequence[Mapping[str, Any]]) -> AblationFindings:
    """Return what `results.json` says of it."""
    rows = tuple(
        Ablated(
            tuple(row["left_out"]),
            row["without"]["n_parameters"],
            row["lost"],
            tuple(row["interval"]),
            row["shown"],
        )
        for row in records
    )
    return AblationFindings(rows)
