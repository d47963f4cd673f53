"""Symmetries are read by what they do: turns, reflections and cyclic shifts, named or custom."""

import numpy as np
import pytest

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.actions import ACTIONS
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.custom.definition import DataSpec, candidate_of, resolve
from autoequivariant.groups.domain import Domain, Features, Grid, Sequence, Volume
from autoequivariant.groups.point_group.element import PointElement
from autoequivariant.groups.point_group.moves import (
    POINT_SYMMETRIES,
    CyclicShift,
    Move,
    move_of,
    named_elements,
)
from autoequivariant.groups.symmetry import Symmetry

ROWS = list(range(12))
GRID = np.arange(12).reshape(3, 4)
READ: list[tuple[object, Domain, int, int, Move]] = [
    ("rot90", Grid(5, 5), 1, 1, PointElement((2, -1))),
    ("hflip", Grid(3, 4), 1, 1, PointElement((1, -2))),
    ("rot90_xz", Volume(4, 3, 4), 2, 1, PointElement((3, 2, -1))),
    ("reverse", Sequence(7), 1, 1, PointElement((-1,))),
    ("reverse_complement", Sequence(7), 4, 1, PointElement((-1,), (4, 3, 2, 1))),
    ("negate", Grid(3, 4), 2, 1, PointElement((1, 2), (-1, -2))),
    ("translate_x:3", Grid(3, 4), 1, 1, CyclicShift((1,))),
    ("translate_z:1", Volume(4, 5, 6), 1, 1, CyclicShift((0,))),
    ("shift:5", Sequence(12), 1, 1, CyclicShift((0,))),
    ({"like": "hflip", "outputs": {"swap": "a <-> b"}}, Grid(3, 4), 1, 2,
     PointElement((1, -2), (), (2, 1))),
    ({"channels": {"swap": "0 <-> 2"}}, Grid(3, 4), 3, 2, PointElement((1, 2), (3, 2, 1))),
    ({"image": GRID[::-1, ::-1].ravel().tolist()}, Grid(3, 4), 1, 2, PointElement((-1, -2))),
    ({"image": ROWS[::-1], "negate": "all"}, Sequence(12), 2, 2, PointElement((-1,), (-1, -2))),
    ({"image": [*ROWS[5:], *ROWS[:5]]}, Sequence(12), 1, 2, CyclicShift((0,))),
    ({"image": np.roll(GRID, (1, 1), (0, 1)).ravel().tolist()}, Grid(3, 4), 1, 2,
     CyclicShift((0, 1))),
    ({"negate": "all", "channels": {"negate": "all"}}, Sequence(3), 1, 2, PointElement((1,))),
    ({"image": [2, 1, 0]}, Grid(1, 3), 1, 2, PointElement((1, -2))),
]  # fmt: skip


def read(record: object, domain: Domain, channels: int, outputs: int) -> Move:
    names = ("a", "b", "c")[:outputs]
    spec = DataSpec(domain, (), channels, names)
    (symmetry,) = resolve([candidate_of(record)], spec)
    return move_of(symmetry, domain, channels, outputs)


@pytest.mark.parametrize(("record", "domain", "channels", "outputs", "move"), READ)
def test_what_a_convolution_can_have(
    record: object, domain: Domain, channels: int, outputs: int, move: Move
) -> None:
    assert read(record, domain, channels, outputs) == move


REFUSED: list[tuple[object, Domain, str]] = [
    ("swap_left_right", Grid(8, 8), "circular padding would add all other shifts to a swap"),
    ("shift:4", Sequence(8), "to a swap of halves"),
    ("cycle_quadrants", Grid(8, 8), "does not move all positions of a kernel alike"),
    ("swap_top_bottom_left", Grid(8, 8), "does not move all positions"),
    ({"swap": "0 <-> 1"}, Sequence(8), "does not move all positions"),
    ({"negate": [0, 3]}, Sequence(8), "changes the signs of some positions only"),
    ("swap:0-1", Features(8), "features:8 has no axes"),
    ({"like": "shift:3", "channels": {"swap": "0 <-> 1"}}, Sequence(8), "moves channels, signs"),
    ({"image": [1, 0, *range(7, 1, -1)]}, Sequence(8), "does not move all"),  # about no centre
]


@pytest.mark.parametrize(("record", "domain", "message"), REFUSED)
def test_what_it_cannot_have(record: object, domain: Domain, message: str) -> None:
    with pytest.raises(SymmetryError, match=rf"{message}.*: use --network mlp\.$"):
        read(record, domain, 2, 2)


@pytest.mark.parametrize(
    ("record", "order", "accepted"),
    [
        ({"like": "hflip", "outputs": {"swap": "a <-> b"}}, 2, True),
        ({"like": "hflip", "outputs": {"ring": "a b c"}}, 3, False),
        ({"like": "rot90", "outputs": {"swap": "a <-> b"}}, 2, True),
        ({"like": "rot90", "outputs": {"ring": "a b c"}}, 3, False),
        ({"channels": {"ring": "0 1 2"}, "outputs": {"ring": "a b c"}}, 3, True),
        ({"channels": {"swap": "0 <-> 1"}, "outputs": {"ring": "a b c"}}, 3, False),
        ({"negate": "all", "outputs": "negate"}, 2, True),
        ({"negate": "all", "channels": {"negate": "all"}, "outputs": "negate"}, 2, False),
    ],
)
def test_what_contradicts_itself_is_refused_as_by_mlps(
    record: dict[str, object], order: int, accepted: bool
) -> None:
    domain, hidden = Grid(6, 6), (Grid(6, 6),)
    has_classes = record.get("outputs") != "negate"
    spec = DataSpec(domain, (), 3, ("a", "b", "c"), has_classes=has_classes)
    named = resolve([candidate_of({"name": "mine", **record})], spec)
    if accepted:
        assert move_of(named[0], domain, 3, 3)
        assert layer_actions(named, domain, hidden, channels=3, outputs=3).warnings == ()
        return
    with pytest.raises(SymmetryError) as by_mlp:
        layer_actions(named, domain, hidden, channels=3, outputs=3)
    with pytest.raises(SymmetryError) as by_cnn:
        move_of(named[0], domain, 3, 3)
    assert str(by_cnn.value) == str(by_mlp.value)
    assert f"order {order} on the outputs, so it contradicts itself" in str(by_cnn.value)


def test_what_is_not_defined_is_refused_as_everywhere() -> None:
    with pytest.raises(SymmetryError, match="rot90 is not defined on 3x4: a rotation by 90"):
        move_of(Symmetry("rot90"), Grid(3, 4), 1, 1)
    with pytest.raises(SymmetryError, match="needs four channels"):
        move_of(Symmetry("reverse_complement"), Sequence(9), 3, 1)


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_every_named_symmetry_is_a_move_or_refused(dimensions: int) -> None:
    """The named elements are all there are: on an even side every action is read by its array."""
    domain = {1: Sequence(12), 2: Grid(12, 12), 3: Volume(6, 6, 6)}[dimensions]
    found = set()
    for name, action in ACTIONS.items():
        if domain.kind in action.moves:
            symmetry = Symmetry(name, (1,) * len(action.parameters))
            try:
                move = move_of(symmetry, domain, 4, 1)
            except SymmetryError:
                continue
            if isinstance(move, PointElement):
                found.add(name)
                assert move.action(domain).image.tolist() == symmetry.action(domain).image.tolist()
    assert found == set(POINT_SYMMETRIES[dimensions])
    names = named_elements(dimensions, 4)
    assert [s.name for s in names.values()] == list(POINT_SYMMETRIES[dimensions])
