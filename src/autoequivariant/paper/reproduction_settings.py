"""What a person asks of a reproduction; the defaults are the paper's (arXiv 2104.04848)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autoequivariant.errors import SettingsError
from autoequivariant.paper.g_mnist import MIXES
from autoequivariant.searching.settings.settings import DEFAULT_BUDGET, SearchSettings

RECIPES = {"mnist": "g-mnist", "fashion_mnist": "g-fashion-mnist"}
"""The originals by name, and what `aen data make` calls the sets that are made from them."""
TRAIN_SIZE = 10_000
EPOCHS = 10


@dataclass(frozen=True)
class ReproductionSettings:
    """Options of a reproduction; the defaults are the paper's.

    Attributes:
        dataset: `mnist` or `fashion_mnist`.
        source: the folder with its IDX files.
        mixes: the mixed settings to search, of `mix1` to `mix5`.
        sampler, budget: of the searches, as in `SearchSettings`.
        train_size: samples that the networks of the tables are trained on. Default: 10,000.
        epochs: passes over them. Default: 10.
        seed: of everything random.
        device: `cpu` or `cuda`.

    Raises:
        SettingsError: names every value that cannot be used.
    """

    dataset: str
    source: Path
    mixes: tuple[str, ...] = tuple(MIXES)
    sampler: str = "auto"
    budget: int = DEFAULT_BUDGET
    train_size: int = TRAIN_SIZE
    epochs: int = EPOCHS
    seed: int = 0
    device: str = "cpu"

    def __post_init__(self) -> None:
        troubles = []
        if self.dataset not in RECIPES:
            troubles.append(f"--dataset knows {', '.join(RECIPES)}, not {self.dataset!r}.")
        unknown = [mix for mix in self.mixes if mix not in MIXES]
        if unknown:
            names = ", ".join(("all", "none", *MIXES))
            troubles.append(f"--mixes knows {names}, not {', '.join(map(repr, unknown))}.")
        try:
            _ = self.tables
        except SettingsError as error:
            troubles.append(str(error))
        if troubles:
            raise SettingsError(" ".join(troubles))

    @property
    def tables(self) -> SearchSettings:
        """How the networks of the tables are made and trained."""
        return SearchSettings(
            data=str(self.source.absolute()),  # a folder, also where it is called like a data set
            preset="paper",
            sampler=self.sampler,
            budget=self.budget,
            train_size=self.train_size,
            epochs=self.epochs,
            seed=self.seed,
            device=self.device,
        )

    def search(self, data: Path) -> SearchSettings:
        """What is asked of the search on a mixed data set: what `--preset paper` says."""
        return SearchSettings(
            data=str(data),
            preset="paper",
            sampler=self.sampler,
            budget=self.budget,
            seed=self.seed,
            device=self.device,
        )


def parse_mixes(text: str) -> tuple[str, ...]:
    """Read `mix1,mix3`, `all` or `none`."""
    if text in ("all", "none"):
        return tuple(MIXES) if text == "all" else ()
    return tuple(dict.fromkeys(text.split(",")))
