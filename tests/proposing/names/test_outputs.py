"""What an exchange of sides does to classes and targets."""

import pytest

from autoequivariant.proposing.names.outputs import relabelled, side_moves
from autoequivariant.proposing.names.words import NUMBERED, SIDES

LEFT = next(sides for sides in SIDES if "left" in sides.first)
HOME = next(sides for sides in SIDES if "home" in sides.first)
WHITE = next(sides for sides in SIDES if "white" in sides.first)

SIDE_CASES = [
    # sides, outputs, whether classes, cycles in order (() for none), whether one negates
    (LEFT, ("B", "L", "R"), True, [((1, 2),), ()], False),
    (LEFT, ("left", "right"), True, [((0, 1),), ()], False),
    (LEFT, ("left_y", "right_y", "weight"), False, [((0, 1),), ()], False),
    (LEFT, ("left_y", "right_z"), False, [()], False),
    (HOME, ("A", "D", "H"), True, [((0, 2),), ()], False),
    (HOME, ("Away win", "Draw", "Home win"), True, [((0, 2),), ()], False),
    (HOME, ("guest", "host"), True, [((0, 1),), ()], False),
    (WHITE, ("0-1", "1-0", "1/2-1/2"), True, [((0, 1),), ()], False),
    (WHITE, ("white wins", "black wins", "draw"), True, [((0, 1),), ()], False),
    (WHITE, ("draw", "loss", "win"), True, [(), ((1, 2),)], False),
    (NUMBERED, ("player1", "player2"), True, [((0, 1),), ()], False),
    (NUMBERED, ("1", "2", "X"), True, [((0, 1),), ()], False),
    (LEFT, ("no", "yes"), True, [(), ((0, 1),)], False),
    (LEFT, ("0", "1"), True, [(), ((0, 1),)], False),
    (LEFT, ("-1", "0", "1"), True, [(), ((0, 2),), ((1, 2),), ((0, 1),)], False),
    (LEFT, ("cat", "dog", "hen"), True, [()], False),
    (LEFT, ("0", "1", "2", "3"), True, [()], False),
    (LEFT, ("margin",), False, [(), ()], True),
    (LEFT, ("u", "v"), False, [()], False),
]


@pytest.mark.parametrize(("sides", "outputs", "has_classes", "cycles", "negates"), SIDE_CASES)
def test_side_moves(
    sides: object, outputs: tuple[str, ...], has_classes: bool, cycles: object, negates: bool
) -> None:
    found = side_moves(outputs, has_classes, sides)  # type: ignore[arg-type]
    assert [move.cycles for move in found] == cycles
    assert any(move.negates for move in found) == negates


@pytest.mark.parametrize(
    ("outputs", "renamed", "expected"),
    [
        (("p1", "p2", "p3"), {"1": "2", "2": "3", "3": "1"}, ((0, 1, 2),)),
        (("p1", "p2"), {"1": "2", "2": "3", "3": "1"}, ()),
        (("p1", "p2", "none"), {"1": "2", "2": "1"}, ((0, 1),)),
        (("p1", "p_1", "p2"), {"1": "2", "2": "1"}, ()),  # the same words
        (("", "p1"), {"1": "2", "2": "1"}, ()),
    ],
)
def test_relabelled(outputs: tuple[str, ...], renamed: dict[str, str], expected: object) -> None:
    assert relabelled(outputs, renamed) == expected
