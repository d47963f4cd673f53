"""The options of the MLP reproduction, and the hidden domains of its networks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autoequivariant.groups.domain import Domain, Grid
from autoequivariant.paper.g_mnist import MIXES
from autoequivariant.paper.reproduction import refuse, refuse_unknown
from autoequivariant.searching.settings.settings import DEFAULT_BUDGET, SearchSettings
from autoequivariant.training.executors.options import ExecutorOptions

RECIPES = {"mnist": "g-mnist", "fashion_mnist": "g-fashion-mnist"}
"""The originals, and the names under which `aen data make` derives data sets from them."""


@dataclass(frozen=True)
class Hidden:
    """The hidden layers of all networks.

    Attributes:
        layers: their domains. None: those of `--preset paper`.
        channels: of each. None: that of `--preset paper`.
    """

    layers: tuple[Domain, ...] | None = None
    channels: int | None = None


DOMAINS = {"paper": Hidden(), "proper": Hidden((Grid(14, 14), Grid(14, 14)), 2)}
"""The paper's 20x20, on which translations by 4 of 28 pixels violate law 4; and 14x14, on which
they move by 2 pixels, with two channels, so that a layer has 392 units for the paper's 400.
"""


@dataclass(frozen=True)
class MLPSettings:
    """Options of the MLP reproduction; the defaults are the paper's.

    Attributes:
        dataset: `mnist` or `fashion_mnist`.
        source: the folder with its IDX files.
        mixes: the mixed settings to search, from `mix1` to `mix5`.
        sampler, budget: of the searches, as in `SearchSettings`.
        train_size: number of samples on which the networks of the tables are trained.
        epochs: passes over these samples.
        seed: of all random numbers; with several seeds, the first.
        device: `cpu` or `cuda`.
        domains: hidden domains, a name in `DOMAINS`.
        seeds: number of consecutive seeds; each has its own data, searches and networks.
        executor: where networks are trained.

    Raises:
        SettingsError: names every value that cannot be used.
    """

    dataset: str
    source: Path
    mixes: tuple[str, ...] = tuple(MIXES)
    sampler: str = "auto"
    budget: int = DEFAULT_BUDGET
    train_size: int = 10_000
    epochs: int = 10
    seed: int = 0
    device: str = "cpu"
    domains: str = "paper"
    seeds: int = 1
    executor: ExecutorOptions = ExecutorOptions()

    def __post_init__(self) -> None:
        problems = [
            *refuse_unknown("--dataset", [self.dataset], RECIPES),
            *refuse_unknown("--mixes", self.mixes, MIXES, "all, none or some"),
            *refuse_unknown("--domains", [self.domains], DOMAINS),
            *[f"--seeds must be 1 or more; got {self.seeds}."] * (self.seeds < 1),
        ]
        refuse(problems, lambda: self.tables)

    @property
    def tables(self) -> SearchSettings:
        """Settings of the networks in the tables."""
        # An absolute path: a folder, even where its name is that of a built-in data set.
        return self._settings(self.source.absolute(), self.train_size, self.epochs)

    def search(self, data: Path) -> SearchSettings:
        """Settings of the search on a mixed data set: those of `--preset paper`."""
        return self._settings(data)

    def _settings(
        self, data: Path, train_size: int | None = None, epochs: int | None = None
    ) -> SearchSettings:
        hidden = DOMAINS.get(self.domains, Hidden())  # an unknown name is refused beside the rest
        return SearchSettings(
            data=str(data),
            preset="paper",
            layers=hidden.layers,
            channels=hidden.channels,
            tests=False,
            smallest=True,
            sampler=self.sampler,
            budget=self.budget,
            train_size=train_size,
            epochs=epochs,
            seed=self.seed,
            device=self.device,
            executor=self.executor,
        )


def parse_mixes(text: str) -> tuple[str, ...]:
    """Parse `mix1,mix3`, `all` or `none`."""
    if text in ("all", "none"):
        return tuple(MIXES) if text == "all" else ()
    return tuple(dict.fromkeys(text.split(",")))
