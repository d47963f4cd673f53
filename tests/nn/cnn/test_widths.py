"""Channels follow from the orders of the groups: as many parameters as the baseline, about."""

import pytest

from autoequivariant.nn.cnn.widths import Widths, find_widths


def count(widths: Widths) -> int:
    """A convolution a level, of one entry, that reads the maps of the level before."""
    found, before = 0, widths.pairs[0][0] * 100
    for level, (first, _) in enumerate(widths.pairs):
        found += before * first * widths.orders[level]
        before = widths.into(level, first)
    return found


def test_the_baseline_has_the_width() -> None:
    assert find_widths(16, (1, 1, 1), count) == Widths.uniform((1, 1, 1), 16, 32)


@pytest.mark.parametrize("orders", [(4, 1, 1), (4, 4, 1), (8, 2, 1, 1), (2, 2, 2, 1), (4, 4, 4)])
def test_about_as_many_parameters(orders: tuple[int, ...]) -> None:
    found = find_widths(48, orders, count)
    trivial = find_widths(48, (1,) * len(orders), count)
    assert count(found) == pytest.approx(count(trivial), rel=0.1)
    # A channel has a map for each element: fewer channels where there are more.
    firsts = [first for first, _ in found.pairs]
    assert firsts == sorted(firsts)


def test_large_groups_have_fewer_maps() -> None:
    assert find_widths(16, (48, 48), count).pairs == ((1, 2),)
    assert find_widths(16, (48, 48, 1), count).pairs[0][0] == 1


def test_maps_are_channels_of_the_next_level() -> None:
    widths = Widths((8, 4, 1), ((3, 6), (4, 8)))
    assert widths.into(0, 3) == 6
    assert widths.into(1, 8) == 32
