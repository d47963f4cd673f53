"""The table of verdicts in a terminal, at most 80 columns wide."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from rich import table as rich_table
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from autoequivariant.data.split import DataSet
from autoequivariant.errors import printable, shortened
from autoequivariant.evidence.verdict import Answer, Use, Verdict, unsearched
from autoequivariant.report.findings.plan import asked
from autoequivariant.report.findings.symmetries.verdicts import (
    ANSWERS,
    Line,
    VerdictRow,
    VerdictTable,
    verdict_table,
)
from autoequivariant.report.render.formatting import R2, counted, cut, gap, gap_interval
from autoequivariant.report.render.symmetry_names import listed
from autoequivariant.report.render.tables import WIDTH
from autoequivariant.searching.asking.table_proposal import GAUSSIAN_PROCESS, WHAT_HOLDS
from autoequivariant.training.families.family import Family

_STYLES: Mapping[Answer, str] = {
    "holds": "bold green",
    "undecided": "bold yellow",
    "does not hold": "bold red",
}
_USE_STYLES: Mapping[Use, str] = {
    "helps": "green",
    "harmless": "",
    "harms": "red",
    "not tried": "dim",
}
_LONGEST_NAME, _LONGEST_NAME_WITH_USE = 28, 20
_LONGEST_FIGURE = 14
_LONGEST_DATA = 24
_USE = (
    "use: how much lower the loss of networks with it is (log loss, or squared error as a share of "
    "the variance); the intervals of all candidates hold together with 95%"
)


def print_verdicts(
    console: Console,
    verdicts: Sequence[Verdict],
    closure: Sequence[str] = (),
    proposal: str = WHAT_HOLDS,
) -> None:
    """Print the verdict on every candidate with its reason, and the closure.

    The use of a candidate has a column if any was tried.

    Args:
        console: where to print.
        verdicts: one for each candidate.
        closure: names of all candidates that those that hold generate, or of the proposed state.
        proposal: where the closure comes from, see `TableProposal.source`.
    """
    is_proposed = proposal.startswith(GAUSSIAN_PROCESS)
    table = verdict_table(verdicts, () if is_proposed else closure)
    names = [cell_len(printable(line.name)) for row in table.rows for line in row.lines]
    longest = _LONGEST_NAME_WITH_USE if table.has_use else _LONGEST_NAME
    width = min(longest, max(names, default=0))
    for answer in dict.fromkeys(row.verdict for row in table.rows):
        heading = Text(answer, style=_STYLES[answer])
        console.print(heading.append(f": {ANSWERS[answer]}", style="not bold dim"))
        console.print(_section(console, table, answer, width))
        console.print()
    for note in (*table.notes, *[_USE] * table.has_use):
        console.print(Text(printable(note), style="dim"), width=WIDTH)
    console.print(table.counts, width=WIDTH)
    shown = (listed(closure) or "none") if is_proposed else table.holding
    if shown:
        line = Text(f"{proposal if is_proposed else WHAT_HOLDS}: ")
        style = "bold yellow" if is_proposed else "bold green"
        console.print(line.append(printable(shown), style), width=WIDTH)
    if not is_proposed and proposal != WHAT_HOLDS:
        console.print(Text(printable(proposal), style="dim"), width=WIDTH)


def verdicts_as_text(
    verdicts: Sequence[Verdict], closure: Sequence[str] = (), proposal: str = WHAT_HOLDS
) -> str:
    """Return what `print_verdicts` prints, without colours."""
    lines = io.StringIO()
    console = Console(file=lines, width=WIDTH, highlight=False, emoji=False, color_system=None)
    print_verdicts(console, verdicts, closure, proposal)
    return "\n".join(line.rstrip() for line in lines.getvalue().splitlines())


def print_question(
    console: Console, data: DataSet, family: Family, warnings: Sequence[str] = ()
) -> None:
    """Print which samples are tested for how many candidates, and warnings."""
    samples = len(data.train) + len(data.validation)
    console.print(
        f"data: [bold]{escape(cut(data.name, _LONGEST_DATA))}[/], {data.domain}, "
        f"{escape(asked(data))}; {counted(samples, 'sample')} ({len(data.test):,} kept for test)",
        width=WIDTH,
    )
    for warning in warnings:
        console.print(f"[yellow]warning:[/] {escape(warning)}", width=WIDTH)
    console.print()


def print_next_step(console: Console, verdicts: Sequence[Verdict], command: str) -> None:
    """Print what to do with the verdicts.

    Args:
        console: where to print.
        verdicts: one for each candidate.
        command: the search over the same candidates.
    """
    found = {one.verdict for one in verdicts}
    left_out = set(unsearched(verdicts))
    open_ones = [one for one in verdicts if one.verdict == "undecided" and one.name not in left_out]
    if found == {"does not hold"}:
        console.print(
            "next: an ordinary network suits these data, unless candidates hold that are not among "
            "these: name others with --symmetries",
            width=WIDTH,
        )
        return
    what = "train a network that has what holds, and compare it with one without"
    if open_ones:
        what = "train networks with and without what is undecided"
        what += ", beside what holds" if "holds" in found else ""
    console.print(f"next: {what}:", width=WIDTH)
    console.print(Text(f"  {printable(command)}"), soft_wrap=True)


def _section(console: Console, table: VerdictTable, answer: Answer, width: int) -> rich_table.Table:
    found = rich_table.Table(
        width=WIDTH, box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0)
    )
    found.add_column(width=width + 2)
    found.add_column(width=_figure_width(table))
    if table.has_use:
        found.add_column(no_wrap=True, width=16)
    found.add_column(ratio=1, overflow="fold")
    for row in table.rows:
        if row.verdict == answer:
            use = [_use(row)] if table.has_use else []
            found.add_row(
                *_candidates(console, row.lines, width), *use, Text(printable(row.reason))
            )
    return found


def _figure_width(table: VerdictTable) -> int:
    figures = [len(line.figure) for row in table.rows for line in row.lines]
    return min(_LONGEST_FIGURE, max(figures, default=0))


def _candidates(console: Console, lines: Sequence[Line], width: int) -> tuple[Text, Text]:
    """Return the cells of names and figures; a long name takes several lines, and a word that does
    not fit one line loses its middle.
    """
    names, figures = [], []
    for line in lines:
        name = " ".join(shortened(word, width) for word in printable(line.name).split(" "))
        parts = Text(name).wrap(console, width, overflow="fold")
        names += [f"  {part.plain}" for part in parts]
        figures += [line.figure, *[""] * (len(parts) - 1)]
    return Text("\n".join(names)), Text("\n".join(figures))


def _use(row: VerdictRow) -> Text:
    text = Text(row.use, style=_USE_STYLES[row.use])
    if row.trained is not None:
        difference = gap(row.trained.difference, R2, signed=True)
        text.append(f" {difference}\n{gap_interval(row.trained.interval, R2, signed=True)}", "dim")
    return text
