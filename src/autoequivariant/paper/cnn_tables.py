"""The table of a CNN reproduction, made from its plain records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from autoequivariant.paper.mlp_tables import markdown
from autoequivariant.report.render.formatting import interval, named, percent
from autoequivariant.report.render.search_text import WIDTH

CNN_TITLES = {"rotmnist": "RotMNIST", "cifar10": "CIFAR-10"}
_HEADER = ("network", "symmetries and augmentations", "n_parameters", "test")


def cnn_tables(results: dict[str, Any]) -> str:
    """Return the table and what stands with it as Markdown."""
    search = results["searches"]["search"]
    alone = results["searches"]["augmentations"]
    parts = [
        f"Trained on {results['train_size']:,} images, {results['epochs']} epochs, "
        f"{results['backbone']} body; scored on {results['test_size']:,} test images; "
        f"seed {results['seed']}. The search trained {search['networks_trained']} of "
        f"{search['distinct_networks']} networks, that of augmentations alone "
        f"{alone['networks_trained']} of {alone['distinct_networks']}. Cut: {results['cut']}.",
        markdown(
            (*_HEADER, "95% interval"),
            [[*row, interval(r["test_interval"])] for row, r in _rows(results)],
            left=2,
        ),
    ]
    if results["importance"]:
        parts.append(_importance(results["importance"]))
    return "\n\n".join(parts) + "\n"


def print_cnn_reproduction(console: Console, results: dict[str, Any], folder: Path) -> None:
    """Say what came out, and where it is."""
    table = Table(
        title=f"{CNN_TITLES[results['dataset']]}, {results['test_size']:,} test images",
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        width=WIDTH,
    )
    for number, column in enumerate(_HEADER):
        table.add_column(
            column, ratio=1 if number == 1 else None, justify="left" if number < 2 else "right"
        )
    for row, _ in _rows(results):
        table.add_row(*row)
    console.print(Padding(table, (1, 0, 1, 0)))
    if results["importance"]:
        console.print(_importance(results["importance"]))
    console.print(f"written to {escape(str(folder))}: results.json, tables.md")


def _rows(results: dict[str, Any]) -> list[tuple[list[str], dict[str, Any]]]:
    return [
        (
            [
                row["network"],
                named(row["symmetries"], row["generators"], row["augmentations"]),
                f"{row['n_parameters']:,}",
                percent(row["test_score"]),
            ],
            row,
        )
        for row in results["networks"]
    ]


def _importance(shares: dict[str, float]) -> str:
    found = ", ".join(f"{name} {percent(share)}" for name, share in shares.items())
    return (
        f"What matters most for validation accuracy (fANOVA over the search): {found}. "
        "The paper finds that the group matters most."
    )
