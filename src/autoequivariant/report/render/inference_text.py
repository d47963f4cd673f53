"""What `aen evaluate`, `aen verify` and `aen export` print, at most 80 columns wide."""

from __future__ import annotations

import torch
from rich.console import Console
from rich.markup import escape

from autoequivariant.inference.evaluate import ClassificationReport, RegressionReport
from autoequivariant.inference.export import TOLERANCE, Export
from autoequivariant.inference.verify import Check, Verification
from autoequivariant.nn.claimed_symmetries import TOLERANCES
from autoequivariant.report.findings.table import Column, Table, columns
from autoequivariant.report.render.formatting import R2, counted, cut, interval, score
from autoequivariant.report.render.symmetry_names import listed
from autoequivariant.report.render.tables import print_table

MOST_IN_MATRIX = 10
"""A confusion matrix of more classes does not fit 80 columns; the largest confusions are listed."""
_LISTED = 10
_LONGEST_NAME = 24
_LONGEST_SYMMETRY = 60


def print_evaluation(console: Console, found: ClassificationReport | RegressionReport) -> None:
    """Print the accuracy and the confusions by class, or the errors by target."""
    if isinstance(found, RegressionReport):
        _print_regression(console, found)
        return
    low, high = found.interval
    console.print(
        f"[bold]{escape(found.data)}[/] ({found.part}): accuracy {found.accuracy:.2%}, 95% "
        f"interval {low:.2%} to {high:.2%}; {found.correct:,} of {found.samples:,} samples"
    )
    if found.shares.is_unbalanced:
        area = "" if found.auc is None else f"; area under the ROC curve (AUC) {found.auc:.3f}"
        console.print(
            f"balanced accuracy (mean recall over classes) {found.balanced_accuracy:.2%}{area}"
        )
    rows = tuple(
        (
            cut(one.name, _LONGEST_NAME),
            f"{one.samples:,}",
            f"{one.predicted:,}",
            _share(one.recall),
            _share(one.precision),
        )
        for one in found.by_class
    )
    titles = columns(["class"], ["samples", "predicted", "recall", "precision"])
    print_table(console, Table("", titles, rows), is_wide=False)
    if len(found.by_class) <= MOST_IN_MATRIX:
        _print_matrix(console, found)
    else:
        _print_confusions(console, found)


def _print_regression(console: Console, found: RegressionReport) -> None:
    reached = "no R², as a target is constant;"
    if found.r2 is not None and found.interval is not None:
        reached = f"R² {score(found.r2, R2)}, 95% interval {interval(found.interval, R2)};"
    samples = counted(found.samples, "sample")
    console.print(f"[bold]{escape(found.data)}[/] ({found.part}): {reached} {samples}")
    rows = tuple(
        (
            cut(one.name, _LONGEST_NAME),
            "-" if one.r2 is None else score(one.r2, R2),
            f"{one.rmse:.4g}",
            f"{one.mae:.4g}",
        )
        for one in found.by_target
    )
    print_table(console, Table("", columns(["target"], [R2, "RMSE", "MAE"]), rows), is_wide=False)


def print_verification(console: Console, found: Verification) -> None:
    """Print the equivariance error for each symmetry, and which symmetries hold."""
    single, double = TOLERANCES[torch.float32], TOLERANCES[torch.float64]
    console.print(
        f"equivariance error of {found.measured} on {found.samples} samples of "
        f"[bold]{escape(found.data)}[/]:\nlargest deviation relative to the spread of the outputs"
    )
    if found.is_hidden:
        console.print("[dim](the final layer is dense, so the outputs have no symmetry)[/]")
    rows = tuple(
        (
            cut(check.name, _LONGEST_SYMMETRY),
            "yes" if check.claimed else "no",
            f"{check.float32:.1e}",
            f"{check.float64:.1e}",
            _verdict(check),
        )
        for check in found.checks
    )
    titles = (*columns(["symmetry", "claimed"], ["float32", "float64"]), Column(""))
    print_table(console, Table("", titles, rows), is_wide=False)
    console.print(f"tolerance: {single:.0e} in float32 and {double:.0e} in float64")
    broken = [check.name for check in found.checks if check.claimed and not check.holds]
    if broken:
        names = escape(listed(broken))
        console.print(f"[bold red]FAILS[/]: the model is not equivariant to {names}")
    elif any(check.claimed for check in found.checks):
        console.print("[bold]every claimed symmetry holds[/]")
    else:
        console.print("[bold]the model claims no symmetry[/]")


def print_export(console: Console, found: Export) -> None:
    """Print how the export compares with the model, and which files were written."""
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
        console.print("[bold red]FAILS[/]: the export differs from the model; nothing was written")
        return
    for path in found.files:
        console.print(f"written: {escape(str(path))}", soft_wrap=True)
    console.print(f"input: {escape(found.input_form)}")


def _print_matrix(console: Console, found: ClassificationReport) -> None:
    console.print("\nconfusion matrix: a row for each true class, a column for each predicted one")
    rows = tuple(
        (cut(one.name, 12), *(str(n) if n else "." for n in row))
        for one, row in zip(found.by_class, found.confusion, strict=True)
    )
    titles = columns([""], [cut(one.name, 5) for one in found.by_class])
    print_table(console, Table("", titles, rows), is_wide=False)


def _print_confusions(console: Console, found: ClassificationReport) -> None:
    names = [escape(cut(one.name, _LONGEST_NAME)) for one in found.by_class]
    wrong = sorted(
        (-count, k, j)
        for k, row in enumerate(found.confusion)
        for j, count in enumerate(row)
        if count and k != j
    )
    if wrong:
        console.print("\nmost frequent confusions:")
    for count, k, j in wrong[:_LISTED]:
        console.print(f"  {-count:,} of {names[k]} predicted as {names[j]}")


def _verdict(check: Check) -> str:
    if check.claimed:
        return "holds" if check.holds else "BROKEN"
    return "holds, too" if check.holds else "does not hold"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
