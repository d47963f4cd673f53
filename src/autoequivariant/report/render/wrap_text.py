"""What `aen wrap` prints, at most 80 columns wide."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from autoequivariant.inference.wrap import Wrapped
from autoequivariant.report.findings.table import Column, Table, columns
from autoequivariant.report.render.formatting import counted, cut
from autoequivariant.report.render.tables import print_table

_LONGEST_SYMMETRY = 30
_WHAT = {
    "average": "averaged over {count}",
    "canonical": "run on the largest of {count}",
    "sample": "averaged over a sample of {count}, so not exact",
}


def print_wrapped(console: Console, found: Wrapped) -> None:
    """Print the errors, predictions and scores of both models, and the file that was written."""
    copies = "1 moved copy" if found.elements == 1 else f"{found.elements:,} moved copies"
    method = "average" if found.is_whole and found.method == "sample" else found.method
    console.print(
        f"[bold]{escape(found.model)}[/]: its output {escape(found.output)}, as it is,\n"
        f"{_WHAT[method].format(count=copies)};\ncompared on {counted(found.samples, 'sample')} of "
        f"[bold]{escape(found.data)}[/]"
    )
    rows: list[tuple[str, ...]] = [
        (
            f"equivariance error, {cut(old.name, _LONGEST_SYMMETRY)}",
            f"{old.error:.1e}",
            f"{new.error:.1e}",
            "holds" if new.holds else "does not hold",
        )
        for old, new in zip(found.before, found.after, strict=True)
    ]
    if found.scores is not None:
        form = ".1%" if found.metric == "accuracy" else ".3f"
        rows.append((found.metric, *(f"{score:{form}}" for score in found.scores), ""))
    titles = (*columns([""], ["original", "wrapped"]), Column(""))
    print_table(console, Table("", titles, tuple(rows)), is_wide=False)
    if found.changed is not None:
        console.print(f"predictions that changed: {found.changed:.1%}")
    for note in found.notes:
        console.print(f"[dim]{escape(note)}[/]")
    if found.file is None:
        console.print(
            "[bold red]FAILS[/]: the wrapped model is not equivariant; nothing was written"
        )
    else:
        console.print(f"written: {escape(str(found.file))}", soft_wrap=True)
