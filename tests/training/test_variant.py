"""Variants of a fit: bounds, numbers, costs, and what they change."""

from itertools import product

import pytest

from autoequivariant.training.loop import Training
from autoequivariant.training.variant import (
    LESS_DECAY,
    LONGER,
    MORE_DECAY,
    MOST_DECAYS,
    MOST_DOUBLINGS,
    SIZES,
    TWICE_AS_WIDE,
    WIDER,
    Variant,
)

POSSIBLE = [
    Variant(*numbers)
    for numbers in product(
        range(MOST_DOUBLINGS + 1), range(len(SIZES)), range(-MOST_DECAYS, MOST_DECAYS + 1)
    )
]


def test_each_possible_variant_has_its_own_number() -> None:
    assert all(one.is_possible for one in POSSIBLE)
    numbers = [one.number for one in POSSIBLE]
    assert len(set(numbers)) == len(numbers)
    assert (min(numbers), max(numbers) < 1000) == (0, True)


@pytest.mark.parametrize(
    "beyond",
    [
        Variant(MOST_DOUBLINGS) + LONGER,
        Variant(size=len(SIZES) - 1) + WIDER,
        Variant(decays=MOST_DECAYS) + MORE_DECAY,
        Variant(decays=-MOST_DECAYS) + LESS_DECAY,
        Variant(doublings=-1),
        Variant(size=-1),
    ],
)
def test_bounds(beyond: Variant) -> None:
    assert not beyond.is_possible


def test_what_a_variant_changes() -> None:
    recipe = Training(10, weight_decay=0.2, warm_up=0.3)
    longer = LONGER.of(recipe)
    assert (longer.epochs, longer.weight_decay, longer.warm_up) == (20, 0.1, 0.3)
    assert MORE_DECAY.of(recipe).weight_decay == pytest.approx(0.8)
    assert LESS_DECAY.of(recipe).weight_decay == pytest.approx(0.05)
    assert Variant().of(recipe) == recipe
    assert (Variant().width(7), WIDER.width(16), TWICE_AS_WIDE.width(7)) == (7, 24, 14)


def test_costs() -> None:
    assert Variant().cost == MORE_DECAY.cost == 1
    assert LONGER.cost == 2
    assert TWICE_AS_WIDE.cost == 4
