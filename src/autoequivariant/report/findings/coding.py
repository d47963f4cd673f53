"""How columns of few whole numbers are read, and why."""

from __future__ import annotations

from autoequivariant.report.render.formatting import counted, score
from autoequivariant.searching.storage.coding import CodingRecord
from autoequivariant.training.families.mlp.kind import ONE_HOT


def coding_sentence(record: CodingRecord | None, metric: str) -> str:
    """Return a sentence on the coding that validation chose; empty if there was no choice."""
    if record is None:
        return ""
    is_hot = record.chosen == ONE_HOT
    named = counted(record.columns, "column")
    verb = "is" if record.columns == 1 else "are"
    how = "one-hot, not numbers" if is_hot else "numbers, not one-hot"
    values = record.one_hot, record.numbers
    chosen, other = values if is_hot else reversed(values)
    return (
        f"{named} of few whole numbers {verb} {how}: validation {metric} of the baseline "
        f"{score(chosen, metric)}, not {score(other, metric)}."
    )
