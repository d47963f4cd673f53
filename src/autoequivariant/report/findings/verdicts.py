"""The verdicts on all candidates, as rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from autoequivariant.evidence.verdict import Answer, Trained, Use, Verdict, holding
from autoequivariant.report.render.symmetry_names import listed

ORDER: tuple[Answer, ...] = ("holds", "undecided", "does not hold")


@dataclass(frozen=True)
class VerdictRow:
    """Candidates with the same verdict for the same reason, and the same use."""

    names: tuple[str, ...]
    verdict: Answer
    reason: str
    use: Use
    trained: Trained | None


@dataclass(frozen=True)
class VerdictTable:
    """The verdicts on all candidates.

    Attributes:
        rows: those that hold first, those that do not hold last.
        has_use: whether networks were trained with any candidate.
        closure: what the candidates that hold generate, in a sentence.
        notes: further sentences.
    """

    rows: tuple[VerdictRow, ...]
    has_use: bool
    closure: str
    notes: tuple[str, ...]


def verdict_table(verdicts: Sequence[Verdict], closure: Sequence[str] = ()) -> VerdictTable:
    """Return the table of verdicts.

    Args:
        verdicts: one for each candidate, in order.
        closure: names of all candidates that those that hold generate.
    """
    in_order = sorted(verdicts, key=lambda one: ORDER.index(one.verdict))  # stable
    rows = []
    # Most candidates that hold or not do so for one reason: it is then written once.
    seen: dict[tuple[Answer, str, Use, Trained | None], list[str]] = {}
    for one in in_order:
        seen.setdefault((one.verdict, one.reason, one.use, one.trained), []).append(one.name)
    for (verdict, reason, use, trained), names in seen.items():
        rows.append(VerdictRow(tuple(names), verdict, reason, use, trained))
    has_use = any(one.use != "not tried" for one in verdicts)
    notes = _unseen_classes(in_order)
    return VerdictTable(tuple(rows), has_use, _closure(holding(verdicts), closure), notes)


def _closure(held: Sequence[str], closure: Sequence[str]) -> str:
    if not held:
        return "No candidate holds."
    implied = [name for name in closure if name not in held]
    more = f"; they imply {listed(implied)}" if implied else ""
    return f"{listed(held)}{more}"


def _unseen_classes(verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    """Say for which candidates that hold a change in one class would not be seen."""
    held = [one for one in verdicts if one.verdict == "holds" and one.inputs and one.inputs.unseen]
    notes = []
    for classes, some in groupby(held, key=lambda one: one.inputs.unseen if one.inputs else ()):
        names = listed([one.name for one in some])
        notes.append(
            f"{names}: a change in one class alone would be missed in {', '.join(classes)}"
        )
    return tuple(notes)
