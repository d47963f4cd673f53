"""The scores of the single symmetries: each network on each data set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

TITLES = {"mnist": "G-MNIST", "fashion_mnist": "G-Fashion-MNIST"}
BASELINE = "baseline"


@dataclass(frozen=True)
class Singles:
    """The single symmetries: each network on each data set.

    Attributes:
        networks: `baseline`, then the twelve by the name of their symmetry.
        data: `none`, then the twelve by the name of their transformation, in the same order.
        rows: the record of a network on a data set.
    """

    networks: tuple[str, ...]
    data: tuple[str, ...]
    rows: dict[tuple[str, str], dict[str, Any]]

    @classmethod
    def of(cls, results: dict[str, Any]) -> Singles:
        """Read the records of `results.json`."""
        rows = {(row["network"], row["data"]): row for row in results["singles"]}
        networks = tuple(dict.fromkeys(network for network, _ in rows))
        return cls(networks, tuple(dict.fromkeys(data for _, data in rows)), rows)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Each symmetry's network with the data set of the same transformation."""
        return tuple(zip(self.networks[1:], self.data[1:], strict=True))

    @property
    def margin(self) -> float:
        """Half the width of the widest 95% interval."""
        intervals = [row["test_interval"] for row in self.rows.values()]
        return float(max(high - low for low, high in intervals)) / 2

    def score(self, network: str, data: str) -> float:
        """Return the test accuracy."""
        return float(self.rows[network, data]["test_score"])

    def gain(self, network: str, data: str) -> float:
        """Return the test accuracy above that of the baseline on the same data set."""
        return self.score(network, data) - self.score(BASELINE, data)

    def rank(self, network: str, data: str) -> int:
        """Return the rank of a network on a data set, from 1; ties share the better rank."""
        own = self.score(network, data)
        return 1 + sum(self.score(other, data) > own for other in self.networks)
