"""The scores of the single symmetries: each network on each data set, with one or more seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

TITLES = {"mnist": "G-MNIST", "fashion_mnist": "G-Fashion-MNIST"}
BASELINE = "baseline"


def runs_of(results: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the records of each seed."""
    runs: list[dict[str, Any]] = results.get("runs", [results])
    return runs


def mean_of(rows: Sequence[dict[str, Any]], key: str) -> float:
    """Return the mean over seeds of a score of a network."""
    return fmean(row[key] for row in rows)


def bounds(rows: Sequence[dict[str, Any]]) -> tuple[float, float]:
    """Return the 95% interval of a network's test accuracy; with several seeds, their range."""
    if len(rows) == 1:
        low, high = rows[0]["test_interval"]
        return low, high
    scores = [row["test_score"] for row in rows]
    return min(scores), max(scores)


@dataclass(frozen=True)
class Singles:
    """The single symmetries: each network on each data set.

    Attributes:
        networks: `baseline`, then the twelve by the name of their symmetry.
        data: `none`, then the twelve by the name of their transformation, in the same order.
        rows: the records of a network on a data set, one a seed.
        seeds: in the same order.
    """

    networks: tuple[str, ...]
    data: tuple[str, ...]
    rows: dict[tuple[str, str], list[dict[str, Any]]]
    seeds: tuple[int, ...]

    @classmethod
    def of(cls, results: dict[str, Any]) -> Singles:
        """Read the records of `results.json`."""
        rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for run in runs_of(results):
            for row in run["singles"]:
                rows.setdefault((row["network"], row["data"]), []).append(row)
        networks = tuple(dict.fromkeys(network for network, _ in rows))
        data = tuple(dict.fromkeys(data for _, data in rows))
        return cls(networks, data, rows, tuple(run["seed"] for run in runs_of(results)))

    @property
    def named_seeds(self) -> str:
        """The seeds in words."""
        return f"seed{'s' * (len(self.seeds) > 1)} {', '.join(map(str, self.seeds))}"

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Each symmetry's network with the data set of the same transformation."""
        return tuple(zip(self.networks[1:], self.data[1:], strict=True))

    @property
    def margin(self) -> float:
        """Half the width of the widest interval (`bounds`)."""
        intervals = map(bounds, self.rows.values())
        return max(high - low for low, high in intervals) / 2

    def n_parameters(self, network: str) -> int:
        """Return the size of a network."""
        return int(self.rows[network, self.data[0]][0]["n_parameters"])

    def score(self, network: str, data: str) -> float:
        """Return the test accuracy, the mean over seeds."""
        return mean_of(self.rows[network, data], "test_score")

    def bounds(self, network: str, data: str) -> tuple[float, float]:
        """Return the interval or range of the test accuracy."""
        return bounds(self.rows[network, data])

    def gains(self, network: str, data: str) -> list[float]:
        """Return, of each seed, the test accuracy above the baseline's on the same data set."""
        pairs = zip(self.rows[network, data], self.rows[BASELINE, data], strict=True)
        return [own["test_score"] - baseline["test_score"] for own, baseline in pairs]

    def gain(self, network: str, data: str) -> float:
        """Return the mean of the gains."""
        return fmean(self.gains(network, data))

    def rank(self, network: str, data: str) -> int:
        """Return the rank of a network on a data set, from 1; ties share the better rank."""
        own = self.score(network, data)
        return 1 + sum(self.score(other, data) > own for other in self.networks)
