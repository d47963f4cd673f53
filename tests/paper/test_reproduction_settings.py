"""Bad values are refused together, before anything is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autoequivariant.errors import SettingsError
from autoequivariant.paper.reproduction_settings import ReproductionSettings, parse_mixes

ALL = ("mix1", "mix2", "mix3", "mix4", "mix5")


def test_the_defaults_are_the_papers() -> None:
    settings = ReproductionSettings("mnist", Path("mnist"))
    assert settings.mixes == ALL
    tables, search = settings.tables, settings.search(Path("mix1"))
    assert (tables.preset, tables.train_size, tables.epochs) == ("paper", 10_000, 10)
    # None is what --preset paper says: 4,000 images, 4 epochs, scored on 1,000.
    assert (search.preset, search.train_size, search.validation_size) == ("paper", None, None)
    assert (search.epochs, search.sampler) == (None, "auto")


@pytest.mark.parametrize(
    ("text", "mixes"),
    [("all", ALL), ("none", ()), ("mix2", ("mix2",)), ("mix3,mix1,mix3", ("mix3", "mix1"))],
)
def test_mixes(text: str, mixes: tuple[str, ...]) -> None:
    assert parse_mixes(text) == mixes
    assert ReproductionSettings("mnist", Path(), parse_mixes(text)).mixes == mixes


@pytest.mark.parametrize(
    ("options", "trouble"),
    [
        ({"dataset": "mnits"}, "--dataset knows mnist, fashion_mnist, not 'mnits'."),
        ({"mixes": ("mix1", "mix6", "")}, "--mixes knows all, none, mix1.*, not 'mix6', ''."),
        ({"sampler": "best"}, "--sampler knows .*, not 'best'."),
        ({"epochs": 0, "budget": 0}, "--budget must be 1 or more, not 0. --epochs must be 1"),
        ({"dataset": "x", "seed": -1}, "--dataset knows.*--seed must be 0 or more, not -1."),
        ({"train_size": 0}, "--train-size must be 1 or more, not 0."),
    ],
)
def test_bad_values_are_refused_together(options: dict[str, Any], trouble: str) -> None:
    with pytest.raises(SettingsError, match=trouble):
        ReproductionSettings(**{"dataset": "mnist", "source": Path("mnist"), **options})
