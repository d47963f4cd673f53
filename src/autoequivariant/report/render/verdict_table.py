"""The table of verdicts in a terminal, at most 80 columns wide."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich import table as rich_table
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from autoequivariant.data.split import DataSet
from autoequivariant.errors import printable
from autoequivariant.evidence.verdict import Verdict
from autoequivariant.report.findings.plan import asked
from autoequivariant.report.findings.verdicts import VerdictRow, VerdictTable, verdict_table
from autoequivariant.report.render.formatting import R2, counted, gap, gap_interval
from autoequivariant.report.render.tables import WIDTH
from autoequivariant.training.families.family import Family

_STYLES = {
    **{"holds": "bold green", "undecided": "yellow", "does not hold": "red"},
    **{"helps": "bold green", "harms": "red", "harmless": "", "not tried": "dim"},
}
_LONGEST_NAME, _LONGEST_NAME_WITH_USE = 26, 18
_USE = (
    "use: how much lower the loss of a network with it is (log loss, or squared error as a share "
    "of the variance), with an interval; all intervals hold together with 95%"
)


def print_verdicts(
    console: Console, verdicts: Sequence[Verdict], closure: Sequence[str] = ()
) -> None:
    """Print the verdict on every candidate, its reason, and what those that hold generate.

    The use of a candidate has a column if any was tried.

    Args:
        console: where to print.
        verdicts: one for each candidate.
        closure: names of all candidates that those that hold generate.
    """
    table = verdict_table(verdicts, closure)
    console.print(_rows(table))
    for note in (*table.notes, *[_USE] * table.has_use):
        console.print(Text(printable(note), style="dim"), width=WIDTH)
    console.print()
    line = Text("holds together: " if table.closure[-1] != "." else "", style="bold")
    console.print(line.append(printable(table.closure), style="bold green"), width=WIDTH)


def print_question(console: Console, data: DataSet, family: Family) -> None:
    """Print which samples are tested for how many candidates, and the warnings."""
    samples = len(data.train) + len(data.validation)
    console.print(
        f"data: [bold]{escape(data.name)}[/], {data.domain}, {escape(asked(data))}; "
        f"{counted(samples, 'sample')}, and {len(data.test):,} for testing networks, not used here"
    )
    console.print(f"candidates: {len(family.candidates):,}")
    for warning in family.warnings:
        console.print(f"[yellow]warning:[/] {escape(warning)}")
    console.print()


def print_next_step(console: Console, verdicts: Sequence[Verdict], command: str) -> None:
    """Print what to do with the verdicts.

    Args:
        console: where to print.
        verdicts: one for each candidate.
        command: the search over the same candidates.
    """
    found = {one.verdict for one in verdicts}
    if found == {"does not hold"}:
        console.print(
            "next: an ordinary network suits these data, unless others than these candidates hold: "
            "name some with --symmetries",
            width=WIDTH,
        )
        return
    what = "train a network that has them, and compare it with one that has not"
    if "undecided" in found:
        what = "train networks with and without what is undecided, to see whether it helps"
    console.print(f"next: {what}:", width=WIDTH)
    console.print(Text(f"  {printable(command)}"), soft_wrap=True)


def verdicts_as_text(verdicts: Sequence[Verdict], closure: Sequence[str] = ()) -> str:
    """Return what `print_verdicts` prints, without colours."""
    console = Console(
        file=io.StringIO(), width=WIDTH, highlight=False, emoji=False, color_system=None
    )
    with console.capture() as captured:
        print_verdicts(console, verdicts, closure)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def _rows(table: VerdictTable) -> rich_table.Table:
    found = rich_table.Table(header_style="bold", width=WIDTH, box=None, pad_edge=False)
    longest = _LONGEST_NAME_WITH_USE if table.has_use else _LONGEST_NAME
    names = [printable(name) for row in table.rows for name in row.names]
    width = min(longest, max(map(len, ("symmetry", *names))))
    found.add_column("symmetry", width=width, overflow="fold")
    found.add_column("verdict", no_wrap=True)
    if table.has_use:
        found.add_column("use", no_wrap=True)
    found.add_column("reason", ratio=1, overflow="fold")
    for row in table.rows:
        use = [_use(row)] if table.has_use else []
        found.add_row(
            Text("\n".join(map(printable, row.names))),
            Text(row.verdict, style=_STYLES[row.verdict]),
            *use,
            Text(printable(row.reason)),
        )
    return found


def _use(row: VerdictRow) -> Text:
    text = Text(row.use, style=_STYLES[row.use])
    if row.trained is not None:
        difference = gap(row.trained.difference, R2, signed=True)
        text.append(f"\n{difference}\n{gap_interval(row.trained.interval, R2, signed=True)}")
    return text
