from pathlib import Path
from typing import Any

import pytest

from autoequivariant.errors import SettingsError
from autoequivariant.paper.mlp_settings import MLPSettings, parse_mixes

ALL = ("mix1", "mix2", "mix3", "mix4", "mix5")


def test_the_defaults_are_the_papers() -> None:
    settings = MLPSettings("mnist", Path("mnist"))
    assert settings.mixes == ALL
    tables, search = settings.tables, settings.search(Path("mix1"))
    assert (tables.preset, tables.train_size, tables.epochs) == ("paper", 10_000, 10)
    # None is what --preset paper says: 4,000 images, 4 epochs, scored on 1,000.
    assert (search.preset, search.train_size, search.validation_size) == ("paper", None, None)
    assert (search.epochs, search.sampler) == (None, "auto")
    assert (tables.layers, tables.channels, settings.seeds) == (None, None, 1)


@pytest.mark.parametrize(
    ("text", "mixes"),
    [("all", ALL), ("none", ()), ("mix2", ("mix2",)), ("mix3,mix1,mix3", ("mix3", "mix1"))],
)
def test_mixes(text: str, mixes: tuple[str, ...]) -> None:
    assert parse_mixes(text) == mixes
    assert MLPSettings("mnist", Path(), parse_mixes(text)).mixes == mixes


@pytest.mark.parametrize(
    ("options", "trouble"),
    [
        ({"dataset": "mnits"}, "--dataset must be one of mnist, fashion_mnist; got 'mnits'."),
        (
            {"mixes": ("mix1", "mix6", "")},
            "--mixes must be all, none or some of mix1.*; got 'mix6', ''.",
        ),
        ({"sampler": "best"}, "--sampler .*'best'."),
        ({"epochs": 0, "budget": 0}, "--budget must be 1 or more.*--epochs must be 1"),
        ({"dataset": "x", "seed": -1}, "--dataset must.*--seed must be 0 or more.*-1"),
        ({"domains": "14x14"}, "--domains must be one of paper, proper; got '14x14'."),
        ({"seeds": 0, "epochs": 0}, "--seeds must be 1 or more; got 0. --epochs must be 1"),
        ({"train_size": 0}, "--train-size must be 1 or more.*0."),
    ],
)
def test_bad_values_are_refused_together(options: dict[str, Any], trouble: str) -> None:
    with pytest.raises(SettingsError, match=trouble):
        MLPSettings(**{"dataset": "mnist", "source": Path("mnist"), **options})
