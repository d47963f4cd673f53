"""The verdicts on all candidates, as rows of a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from autoequivariant.evidence.verdict import Answer, Trained, Use, Verdict, unsearched
from autoequivariant.report.findings.symmetries.proposals import proposal_notes
from autoequivariant.report.render.formatting import counted
from autoequivariant.report.render.symmetry_names import in_words, listed

ANSWERS: dict[Answer, str] = {
    "holds": "samples and labels look the same after the move",
    "undecided": "these data do not tell",
    "does not hold": "the move changes labels",
}
"""What each verdict means, in the order of the table."""
# A figure in a reason, as in `labels of moved samples differ (p < .001)`.
_FIGURE = re.compile(r" ?\(((?:p|overlap|effect) [^()]*)\)|^(p [^;]*); ")


@dataclass(frozen=True)
class Line:
    """A candidate: its name, and the figure that decides its verdict, such as `p < .001`."""

    name: str
    figure: str


@dataclass(frozen=True)
class VerdictRow:
    """Candidates with one verdict for one reason, and one use.

    Attributes:
        lines: the candidates.
        verdict: on each of them.
        reason: in a sentence, without the figures.
        use: of each of them.
        trained: the comparison behind `use`.
    """

    lines: tuple[Line, ...]
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
        holding: what holds, with what it implies; empty if nothing holds.
        counts: how many candidates have which verdict.
        notes: why candidates are tried that nobody listed, what would not be seen, and what a use
            is measured beside if that is not the rest of the chosen network.
    """

    rows: tuple[VerdictRow, ...]
    has_use: bool
    holding: str
    counts: str
    notes: tuple[str, ...]


def verdict_table(verdicts: Sequence[Verdict], closure: Sequence[str] = ()) -> VerdictTable:
    """Return the table of verdicts.

    Args:
        verdicts: one for each candidate, in order.
        closure: names of all candidates that those that hold generate.
    """
    rows = tuple(row for answer in ANSWERS for row in _rows(verdicts, answer))
    held = [one.name for one in verdicts if one.verdict == "holds"]
    implied = [name for name in closure if name not in held]
    more = f", and so {listed(implied)}" if implied else ""
    numbers = ((answer, sum(one.verdict == answer for one in verdicts)) for answer in ANSWERS)
    return VerdictTable(
        rows,
        any(one.use != "not tried" for one in verdicts),
        f"{listed(held)}{more}" if held else "",
        f"{counted(len(verdicts), 'candidate')}: "
        + ", ".join(f"{number:,} {_verb(answer, number)}" for answer, number in numbers if number),
        (*_proposed(verdicts), *_unseen_classes(verdicts), *_measured(verdicts)),
    )


def _rows(verdicts: Sequence[Verdict], answer: Answer) -> list[VerdictRow]:
    """Return the candidates with this verdict; a reason that several have is written once."""
    found: dict[tuple[str, Use, Trained | None], list[Line]] = {}
    for one in verdicts:
        if one.verdict == answer:
            figure = _FIGURE.search(one.reason)
            reason = _FIGURE.sub("", one.reason)
            line = Line(in_words(one.name), "" if figure is None else figure[1] or figure[2])
            found.setdefault((reason, one.use, one.trained), []).append(line)
    return [
        VerdictRow(tuple(lines), answer, reason, use, trained)
        for (reason, use, trained), lines in found.items()
    ]


def _verb(answer: Answer, number: int) -> str:
    plural: dict[Answer, str] = {"holds": "hold", "does not hold": "do not hold"}
    return answer if number == 1 else plural.get(answer, answer)


def _proposed(verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    """Say why candidates are tried that nobody listed, and which are not searched."""
    notes = proposal_notes(
        (one.name, one.proposed.proposed_from, one.proposed.reason)
        for one in verdicts
        if one.proposed is not None
    )
    undecided = {one.name for one in verdicts if one.verdict == "undecided"}
    unsearched_ones = [name for name in unsearched(verdicts) if name in undecided]
    if not unsearched_ones:
        return notes
    return (
        *notes,
        f"not searched: {listed(unsearched_ones)}: labels led there, and the other samples are too "
        "few to decide",
    )


def _unseen_classes(verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    """Say for which candidates that hold a change in one class would not be seen."""
    found: dict[tuple[str, ...], list[str]] = {}
    for one in verdicts:
        if one.verdict == "holds" and one.inputs is not None and one.inputs.unseen:
            found.setdefault(one.inputs.unseen, []).append(one.name)
    return tuple(
        f"{listed(names)}: would also hold here if a single class were an exception: "
        f"{', '.join(classes)}"
        for classes, names in found.items()
    )


def _measured(verdicts: Sequence[Verdict]) -> list[str]:
    """Say beside what the use of candidates is measured."""
    found: dict[str, list[str]] = {}
    for one in verdicts:
        if one.trained is not None and one.trained.measured:
            found.setdefault(one.trained.measured, []).append(one.name)
    return [f"use of {listed(names)}: {measured}" for measured, names in found.items()]
