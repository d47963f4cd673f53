"""The tables of the MLP reproduction, made from its records."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType

from autoequivariant.paper.heat_map import heat_map_html
from autoequivariant.paper.singles import BASELINE, TITLES, Singles
from autoequivariant.paper.tables import markdown, printed
from autoequivariant.report.findings.table import Table, columns
from autoequivariant.report.render.formatting import interval, named, percent


def mlp_files(results: dict[str, Any]) -> dict[str, str]:
    """Return the files to write beside the records, by name."""
    return {"tables.md": mlp_markdown(results), "heatmap.html": heat_map_html(results)}


def mlp_markdown(results: dict[str, Any]) -> str:
    """Return all tables as Markdown."""
    singles = Singles.of(results)
    parts = [
        f"Trained on {results['train_size']:,} images for {results['epochs']} epochs; scored on "
        f"{results['test_size']:,} test images; seed {results['seed']}.",
        "**Single symmetries**, test accuracy in %. Rows are networks, named by their symmetry. "
        "Columns are data sets, numbered by their transformation; 0 is the original data set. 95% "
        f"intervals extend at most {100 * singles.margin:.1f} points to each side; `results.json` "
        "has them all.",
        markdown(_all_singles(singles)),
        "**Each data set's own symmetry** against the baseline: test accuracy with 95% interval, "
        f"and rank among the {len(singles.networks)} networks.",
        markdown(_own_symmetries(singles)),
    ]
    if results["mixes"]:
        parts += [
            "**Mixed settings.** The searches saw the training and validation sets only; the best "
            "single symmetry is the best on validation. (+n): n more candidates follow from those "
            "named.",
            markdown(_mixes(results)),
        ]
    return "\n\n".join(parts) + "\n"


def mlp_summary(results: dict[str, Any]) -> list[RenderableType]:
    """Return what to print."""
    singles = Singles.of(results)
    better = sum(singles.gain(network, data) > 0 for network, data in singles.pairs)
    best = sum(singles.rank(network, data) == 1 for network, data in singles.pairs)
    text = (
        f"\n{TITLES[results['dataset']]}, single symmetries: on {better} of {len(singles.pairs)} "
        "data sets the network with the data set's own symmetry beats the baseline; on "
        f"{best} no network beats it."
    )
    return [text, printed(_mixes(results))] if results["mixes"] else [text]


def _all_singles(singles: Singles) -> Table:
    rows = []
    for number, network in enumerate(singles.networks):
        accuracies = [f"{100 * singles.score(network, data):.1f}" for data in singles.data]
        n_parameters = singles.rows[network, singles.data[0]]["n_parameters"]
        rows.append((f"{number} {network}", f"{n_parameters:,}", *accuracies))
    numbers = ("parameters", *map(str, range(len(singles.data))))
    return Table("", columns(["network"], numbers), tuple(rows))


def _own_symmetries(singles: Singles) -> Table:
    def cell(network: str, data: str) -> str:
        row = singles.rows[network, data]
        return f"{percent(row['test_score'])} ({interval(row['test_interval'])})"

    rows = tuple(
        (
            data,
            cell(BASELINE, data),
            cell(network, data),
            f"{100 * singles.gain(network, data):+.1f}",
            str(singles.rank(network, data)),
        )
        for network, data in singles.pairs
    )
    numbers = (BASELINE, "own symmetry", "difference", "rank")
    return Table("", columns(["transformation"], numbers), rows)


def _mixes(results: dict[str, Any]) -> Table:
    rows = tuple(
        (
            mix["data"],
            row["network"],
            named(row["symmetries"], row["generators"]),
            f"{row['n_parameters']:,}",
            percent(row["validation_score"]),
            percent(row["test_score"]),
            interval(row["test_interval"]),
        )
        for mix in results["mixes"]
        for row in mix["networks"]
    )
    numbers = ("parameters", "validation", "test", "95% interval")
    return Table("", columns(("data set", "network", "symmetries"), numbers), rows)
