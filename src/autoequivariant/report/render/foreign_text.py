"""What `aen verify` prints of an ONNX file, at most 80 columns wide."""

from __future__ import annotations

import torch
from rich.console import Console
from rich.markup import escape

from autoequivariant.inference.verify_foreign import ForeignVerification
from autoequivariant.nn.any_model.records import MeasuredSymmetry
from autoequivariant.nn.claimed_symmetries import TOLERANCES
from autoequivariant.report.findings.table import Column, Table, columns
from autoequivariant.report.render.formatting import counted, cut
from autoequivariant.report.render.tables import print_table

_LONGEST_SYMMETRY = 24
_ABSENT = "–"


def print_foreign(console: Console, found: ForeignVerification) -> None:
    """Print the error of each symmetry, the share of changed predictions and the worst sample."""
    console.print(
        f"equivariance error of [bold]{escape(found.model)}[/] on "
        f"{counted(found.errors.samples, 'sample')} of [bold]{escape(found.data)}[/] "
        f"({found.part}):\nlargest deviation relative to the spread of the outputs"
    )
    numbers = ["float32", "float64", "changed", "worst sample"]
    rows = tuple(_row(found, one) for one in found.errors)
    titles = (*columns(["symmetry"], numbers), Column(""))
    print_table(console, Table("", titles, rows), is_wide=False)
    single, double = TOLERANCES[torch.float32], TOLERANCES[torch.float64]
    console.print(f"tolerance: {single:.0e} in float32 and {double:.0e} in float64")
    if found.is_classifier and len(found.outputs) > 1:
        console.print("changed: share of samples whose predicted class is not moved as it should")


def error_text(value: float | None) -> str:
    """Return an error, or a dash where the model does not compute in that precision."""
    return _ABSENT if value is None else f"{value:.1e}"


def _row(found: ForeignVerification, one: MeasuredSymmetry) -> tuple[str, ...]:
    return (
        cut(one.name, _LONGEST_SYMMETRY),
        error_text(one.float32),
        error_text(one.float64),
        _ABSENT if one.changed is None else f"{one.changed:.1%}",
        f"{found.row_of(one):,}",
        "holds" if one.holds else "does not hold",
    )
