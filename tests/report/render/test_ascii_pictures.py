"""Pictures in characters show what a symmetry does."""

import pytest

from autoequivariant.groups.catalogue import default_candidates
from autoequivariant.groups.domain import Grid, Sequence
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.report.render.ascii_pictures import (
    draw,
    moved_picture,
    sample_picture,
    small_domain,
)


def test_pictures_move() -> None:
    grid = Grid(8, 8)
    letter = draw(sample_picture(grid))
    assert letter == ["·▄▄▄▄▄··", "·█······", "·█▀▀▀···", "·▀·····▀"]
    moved = {str(s): moved_picture(s, grid) for s in default_candidates(grid)}
    assert moved["hflip"] == [line[::-1] for line in letter]
    assert moved["swap_left_right"] == [line[4:] + line[:4] for line in letter]
    assert moved["translate_x:2"] == [line[-2:] + line[:-2] for line in letter]
    assert moved["swap_top_bottom"] == letter[2:] + letter[:2]
    assert len({tuple(lines) for lines in moved.values()} | {tuple(letter)}) == len(moved) + 1


def test_orders_of_a_sequence() -> None:
    [shift, reverse] = parse_symmetries("shift:1,reverse")
    assert moved_picture(shift, Sequence(4)) == ["3 0 1 2"]
    assert moved_picture(reverse, Sequence(4)) == ["3 2 1 0"]


@pytest.mark.parametrize(
    ("domain", "names", "expected"),
    [
        (Grid(28, 28), "hflip,translate_x:4", Grid(7, 7)),
        (Grid(28, 28), "swap_left_right", Grid(14, 14)),
        (Grid(8, 8), "hflip", Grid(8, 8)),
        (Grid(3, 5), "hflip", Grid(3, 5)),
    ],
)
def test_small_domain(domain: Grid, names: str, expected: Grid) -> None:
    assert small_domain(domain, parse_symmetries(names)) == expected
