"""Every action on a small picture, by hand or by a line of NumPy; and where it is not defined."""

import numpy as np
import pytest

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.actions import ACTIONS
from autoequivariant.groups.domain import (
    Domain,
    Features,
    Grid,
    Pairs,
    Sequence,
    Volume,
    make_domain,
)
from autoequivariant.groups.symmetry import Symmetry

PICTURE = ["abcd", "efgh", "ijkl", "mnop"]

# What becomes of the picture; a letter that stays is one that the symmetry leaves alone.
PICTURES = {
    "rot90": ["dhlp", "cgko", "bfjn", "aeim"],
    "rot180": ["ponm", "lkji", "hgfe", "dcba"],
    "hflip": ["dcba", "hgfe", "lkji", "ponm"],
    "vflip": ["mnop", "ijkl", "efgh", "abcd"],
    "transpose": ["aeim", "bfjn", "cgko", "dhlp"],
    "antitranspose": ["plhd", "okgc", "njfb", "miea"],
    "translate_x:1": ["dabc", "hefg", "lijk", "pmno"],
    "translate_y:1": ["mnop", "abcd", "efgh", "ijkl"],
    "translate_y:3": ["efgh", "ijkl", "mnop", "abcd"],
    "cycle_quadrants": ["ijab", "mnef", "klcd", "opgh"],
    "swap_left_right": ["cdab", "ghef", "klij", "opmn"],
    "swap_top_bottom": ["ijkl", "mnop", "abcd", "efgh"],
    "swap_top_bottom_left": ["ijcd", "mngh", "abkl", "efop"],
    "swap_top_bottom_right": ["abkl", "efop", "ijcd", "mngh"],
    "swap_left_right_top": ["cdab", "ghef", "ijkl", "mnop"],
    "swap_left_right_bottom": ["abcd", "efgh", "klij", "opmn"],
}

VOLUME, SERIES = np.arange(64.0).reshape(4, 4, 4) + 1, np.arange(6.0) + 1
MATRIX, EXCHANGED = np.arange(25.0).reshape(5, 5) + 1, np.array([0, 3, 2, 1, 4])
SWAPPED, NEGATED = np.array([1.0, 5, 3, 4, 2, 6]), np.array([1.0, 2, -3, 4, 5, 6])
ARRAYS = [
    ("translate_x:1", VOLUME, np.roll(VOLUME, 1, 2)),
    ("translate_y:1", VOLUME, np.roll(VOLUME, 1, 1)),
    ("translate_z:1", VOLUME, np.roll(VOLUME, 1, 0)),
    ("rot90_xy", VOLUME, np.rot90(VOLUME, 1, (1, 2))),
    ("rot90_yz", VOLUME, np.rot90(VOLUME, 1, (0, 1))),
    ("rot90_xz", VOLUME, np.rot90(VOLUME, 1, (0, 2))),
    ("flip_x", VOLUME, VOLUME[:, :, ::-1]),
    ("flip_y", VOLUME, VOLUME[:, ::-1]),
    ("flip_z", VOLUME, VOLUME[::-1]),
    ("negate", VOLUME, -VOLUME),
    ("negate", VOLUME[0], -VOLUME[0]),
    ("reverse", SERIES, SERIES[::-1]),
    ("reverse_complement", SERIES, SERIES[::-1]),
    ("shift:2", SERIES, np.roll(SERIES, 2)),
    ("swap_halves", SERIES, np.roll(SERIES, 3)),
    ("negate", SERIES, -SERIES),
    ("swap:1-4", SERIES, SWAPPED),
    ("negate_column:2", SERIES, NEGATED),
    ("swap:1-3", MATRIX, MATRIX[EXCHANGED][:, EXCHANGED]),
    ("shift:2", MATRIX, np.roll(MATRIX, (2, 2), (0, 1))),
    ("reverse", MATRIX, MATRIX[::-1, ::-1]),
    ("transpose", MATRIX, MATRIX.T),
    ("negate", MATRIX, -MATRIX),
]


def domains_of(text: str, shape: tuple[int, ...]) -> list[Domain]:
    kinds = ACTIONS[Symmetry.parse(text).name].moves
    every = {1: ["sequence", "features"], 2: ["grid", "pairs"], 3: ["volume"]}[len(shape)]
    return [make_domain(kind, shape) for kind in every if kind in kinds]


@pytest.mark.parametrize("text", PICTURES)
def test_what_a_symmetry_does_to_a_picture(text: str) -> None:
    letters = np.array([ord(letter) for letter in "".join(PICTURE)])
    moved = Symmetry.parse(text).action(Grid(4, 4)).apply(letters)
    rows = ["".join(map(chr, row)) for row in moved.reshape(4, 4)]
    assert rows == PICTURES[text]


@pytest.mark.parametrize(("text", "before", "after"), ARRAYS)
def test_what_a_symmetry_does_to_an_array(text: str, before: np.ndarray, after: np.ndarray) -> None:
    domains = domains_of(text, before.shape)
    assert domains
    for domain in domains:
        moved = Symmetry.parse(text).action(domain).apply(before.ravel())
        assert np.array_equal(moved.reshape(before.shape), after), domain


def test_every_entry_of_the_table_was_looked_at_on_every_kind_of_domain() -> None:
    seen = {(text.partition(":")[0], "grid") for text in PICTURES}
    for text, before, _ in ARRAYS:
        name = text.partition(":")[0]
        seen |= {(name, domain.kind) for domain in domains_of(text, before.shape)}
    assert seen == {(name, kind) for name, action in ACTIONS.items() for kind in action.moves}


# Not defined there, why, and a domain where it is.
UNDEFINED: list[tuple[str, Domain, str, Domain]] = [
    ("rot90", Grid(3, 5), "two equal sides", Grid(5, 5)),
    ("transpose", Grid(3, 5), "two equal sides", Grid(3, 3)),
    ("antitranspose", Grid(3, 5), "two equal sides", Grid(3, 3)),
    ("rot90_yz", Volume(2, 3, 3), "two equal sides", Volume(3, 3, 2)),
    ("translate_x:4", Grid(9, 4), "between 1 and 3 on a side of 4", Grid(4, 5)),
    ("translate_y:0", Grid(4, 4), "between 1 and 3", Grid(4, 4)),
    ("translate_z:2", Volume(2, 5, 5), "between 1 and 1", Volume(3, 1, 1)),
    ("shift:8", Sequence(8), "between 1 and 7", Sequence(9)),
    ("swap_left_right", Grid(4, 5), "a side of 5 has no two equal halves", Grid(5, 4)),
    ("swap_top_bottom", Grid(5, 4), "a side of 5 has no two equal halves", Grid(4, 5)),
    ("swap_top_bottom_left", Grid(4, 5), "a side of 5 has no two equal halves", Grid(4, 6)),
    ("swap_left_right_top", Grid(5, 4), "a side of 5 has no two equal halves", Grid(6, 4)),
    ("cycle_quadrants", Grid(4, 5), "two even sides", Grid(4, 6)),
    ("swap_halves", Sequence(5), "a side of 5 has no two equal halves", Sequence(6)),
    ("swap:1-1", Features(3), "two different columns between 0 and 2", Features(3)),
    ("swap:0-3", Features(3), "two different columns between 0 and 2", Features(4)),
    ("swap:0-3", Pairs(3), "two different items between 0 and 2", Pairs(4)),
    ("shift:3", Pairs(3), "between 1 and 2 on a side of 3", Pairs(4)),
    ("rot90", Pairs(3), "acts on domains of kind grid", Grid(3, 3)),
    ("negate_column:3", Features(3), "between 0 and 2", Features(4)),
    ("hflip", Sequence(4), "acts on domains of kind grid", Grid(1, 4)),
    ("reverse", Grid(4, 4), "of kind sequence and features", Sequence(4)),
]


@pytest.mark.parametrize(("text", "domain", "reason", "twin"), UNDEFINED)
def test_where_a_symmetry_is_not_defined(
    text: str, domain: Domain, reason: str, twin: Domain
) -> None:
    symmetry = Symmetry.parse(text)
    assert not symmetry.is_defined_on(domain)
    with pytest.raises(SymmetryError, match=reason) as refusal:
        symmetry.action(domain)
    assert str(refusal.value).startswith(f"{text} is not defined on {domain}: ")
    if twin != domain:
        assert symmetry.is_defined_on(twin)


def test_rows_need_not_be_as_many_as_columns_for_quadrants() -> None:
    """A quarter of a 2x4 picture goes where the next quarter was."""
    moved = Symmetry("cycle_quadrants").action(Grid(2, 4)).apply(np.arange(8)).reshape(2, 4)
    assert moved.tolist() == [[4, 5, 0, 1], [6, 7, 2, 3]]


@pytest.mark.parametrize("name", ACTIONS)
def test_every_entry_says_what_it_does_and_scales_along_an_axis_it_has(name: str) -> None:
    action = ACTIONS[name]
    assert action.description == action.description.strip().removesuffix(".")
    assert Symmetry(name, tuple(range(len(action.parameters)))).description == action.description
    assert (action.axis is not None) == (action.parameters == ("step",))
