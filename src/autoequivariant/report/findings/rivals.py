"""The rivals of the chosen network, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autoequivariant.searching.fit.rival_training import SAME, epochs_as_long
from autoequivariant.searching.fit.rivals import (
    AUGMENTED,
    AUGMENTED_SECONDS,
    AVERAGED,
    BASELINE,
    BASELINE_SECONDS,
    SHORTER,
)
from autoequivariant.searching.fit.yardstick import (
    BOOSTING,
    CLASSES,
    FOREST,
    LINEAR,
    MOST_SAMPLES,
    SVC,
)
from autoequivariant.searching.storage.rivals import RivalRecord

_WORDS: Mapping[str, str] = {
    BASELINE: "the baseline",
    AVERAGED: "the baseline averaged over moved samples",
    AUGMENTED: "the baseline trained with augmentation",
    BASELINE_SECONDS: "the baseline trained for as long",
    AUGMENTED_SECONDS: "the baseline trained with augmentation for as long",
    BOOSTING: "gradient boosting",
    SVC: "an SVC",
    FOREST: "a random forest",
    LINEAR: "a linear model",
}


@dataclass(frozen=True)
class RivalFindings:
    """The chosen network among its rivals.

    Attributes:
        rows: the chosen network, then the others; empty if they were not compared.
        notes: the conclusion in a sentence, and how the rivals were trained.
        is_unbalanced: whether balanced accuracies are shown.
    """

    rows: tuple[RivalRecord, ...]
    notes: tuple[str, ...]
    is_unbalanced: bool = False


def rival_findings(records: Sequence[RivalRecord], is_unbalanced: bool = False) -> RivalFindings:
    """Return the rivals of `results.json`, and what follows from them.

    Args:
        records: the chosen network, then the others.
        is_unbalanced: whether the classes of the test samples are. Default: no.
    """
    if len(records) < 2:
        return RivalFindings((), ())
    notes = (_conclusion(records[1:]), _grounds(records))
    return RivalFindings(tuple(records), notes, is_unbalanced)


def _conclusion(rivals: Sequence[RivalRecord]) -> str:
    """Say which rivals predict as well or better."""
    better = [one.name for one in rivals if one.ahead_interval[1] < 0]
    level = [one.name for one in rivals if one.ahead_interval[0] <= 0 <= one.ahead_interval[1]]
    rest = len(rivals) - len(better) - len(level)
    if not better and not level:
        others = "every rival" if rest > 1 else _named([rivals[0].name])
        return f"The chosen network predicts better than {others}."
    clauses = []
    if better:
        verb = "predicts" if len(better) == 1 else "predict"
        clauses.append(f"{_named(better)} {verb} better than the chosen network")
    if level:
        verb = "does" if len(level) == 1 else "do"
        whom = "" if better else " as the chosen network"
        clauses.append(f"{_named(level)} {verb} as well{whom}, as far as these samples tell")
    if rest:
        clauses.append(f"the other {'one is' if rest == 1 else f'{rest} are'} behind")
    if {AVERAGED, AUGMENTED, AUGMENTED_SECONDS} & {*better, *level}:
        clauses.append("so the symmetries help as much without being built in")
    text = "; ".join(clauses)
    return f"{text[0].upper()}{text[1:]}."


def _named(names: Sequence[str]) -> str:
    words = [_WORDS.get(name, name) for name in names]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _grounds(records: Sequence[RivalRecord]) -> str:
    """Say how the rivals were trained."""
    rows = {one.name: one for one in records}
    shorter = {name: rows[one] for name, one in SHORTER.items() if one in rows}
    as_long = [name for name, one in shorter.items() if _lasts_as_long(one, records[0])]
    parts = [
        "All are trained alike, on the same samples outside of test; nothing is chosen by these "
        "scores."
    ]
    if AVERAGED in rows:
        parts.append("Averaged: over a sample's moved copies, when the baseline predicts.")
    if AUGMENTED in rows:
        parts.append(
            "Augmented: in each epoch each sample is moved at random by the chosen network's "
            "symmetries."
        )
        if as_long:
            parts.append(
                "What takes as long as the chosen network anyway (within "
                f"{round(100 * SAME)}%) is not retrained for the same seconds."
            )
    if SVC in rows:
        parts.append(f"The SVC is trained on at most {MOST_SAMPLES:,} samples.")
    expected = {AUGMENTED, *shorter} - {*as_long} if AVERAGED in rows else set()
    if not CLASSES.keys() & rows or expected - rows.keys():
        parts.append("Further rivals were not trained before the run ended.")
    return " ".join(parts)


def _lasts_as_long(row: RivalRecord, chosen: RivalRecord) -> bool:
    epochs = row.epochs or 1
    return epochs_as_long(epochs, row.seconds, chosen.seconds) == epochs
