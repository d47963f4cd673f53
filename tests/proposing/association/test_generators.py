"""Few simple generators with names."""

import numpy as np
import pytest

from autoequivariant.proposing.association.automorphisms import preserving_group
from autoequivariant.proposing.association.generators import simple_generators
from autoequivariant.proposing.association.likelihood import Likelihood
from autoequivariant.proposing.association.pattern import pattern_of

from .plants import table

NAMES = {
    "ring": ["ring of 8 columns"],
    "mirrored ring": ["ring of 8 columns", "mirror of 8 columns"],
    "blocks": ["exchange of 2 blocks", "ring of 4 blocks"],
    "all": ["exchange of 2 columns", "ring of 8 columns"],
    "weights": [],
}


@pytest.mark.parametrize("kind", NAMES)
def test_generators_and_their_names(kind: str) -> None:
    likelihood = Likelihood(pattern_of(*table(kind, 8, n=1500), 0))
    found = simple_generators(likelihood, preserving_group(likelihood))
    assert [one.name for one in found] == NAMES[kind]
    assert all(one.moved == 8 for one in found)
    for one in found:
        assert sorted(one.image.tolist()) == list(range(8))
        assert one.score > 3


def test_independent_parts_have_generators_of_their_own() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1500, 9))
    x[:, 4:] += 5.0
    own = x[:, 4:] - 5
    y = x[:, :4].max(axis=1) + (own * np.roll(own, -1, axis=1)).sum(axis=1) / 2
    likelihood = Likelihood(pattern_of(x, y[:, np.newaxis], 0))
    found = simple_generators(likelihood, preserving_group(likelihood))
    names = sorted(one.name for one in found)
    assert names == [
        "exchange of 2 columns",
        "mirror of 5 columns",
        "ring of 4 columns",
        "ring of 5 columns",
    ]
