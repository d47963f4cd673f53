"""Samplers that Optuna ships: seeds, rounds and the one that has an order."""

from __future__ import annotations

import pytest

from autoequivariant.searching.samplers.registry import SAMPLERS
from autoequivariant.searching.samplers.sampler import load_sampler

from .spaces import ONE, proposals


@pytest.mark.parametrize("name", [name for name in SAMPLERS if name != "lattice"])
@pytest.mark.parametrize("other", [(4, 16), (3, 17), (2**100, 16)])
def test_another_seed_or_round_proposes_something_else(name: str, other: tuple[int, int]) -> None:
    assert proposals(name, 3, 16) != proposals(name, *other)


def test_only_exhaustive_has_an_order() -> None:
    assert load_sampler("exhaustive").order(ONE) == ONE.children
    assert all(load_sampler(n).order(ONE) is None for n in SAMPLERS if n != "exhaustive")
