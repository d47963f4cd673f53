"""The registry: its names, `auto`, and a sampler that is added to it."""

from __future__ import annotations

import pytest

from autoequivariant.cli.completion import complete_samplers
from autoequivariant.errors import SettingsError
from autoequivariant.searching.samplers.registry import SAMPLERS, resolve_auto, sampler_names
from autoequivariant.searching.samplers.sampler import samplers_for
from autoequivariant.searching.settings.settings import SearchSettings


def test_the_names() -> None:
    assert sampler_names() == ("auto", "lattice", "exhaustive", "random", "tpe", "nsga2", "dqn")
    assert set(SAMPLERS) - set(samplers_for(2)) == {"dqn"}
    assert samplers_for(1) == tuple(SAMPLERS)


@pytest.mark.parametrize(
    ("name", "n_networks", "budget", "expected"),
    [
        ("auto", 32, 32, "exhaustive"),
        ("auto", 33, 100, "lattice"),
        ("auto", 32, 31, "lattice"),
        ("auto", None, 100, "lattice"),
        ("tpe", 1, 100, "tpe"),
    ],
)
def test_auto(name: str, n_networks: int | None, budget: int, expected: str) -> None:
    assert resolve_auto(name, n_networks, budget) == expected


@pytest.mark.usefixtures("toys")
def test_a_new_sampler_is_offered_and_checked() -> None:
    assert complete_samplers("to") == ["toy"]
    assert SearchSettings("digits", sampler="toy").sampler == "toy"
    for options, message in (
        ({"sampler": "toys"}, "toy, backwards"),
        (
            {"sampler": "toy", "objective": "score,parameters"},
            "--sampler toy handles one objective",
        ),
        ({"sampler": "toy", "network": "cnn", "pruner": "median"}, "--sampler toy does not prune"),
    ):
        with pytest.raises(SettingsError, match=message):
            SearchSettings("digits", **options)  # type: ignore[arg-type]
