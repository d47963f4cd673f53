"""Why candidates are tried that nobody listed."""

from __future__ import annotations

from collections.abc import Iterable

from autoequivariant.evidence.verdict import Proposed
from autoequivariant.report.render.symmetry_names import listed

_FROM = {"names": "from names", "data": "from the data"}


def origin(proposed: Proposed) -> str:
    """Return a sentence that says why a candidate is tried."""
    return f"Proposed {_FROM[proposed.proposed_from]}: {proposed.reason}."


def proposal_notes(proposals: Iterable[tuple[str, str, str]]) -> tuple[str, ...]:
    """Return a sentence for each reason, with the candidates that it led to.

    Args:
        proposals: name, origin and reason of each candidate.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for name, origin, reason in proposals:
        found.setdefault((origin, reason), []).append(name)
    return tuple(
        f"proposed {_FROM[origin]}: {listed(names)}: {reason}"
        for (origin, reason), names in found.items()
    )
