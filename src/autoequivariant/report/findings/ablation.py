"""What the chosen network loses without each of its symmetries, and without all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autoequivariant.report.render.symmetry_names import listed
from autoequivariant.searching.storage.results import AblationRecord

SUPPORTED = "supported by the data"
NOT_SUPPORTED = "not supported: harmless here"
TOGETHER = "supported together only"
_MEANINGS: Mapping[str, str] = {
    NOT_SUPPORTED: "Without any one of these symmetries the network scores as well, as far as "
    "these samples tell.",
    TOGETHER: "Without any one of these symmetries the network scores as well, as far as these "
    "samples tell; without all of them it scores worse.",
}


@dataclass(frozen=True)
class Ablated:
    """The chosen network without one of its symmetries, or without all.

    Attributes:
        names: the symmetries that are left out.
        n_parameters: of the network without them.
        lost: the score that is lost, on the same samples.
        interval: its interval; those of all rows hold together at 95%.
        is_supported: whether the interval lies above 0.
    """

    names: tuple[str, ...]
    n_parameters: int
    lost: float
    interval: tuple[float, float]
    is_supported: bool

    @property
    def name(self) -> str:
        """Its name in a table."""
        return self.names[0] if len(self.names) == 1 else "all of them"


@dataclass(frozen=True)
class AblationFindings:
    """The chosen network without each of its symmetries.

    Attributes:
        rows: one for each symmetry, then one for all; empty if nothing was ablated.
    """

    rows: tuple[Ablated, ...]

    @property
    def supported(self) -> tuple[str, ...]:
        """Symmetries without which the network scores worse."""
        return tuple(row.name for row in self._single if row.is_supported)

    @property
    def unsupported(self) -> tuple[str, ...]:
        """Symmetries without any one of which the network may score as well."""
        return tuple(row.name for row in self._single if not row.is_supported)

    @property
    def verdict(self) -> str:
        """What the data say of all symmetries, in a few words; empty if nothing was ablated."""
        if not self.rows:
            return ""
        if not self.unsupported:
            return SUPPORTED
        if self.supported:
            return f"{SUPPORTED}: {listed(self.supported)}; not supported: " + listed(
                self.unsupported
            )
        return TOGETHER if any(row.is_supported for row in self.rows) else NOT_SUPPORTED

    @property
    def meaning(self) -> str | None:
        """What the verdict means; None where it speaks for itself."""
        if self.supported and self.unsupported:
            return _MEANINGS[NOT_SUPPORTED].replace("these symmetries", "the unsupported ones", 1)
        return _MEANINGS.get(self.verdict)

    @property
    def _single(self) -> tuple[Ablated, ...]:
        return tuple(row for row in self.rows if len(row.names) == 1)


def ablation_findings(records: Sequence[AblationRecord]) -> AblationFindings:
    """Return the ablation of `results.json`."""
    rows = tuple(
        Ablated(
            row.left_out,
            row.without.n_parameters,
            row.lost,
            row.interval,
            row.supported,
        )
        for row in records
    )
    return AblationFindings(rows)
