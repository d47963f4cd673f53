"""What the commands after a search print: renderings of plain records for 80 columns."""

from __future__ import annotations

import torch
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autoequivariant.errors import printable
from autoequivariant.inference.evaluate import ClassificationReport, RegressionReport
from autoequivariant.inference.export import TOLERANCE, Export
from autoequivariant.inference.verify import Check, Verification
from autoequivariant.nn.claimed_symmetries import TOLERANCES
from autoequivariant.report.render.formatting import R2, counted, interval, score
from autoequivariant.report.render.symmetry_names import listed

MOST_IN_MATRIX = 10
"""With more classes the matrix of confusions does not fit 80 columns; the largest are listed."""
_LISTED = 10
_LONGEST_NAME = 24
_LONGEST_SYMMETRY = 60


def print_evaluation(console: Console, found: ClassificationReport | RegressionReport) -> None:
    """Say how often a network is right, for each class, and what it takes for what; or how well it
    predicts each target.
    """
    if isinstance(found, RegressionReport):
        _print_numbers(console, found)
        return
    low, high = found.interval
    console.print(
        f"[bold]{escape(found.data)}[/] ({found.part}): accuracy {found.accuracy:.2%}, 95% "
        f"interval {low:.2%} to {high:.2%}; {found.correct:,} of {found.samples:,} samples"
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("class")
    for title in ("samples", "predicted", "recall", "precision"):
        table.add_column(title, justify="right")
    for one in found.by_class:
        shares = [_share(one.recall), _share(one.precision)]
        table.add_row(_name(one.name), f"{one.samples:,}", f"{one.predicted:,}", *shares)
    console.print(table)
    if len(found.by_class) <= MOST_IN_MATRIX:
        _print_matrix(console, found)
    _print_confusions(console, found)


def _print_numbers(console: Console, found: RegressionReport) -> None:
    said = "no R², as a target is the same in all"
    if found.r2 is not None and found.interval is not None:
        said = f"R² {score(found.r2, R2)}, 95% interval {interval(found.interval, R2)};"
    console.print(
        f"[bold]{escape(found.data)}[/] ({found.part}): {said} {counted(found.samples, 'sample')}"
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("target")
    for title in (R2, "RMSE", "MAE"):
        table.add_column(title, justify="right")
    for one in found.by_target:
        r2 = "-" if one.r2 is None else score(one.r2, R2)
        table.add_row(_name(one.name), r2, f"{one.rmse:.4g}", f"{one.mae:.4g}")
    console.print(table)


def print_verification(console: Console, found: Verification) -> None:
    """Say which symmetries hold."""
    single, double = TOLERANCES[torch.float32], TOLERANCES[torch.float64]
    console.print(
        f"equivariance error of {found.measured} on {found.samples} samples of "
        f"[bold]{escape(found.data)}[/]:\nlargest deviation, as a share of their spread"
    )
    if found.is_hidden:
        console.print("[dim](its final layer is dense: the outputs have no symmetry)[/]")
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("symmetry", overflow="fold")
    table.add_column("claimed")
    for title in ("float32", "float64"):
        table.add_column(title, justify="right")
    table.add_column("")
    for check in found.checks:
        errors = (f"{check.float32:.1e}", f"{check.float64:.1e}")
        claimed = "yes" if check.claimed else "no"
        table.add_row(_name(check.symmetry, _LONGEST_SYMMETRY), claimed, *errors, _verdict(check))
    console.print(table)
    console.print(f"tolerance: {single:.0e} in float32 and {double:.0e} in float64")
    broken = [check.symmetry for check in found.checks if check.claimed and not check.holds]
    if broken:
        names = escape(listed(broken))
        console.print(f"[bold red]FAILS[/]: the model is not equivariant to {names}")
    elif any(check.claimed for check in found.checks):
        console.print("[bold]every symmetry that is claimed holds[/]")
    else:
        console.print("[bold]the model claims no symmetry[/]")


def print_export(console: Console, found: Export) -> None:
    """Say what was compared, and what was written."""
    console.print(
        f"compared on {found.samples} samples of [bold]{escape(found.data)}[/]: outputs differ by "
        f"{found.difference:.1e} of their spread (tolerance {TOLERANCE:.0e})"
    )
    if found.errors:
        worst = max(found.errors, key=lambda name: found.errors[name])
        count = len(found.errors)
        console.print(
            f"equivariance error of {found.measured}, {count} "
            f"{'symmetry' if count == 1 else 'symmetries'}: at most "
            f"{found.errors[worst]:.1e} ({escape(worst)})"
        )
    if not found.passes:
        console.print("[bold red]FAILS[/]: the export differs, and nothing was written")
        return
    for path in found.files:
        console.print(f"written: {escape(str(path))}", soft_wrap=True)
    console.print(f"it takes {escape(found.takes)}")


def _print_matrix(console: Console, found: ClassificationReport) -> None:
    console.print("\nrows: the label; columns: what it was taken for")
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    for one in found.by_class:
        table.add_column(_name(one.name, 5), justify="right", no_wrap=True)
    for one, row in zip(found.by_class, found.confusion, strict=True):
        table.add_row(_name(one.name, 12), *(str(n) if n else "." for n in row))
    console.print(table)


def _print_confusions(console: Console, found: ClassificationReport) -> None:
    names = [one.name for one in found.by_class]
    wrong = sorted(
        (-count, k, j)
        for k, row in enumerate(found.confusion)
        for j, count in enumerate(row)
        if count and k != j
    )
    if not wrong or len(names) <= MOST_IN_MATRIX:
        return
    console.print("\nmost frequent confusions:")
    for count, k, j in wrong[:_LISTED]:
        console.print(f"  {-count:,} of {_name(names[k])} taken for {_name(names[j])}")


def _verdict(check: Check) -> str:
    if check.claimed:
        return "holds" if check.holds else "[bold red]broken[/]"
    return "holds, too" if check.holds else "[dim]not a symmetry of it[/]"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _name(name: str, longest: int = _LONGEST_NAME) -> str:
    whole = printable(name)
    return escape(whole if len(whole) <= longest else f"{whole[: longest - 1]}…")
