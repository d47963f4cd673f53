"""Suggested hidden domains."""

import re

import pytest

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.catalogue import default_candidates
from autoequivariant.groups.closure.hidden_domains import (
    suggested_hidden_domain,
    suggested_items,
)
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.custom.definition import DataSpec, candidate_of, resolve
from autoequivariant.groups.domain import Domain, Features, Grid, Pairs, Sequence, Volume
from autoequivariant.groups.symmetry import parse_symmetries

from .cases import STAGGER

HIDDEN: list[tuple[str, Domain, Domain]] = [
    # what the user wants of the search, with the default candidates
    ("", Grid(28, 28), Grid(14, 14)),
    ("", Grid(8, 8), Grid(4, 4)),
    ("", Grid(64, 64), Grid(16, 16)),
    ("", Grid(32, 32), Grid(16, 16)),
    ("", Grid(15, 15), Grid(5, 5)),
    ("", Grid(7, 7), Grid(7, 7)),  # a prime has no coarser grid
    ("", Sequence(100), Sequence(50)),
    ("", Sequence(1000), Sequence(250)),
    ("", Sequence(97), Sequence(97)),
    ("", Volume(8, 8, 8), Volume(4, 4, 4)),
    ("", Volume(16, 16, 16), Volume(4, 4, 4)),
    ("", Features(30), Features(30)),
    ("", Pairs(30), Pairs(30)),
    ("swap:0-1,shift:1", Pairs(91), Features(91)),
    # halves need even sides, so 6x6 is divided by 3
    ("swap_left_right,swap_top_bottom,hflip", Grid(6, 6), Grid(2, 2)),
    ("hflip,vflip", Grid(6, 6), Grid(3, 3)),
    # a step that no coarser grid has keeps the grid itself
    ("translate_x:2,swap_left_right", Grid(6, 6), Grid(6, 6)),
    ("translate_x:1,translate_x:2", Grid(1, 8), Grid(1, 8)),
    # every grid of at most 256 indices breaks the law, a larger one does not
    ("translate_x:20,swap_left_right", Grid(44, 44), Grid(22, 22)),
    # 44x44 does not either, but is larger than it has to be
    ("translate_x:40,swap_left_right", Grid(88, 88), Grid(22, 22)),
    # half as many places would add up what is half of them apart
    ("shift:1", Sequence(12), Sequence(12)),
    ("shift:2", Sequence(12), Sequence(6)),
    ("reverse,shift:1", Sequence(100), Sequence(100)),
    ("translate_x:1", Grid(28, 28), Grid(28, 28)),
    ("", Sequence(10), Sequence(10)),
    ("", Grid(9, 9), Grid(9, 9)),
    ("hflip", Grid(29, 29), Grid(29, 29)),
    ("hflip", Grid(1, 8), Grid(1, 8)),
]


def test_very_long_sequences_are_coarsened_with_a_warning() -> None:
    shift = parse_symmetries("shift:1")
    assert suggested_hidden_domain(shift, Sequence(1024)) == Sequence(1024)
    hidden = suggested_hidden_domain(shift, Sequence(2048))
    assert hidden == Sequence(256)
    (warning,) = layer_actions(shift, Sequence(2048), (hidden,)).warnings
    assert warning.endswith("use a hidden shape such as sequence:2048, or another step.")
    # but not so that outputs are no longer told apart: 205 places are odd
    assert suggested_hidden_domain(shift, Sequence(2050), outputs=2) == Sequence(205)
    assert suggested_hidden_domain([STAGGER], Sequence(2050), outputs=2) == Sequence(82)


@pytest.mark.parametrize(("names", "domain", "expected"), HIDDEN)
def test_suggested_hidden_domain(names: str, domain: Domain, expected: Domain) -> None:
    candidates = parse_symmetries(names) or default_candidates(domain)
    assert suggested_hidden_domain(candidates, domain) == expected
    assert layer_actions(candidates, domain, (expected,)).warnings == ()


def test_no_hidden_domain_is_suggested_where_a_symmetry_is_not_defined() -> None:
    with pytest.raises(SymmetryError, match=re.escape("rot90 is not defined on 3x5")):
        suggested_hidden_domain(parse_symmetries("rot90"), Grid(3, 5))


LAST: list[tuple[list[object], Domain, Domain]] = [
    (["swap:0-1", "shift:1"], Pairs(12), Features(12)),
    (["negate", {"ring": "0 1 2", "negate": 3}], Pairs(4), Features(4)),
    (["swap:0-1", "transpose"], Pairs(12), Pairs(12)),  # items do not see it
    # all signs together leave pairs as they are, but not items
    ([{"negate": 0}, {"negate": 1}], Pairs(2), Pairs(2)),
    (["rot90"], Grid(4, 4), Grid(4, 4)),
    (["swap:0-1"], Features(4), Features(4)),
]


@pytest.mark.parametrize(("mappings", "domain", "expected"), LAST)
def test_the_last_hidden_domain_of_pairs(
    mappings: list[object], domain: Domain, expected: Domain
) -> None:
    candidates = resolve(map(candidate_of, mappings), DataSpec(domain))
    assert suggested_items(candidates, domain) == expected
    assert layer_actions(candidates, domain, (domain, expected)).warnings == ()


def test_items_that_cannot_tell_outputs_apart_are_no_last_domain() -> None:
    mappings = [{"like": "transpose", "outputs": {"swap": "a <-> b"}}]
    candidates = resolve(map(candidate_of, mappings), DataSpec(Pairs(3), (), 1, ("a", "b")))
    assert suggested_items(candidates, Pairs(3), 1, 2) == Pairs(3)
