"""The tables of the MLP reproduction, made from its records.

A score of one seed has its 95% interval; one of several seeds is their mean, with their range.
"""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType

from autoequivariant.paper.heat_map import heat_map_html
from autoequivariant.paper.singles import BASELINE, TITLES, Singles, bounds, mean_of, runs_of
from autoequivariant.paper.tables import markdown, printed
from autoequivariant.report.findings.table import Table, columns
from autoequivariant.report.render.formatting import interval, named, percent

RUN_KEYS = ("singles", "mixes", "seed")
"""What the records hold of each seed."""


def section_name(dataset: str, domains: str) -> str:
    """Return the name of a reproduction's folder and of its section in the documentation."""
    return dataset if domains == "paper" else f"{dataset}-{domains}"


def mlp_files(results: dict[str, Any]) -> dict[str, str]:
    """Return the files to write beside the records, by name."""
    return {"tables.md": mlp_markdown(results), "heatmap.html": heat_map_html(results)}


def mlp_markdown(results: dict[str, Any]) -> str:
    """Return all tables as Markdown."""
    singles = Singles.of(results)
    count = len(singles.seeds)
    of_one = "test accuracy with 95% interval, and rank"
    of_several = f"mean and range of {count} seeds, and rank of the mean"
    parts = [
        f"Trained on {results['train_size']:,} images for {results['epochs']} epochs; scored on "
        f"{results['test_size']:,} test images; {singles.named_seeds}.",
        "**Single symmetries**, test accuracy in %. Rows are networks, named by their symmetry. "
        "Columns are data sets, numbered by their transformation; 0 is the original data set. "
        f"{_spread(singles)}",
        markdown(_all_singles(singles)),
        "**Each data set's own symmetry** against the baseline: "
        f"{of_one if count == 1 else of_several} among the {len(singles.networks)} networks.",
        markdown(_own_symmetries(singles)),
    ]
    mixes = _mixes(results)
    if mixes.rows:
        means = "" if count == 1 else f" Numbers are means of {count} seeds."
        parts += [
            "**Mixed settings.** The searches saw the training and validation sets only; the best "
            "single symmetry is the best on validation. (+n): n more candidates follow from those "
            f"named.{means}",
            markdown(mixes),
        ]
    return "\n\n".join(parts) + "\n"


def mlp_summary(results: dict[str, Any]) -> list[RenderableType]:
    """Return what to print."""
    singles = Singles.of(results)
    better = sum(singles.gain(network, data) > 0 for network, data in singles.pairs)
    best = sum(singles.rank(network, data) == 1 for network, data in singles.pairs)
    of_several = "" if len(singles.seeds) == 1 else f", mean of {singles.named_seeds}"
    text = (
        f"\n{TITLES[results['dataset']]}, single symmetries{of_several}: on {better} of "
        f"{len(singles.pairs)} data sets the network with the data set's own symmetry beats the "
        f"baseline; on {best} no network beats it."
    )
    mixes = _mixes(results)
    return [text, printed(mixes)] if mixes.rows else [text]


def _spread(singles: Singles) -> str:
    """Say what the table of all single symmetries has of the spread of its scores."""
    if len(singles.seeds) > 1:
        return (
            "Each cell is the mean, and in parentheses the range from the lowest to the highest, "
            f"of {len(singles.seeds)} seeds; the range is not a confidence interval."
        )
    return (
        f"95% intervals extend at most {100 * singles.margin:.1f} points to each side; "
        "`results.json` has them all."
    )


def _all_singles(singles: Singles) -> Table:
    def cell(network: str, data: str) -> str:
        low, high = singles.bounds(network, data)
        spread = f" ({100 * low:.1f} to {100 * high:.1f})" if len(singles.seeds) > 1 else ""
        return f"{100 * singles.score(network, data):.1f}{spread}"

    rows = [
        (
            f"{number} {network}",
            f"{singles.n_parameters(network):,}",
            *(cell(network, data) for data in singles.data),
        )
        for number, network in enumerate(singles.networks)
    ]
    numbers = ("parameters", *map(str, range(len(singles.data))))
    return Table("", columns(["network"], numbers), tuple(rows))


def _own_symmetries(singles: Singles) -> Table:
    count = len(singles.seeds)

    def cell(network: str, data: str) -> str:
        spread = interval(singles.bounds(network, data))
        return f"{percent(singles.score(network, data))} ({spread})"

    def difference(network: str, data: str) -> str:
        gains = [100 * gain for gain in singles.gains(network, data)]
        spread = f" ({min(gains):+.1f} to {max(gains):+.1f})" if count > 1 else ""
        return f"{100 * singles.gain(network, data):+.1f}{spread}"

    rows = tuple(
        (
            data,
            cell(BASELINE, data),
            cell(network, data),
            difference(network, data),
            str(singles.rank(network, data)),
        )
        for network, data in singles.pairs
    )
    spread = "" if count == 1 else f" (range of {count} seeds)"
    numbers = (*(f"{title}{spread}" for title in (BASELINE, "own symmetry", "difference")), "rank")
    return Table("", columns(["transformation"], numbers), rows)


def _mixes(results: dict[str, Any]) -> Table:
    """Return the table of the mixed settings; without any it has no rows."""
    runs = runs_of(results)
    by_seed = [
        [(mix["data"], row) for mix in run["mixes"] for row in mix["networks"]] for run in runs
    ]
    rows = []
    for of_seeds in zip(*by_seed, strict=True):
        (data, first), records = of_seeds[0], [row for _, row in of_seeds]
        names = [named(row["symmetries"], row["generators"]) for row in records]
        rows.append(
            (
                data,
                first["network"],
                names[0] if len(set(names)) == 1 else "; ".join(names),
                f"{mean_of(records, 'n_parameters'):,.0f}",
                percent(mean_of(records, "validation_score")),
                percent(mean_of(records, "test_score")),
                interval(bounds(records)),
            )
        )
    several = len(runs) > 1
    texts = ("data set", "network", "symmetries, by seed" if several else "symmetries")
    spread = f"range of {len(runs)} seeds" if several else "95% interval"
    numbers = ("parameters", "validation", "test", spread)
    return Table("", columns(texts, numbers), tuple(rows))
