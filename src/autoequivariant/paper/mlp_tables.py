"""The tables of a reproduction, made from its plain records: Markdown, and a summary to print."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from autoequivariant.errors import SettingsError
from autoequivariant.report.render.formatting import interval, named, percent
from autoequivariant.report.render.search_text import WIDTH

TABLES = "tables.md"
TITLES = {"mnist": "G-MNIST", "fashion_mnist": "G-Fashion-MNIST"}
_PLAIN = "plain"
_MIX_TEXTS = ("data set", "network", "symmetries")
_MIX_NUMBERS = ("n_parameters", "validation", "test", "95% interval")

Rows = list[list[str]]


@dataclass(frozen=True)
class Singles:
    """The single symmetries: each network on each data set.

    Attributes:
        networks: `plain`, then the twelve by the name of their symmetry.
        data: `none`, then the twelve by the name of their transformation, in the same order.
        rows: the record of a network on a data set.
    """

    networks: tuple[str, ...]
    data: tuple[str, ...]
    rows: dict[tuple[str, str], dict[str, Any]]

    @classmethod
    def of(cls, results: dict[str, Any]) -> Singles:
        """Take the records of `results.json`."""
        rows = {(row["network"], row["data"]): row for row in results["singles"]}
        networks = tuple(dict.fromkeys(network for network, _ in rows))
        return cls(networks, tuple(dict.fromkeys(data for _, data in rows)), rows)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Each symmetry's network with the data set of its own transformation."""
        return tuple(zip(self.networks[1:], self.data[1:], strict=True))

    @property
    def margin(self) -> float:
        """Half of the widest 95% interval."""
        intervals = [row["test_interval"] for row in self.rows.values()]
        return float(max(high - low for low, high in intervals)) / 2

    def score(self, network: str, data: str) -> float:
        """Test accuracy, as a share of 1."""
        return float(self.rows[network, data]["test_score"])

    def gain(self, network: str, data: str) -> float:
        """By how much a network is better than the plain one on the same data set."""
        return self.score(network, data) - self.score(_PLAIN, data)

    def place(self, network: str, data: str) -> int:
        """The place of a network among all on a data set; equal ones share the better place."""
        own = self.score(network, data)
        return 1 + sum(self.score(other, data) > own for other in self.networks)


def tables(results: dict[str, Any]) -> str:
    """Return all tables as Markdown."""
    singles = Singles.of(results)
    parts = [
        f"Trained on {results['train_size']:,} images, {results['epochs']} epochs; scored on "
        f"{results['test_size']:,} test images; seed {results['seed']}.",
        "**Single symmetries**, test accuracy in %. A row is a network by its symmetry, a column "
        "the data set of the transformation with that number, 0 the untransformed one. A 95% "
        f"interval reaches at most {100 * singles.margin:.1f} points to each side; `results.json` "
        "has them all.",
        _all_singles(singles),
        "**Each data set's own symmetry** against the plain network, test accuracy with 95% "
        f"interval, and its place among the {len(singles.networks)} networks there.",
        _own_symmetries(singles),
    ]
    if results["mixes"]:
        parts += [
            "**Mixed settings.** The searches saw train and validation only; the best single "
            "symmetry is the best on validation. (+n): n more candidates follow from those named.",
            markdown((*_MIX_TEXTS, *_MIX_NUMBERS), _mixes(results), left=len(_MIX_TEXTS)),
        ]
    return "\n\n".join(parts) + "\n"


def paste(page: str, dataset: str, text: str) -> str:
    """Return a page with `text` between its markers for a data set.

    Raises:
        SettingsError: the page has no such markers.
    """
    begin, end = f"<!-- tables: {dataset} -->\n", f"<!-- end: {dataset} -->\n"
    before, _, rest = page.partition(begin)
    _, marker, after = rest.partition(end)
    if not marker:
        raise SettingsError(
            f"The page has no place for the tables of {dataset}: add the lines {begin.strip()} and "
            f"{end.strip()}."
        )
    return f"{before}{begin}\n{text}\n{end}{after}"


def print_reproduction(console: Console, results: dict[str, Any], written: list[Path]) -> None:
    """Say what came out, and where it is."""
    singles = Singles.of(results)
    better = sum(singles.gain(network, data) > 0 for network, data in singles.pairs)
    best = sum(singles.place(network, data) == 1 for network, data in singles.pairs)
    console.print(
        f"\n{TITLES[results['dataset']]}, single symmetries: on {better} of {len(singles.pairs)} "
        "data sets the network of their own symmetry beats the plain one; on "
        f"{best} no network beats it."
    )
    if results["mixes"]:
        console.print(_mix_table(results))
    names = ", ".join(path.name for path in written)
    console.print(f"\nwritten to {escape(str(written[0].parent))}: {names}")


def _mix_table(results: dict[str, Any]) -> RenderableType:
    table = Table(box=None, pad_edge=False, width=WIDTH)
    for column in _MIX_TEXTS:
        table.add_column(column, ratio=1 if column == "symmetries" else None)
    for column in _MIX_NUMBERS[:-1]:  # 80 columns are too few for the intervals
        table.add_column(column, justify="right")
    for row in _mixes(results):
        table.add_row(*row[:-1])
    return Padding(table, (1, 0, 0, 0))


def _all_singles(singles: Singles) -> str:
    header = ("network", "n_parameters", *map(str, range(len(singles.data))))
    rows = []
    for number, network in enumerate(singles.networks):
        accuracies = [f"{100 * singles.score(network, data):.1f}" for data in singles.data]
        n_parameters = singles.rows[network, singles.data[0]]["n_parameters"]
        rows.append([f"{number} {network}", f"{n_parameters:,}", *accuracies])
    return markdown(header, rows)


def _own_symmetries(singles: Singles) -> str:
    rows = [
        [
            data,
            _with_interval(singles.rows[_PLAIN, data]),
            _with_interval(singles.rows[network, data]),
            f"{100 * singles.gain(network, data):+.1f}",
            str(singles.place(network, data)),
        ]
        for network, data in singles.pairs
    ]
    return markdown(("transformation", "plain", "own symmetry", "difference", "place"), rows)


def _mixes(results: dict[str, Any]) -> Rows:
    return [
        [
            mix["data"],
            row["network"],
            named(row["symmetries"], row["generators"]),
            f"{row['n_parameters']:,}",
            percent(row["validation_score"]),
            percent(row["test_score"]),
            interval(row["test_interval"]),
        ]
        for mix in results["mixes"]
        for row in mix["networks"]
    ]


def _with_interval(row: dict[str, Any]) -> str:
    return f"{percent(row['test_score'])} ({interval(row['test_interval'])})"


def markdown(header: tuple[str, ...], rows: Rows, left: int = 1) -> str:
    """Return a table whose first `left` columns are text and whose others are numbers."""
    rules = ["---"] * left + ["---:"] * (len(header) - left)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (header, rules, *rows))
