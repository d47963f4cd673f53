"""The counts that design.md states, and closures by name; the laws are in laws/."""

import pytest

from autoequivariant.groups.catalogue import paper_candidates
from autoequivariant.groups.closure.lattice import ClosedState, Lattice
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Features, Grid
from autoequivariant.groups.symmetry import Symmetry, parse_symmetries

COUNTS = [
    (4, 28, (20, 20), 216),  # the paper's, with its mistake (law 4)
    (4, 28, (14, 14), 215),
    (2, 8, (4,), 148),
]


def paper_lattice(step: int, side: int, hidden: tuple[int, ...]) -> Lattice:
    grids = [Grid(h, h) for h in hidden]
    actions = layer_actions(paper_candidates(step), Grid(side, side), grids, allow_improper=True)
    return Lattice(actions)


@pytest.mark.parametrize(("step", "side", "hidden", "count"), COUNTS)
def test_distinct_networks_of_the_papers_twelve(
    step: int, side: int, hidden: tuple[int, ...], count: int
) -> None:
    found = paper_lattice(step, side, hidden).closed_states()
    assert len(found.closed_states) == count
    assert found.complete
    assert found.closed_states[0] == ClosedState((), ())
    assert max(found.closed_states, key=lambda n: len(n.members)).members == tuple(range(12))
    assert len({n.members for n in found.closed_states}) == count


def closure_by_name(lattice: Lattice, names: str) -> str:
    candidates = lattice.actions.candidates
    closed = lattice.closure(candidates.index(s) for s in parse_symmetries(names))
    return ",".join(str(candidates[c]) for c in sorted(closed))


CLOSURES = [
    ("", ""),
    ("hflip", "hflip"),
    ("rot90,vflip", "rot90,hflip,vflip"),
    (
        "swap_top_bottom_left,swap_top_bottom_right",
        "swap_top_bottom,swap_top_bottom_left,swap_top_bottom_right",
    ),
    ("hflip,swap_left_right", "hflip,swap_left_right"),
]


@pytest.mark.parametrize(("names", "closed"), CLOSURES)
def test_closures_on_digits(names: str, closed: str) -> None:
    assert closure_by_name(paper_lattice(2, 8, (4,)), names) == closed


def test_smallest_generators_of_everything() -> None:
    lattice = paper_lattice(2, 8, (4,))
    everything = range(12)
    generators = lattice.smallest_generators(everything)
    assert lattice.closure(generators) == set(everything)
    by_size = [n for n in lattice.closed_states().closed_states if n.members == tuple(everything)]
    assert len(generators) == len(by_size[0].generators)


def test_a_negated_column_and_a_swap_make_the_other_column_negated() -> None:
    domain = Features(2)
    candidates = parse_symmetries("swap:0-1,negate_column:0,negate_column:1,negate")
    lattice = Lattice(layer_actions(candidates, domain, (domain,)))
    assert lattice.closure({0, 1}) == {0, 1, 2, 3}
    assert lattice.closure({1, 2}) == {1, 2, 3}
    assert lattice.closure({1}) == {1}


def test_negation_is_in_every_linear_layer_but_not_in_its_bias() -> None:
    domain = Features(2)
    candidates = (Symmetry("swap", (0, 1)), Symmetry("negate"))
    assert Lattice(layer_actions(candidates, domain, (domain,))).closure({0}) == {0}


@pytest.mark.parametrize("excluded", [{0}, {1, 2}, {4, 8}, set(range(12))])
def test_excluded_candidates_are_in_no_closed_state(excluded: set[int]) -> None:
    lattice = paper_lattice(2, 8, (4,))
    whole = lattice.closed_states().closed_states
    found = lattice.closed_states(excluded=frozenset(excluded)).closed_states
    expected = {one.members for one in whole if not excluded & set(one.members)}
    assert {one.members for one in found} == expected
    assert len(found) == len(expected)
    sizes = {one.members: len(one.generators) for one in whole}
    assert all(len(one.generators) == sizes[one.members] for one in found)
