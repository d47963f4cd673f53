"""Children: each closed state and allowed width once, and the points that denote them."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations

import pytest

from autoequivariant.groups.catalogue import paper_candidates
from autoequivariant.groups.closure.lattice import Lattice
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Domain, Grid, parse_domain
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.nn.cnn.architecture import CNNArchitecture
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.nn.mlp.batched import BatchedMLP
from autoequivariant.searching.space import Space
from autoequivariant.training.child import Child
from autoequivariant.training.families.cnn.family import CNNFamily
from autoequivariant.training.families.mlp.family import MLPFamily

FEW = "rot90,hflip,vflip,swap_left_right,translate_x:2"


@cache
def architecture(names: str = FEW, channels: int = 2, final: str = "invariant") -> MLPArchitecture:
    layers = (Grid(4, 4), Grid(4, 4))
    actions = layer_actions(parse_symmetries(names), Grid(8, 8), layers)
    return MLPArchitecture(actions, 1, (channels,) * len(layers), 10, final)


@cache
def space(names: str = FEW, channels: int = 2, widths: Sequence[int] = ()) -> Space:
    return Space(MLPFamily(architecture(names, channels)), 500, widths)


def states(made: Space) -> Iterator[frozenset[int]]:
    numbers = range(len(made.names))
    for size in range(len(made.names) + 1):
        yield from map(frozenset, combinations(numbers, size))


def test_neighbours_have_one_generator_less_or_one_parameter_more() -> None:
    made = space()
    for child in made.children:
        found = made.neighbours_of(child)
        assert child not in found
        assert len(set(found)) == len(found)
        for one in found:
            less, more = sorted((child, one), key=lambda c: len(c.members))
            assert set(less.members) < set(more.members)
            added = set(more.members) - set(less.members)
            assert any(made.child({*less.members, k}) == more for k in added)
        for number in set(range(len(made.names))) - set(child.members):
            larger = made.child({*child.members, number})
            assert larger in found or not set(child.members) < set(larger.members)


# --- networks -------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("domain", "hidden", "step", "improper", "size"),
    [
        (Grid(8, 8), "4x4", 2, False, 148),
        (Grid(28, 28), "14x14,14x14", 4, False, 215),
        (Grid(28, 28), "20x20,20x20", 4, True, 216),
    ],
)
def test_the_number_of_networks_of_the_papers_candidates(
    domain: Domain, hidden: str, step: int, improper: bool, size: int
) -> None:
    layers = tuple(parse_domain(text) for text in hidden.split(","))
    candidates = paper_candidates(step=step)
    actions = layer_actions(candidates, domain, layers, allow_improper=improper)
    made = Space(MLPFamily(MLPArchitecture(actions, 1, (1,) * len(layers), 10, "dense")), 500)
    assert made.size == len(made.children) == len(set(made.children)) == size
    assert made.children[0] == made.baseline == Child((), (), 1)
    generators = [len(child.generators) for child in made.children]
    assert generators == sorted(generators)


@pytest.mark.parametrize("limit", [1, 5, 17, 18, 500])
def test_states_with_one_closure_are_one_child(limit: int) -> None:
    """Even if not all closed states are listed."""
    made = Space(MLPFamily(architecture()), limit)
    assert made.size == (18 if limit >= 18 else None)
    assert len(made.children) == min(limit, 18)
    found: dict[tuple[int, ...], Child] = {}
    for state in states(made):
        child = made.child(state)
        assert state <= set(child.members)
        assert found.setdefault(child.members, child) == child
        generators = made.smallest_generators(child)
        assert made.child(generators) == child
        assert len(generators) <= len(child.members)
    assert set(found) == {
        n.members for n in Lattice(architecture().actions).closed_states().closed_states
    }
    assert set(made.children) <= set(found.values())


def test_generators_are_smallest_even_if_few_states_are_listed() -> None:
    listed, unlisted = Space(MLPFamily(architecture()), 500), Space(MLPFamily(architecture()), 1)
    for child in listed.children:
        other = unlisted.child(child.members)
        assert other.key == child.key
        assert len(unlisted.smallest_generators(other)) == len(child.generators)


# --- widths ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("own", [1, 2, 4])
@pytest.mark.parametrize("widths", [(), (2,), (1, 2, 4, 8), (8, 8, 3, 64)])
def test_a_wide_child_is_no_larger_than_the_baseline(own: int, widths: tuple[int, ...]) -> None:
    made = space(channels=own, widths=widths)
    assert made.widths == tuple(sorted({own, *widths}))
    assert made.has_widths == (len(made.widths) > 1)
    baseline = made.count_parameters(made.baseline)
    expected = {
        Child(network.members, network.generators, width)
        for network in made.enumeration.closed_states
        for width in made.widths
        if width <= own
        or architecture(channels=width).count_parameters(network.generators) <= baseline
    }
    assert set(made.children) == expected
    assert len(made.children) == len(expected) == made.size
    assert len({child.key for child in made.children}) == made.size


def test_the_baseline_has_the_default_width() -> None:
    made = space(channels=4, widths=(1, 2, 4, 8, 16))
    assert made.baseline == Child((), (), 4)
    assert {c.width for c in made.children if not c.members} == {1, 2, 4}
    whole = max(made.children, key=lambda child: len(child.members))
    assert {c.width for c in made.children if c.members == whole.members} == {1, 2, 4, 8, 16}


def test_a_child_gets_the_largest_allowed_width() -> None:
    made = space(channels=4, widths=(1, 2, 4, 8, 16))
    allowed: dict[tuple[int, ...], set[int]] = {}
    for child in made.children:
        allowed.setdefault(child.members, set()).add(child.width)
    assert len({frozenset(widths) for widths in allowed.values()}) >= 3  # it does depend on it
    for members, widths in allowed.items():
        for most in made.widths:
            assert made.child(members, most).width == max(w for w in widths if w <= most)
        assert made.child(members).width == 4


@pytest.mark.parametrize("width", [1, 2, 3, 5, 1000])
def test_an_unsearched_width_becomes_the_next_smaller_one(width: int) -> None:
    made = space(channels=2, widths=(2, 4))
    assert made.child((), width).width == 2
    whole = range(len(made.names))
    assert made.child(whole, width).width == (4 if width >= 4 else 2)


# --- parameters -----------------------------------------------------------------------------------


@pytest.mark.parametrize("final", ["invariant", "dense"])
@pytest.mark.parametrize("names", [FEW, "hflip,negate"])
def test_parameters_are_counted_as_in_the_networks(names: str, final: str) -> None:
    made = Space(MLPFamily(architecture(names, 2, final)), 500, (1, 2, 4, 8))
    for width in made.widths:
        children = [child for child in made.children if child.width == width]
        wide = architecture(names, width, final)
        model = BatchedMLP(
            wide,
            [wide.sharings(c.generators) for c in children],
            [(0, *c.members) for c in children],
        )
        assert model.n_parameters_per_child == [made.count_parameters(child) for child in children]


def test_the_number_of_parameters_does_not_depend_on_the_generators() -> None:
    listed, unlisted = (
        Space(MLPFamily(architecture()), 500, (2, 4)),
        Space(MLPFamily(architecture()), 1, (2, 4)),
    )
    for child in listed.children:
        assert unlisted.count_parameters(unlisted.child(*child.key)) == listed.count_parameters(
            child
        )


# --- points ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [3, 500])
@pytest.mark.parametrize("widths", [(), (1, 2, 4)])
def test_a_point_denotes_its_child(limit: int, widths: tuple[int, ...]) -> None:
    made = Space(MLPFamily(architecture()), limit, widths)
    names = list(made.distributions)
    assert names == [*made.names, *(["channels"] if widths else [])]
    for child in space(widths=widths).children:
        child = made.child(*child.key)
        point = made.point(child)
        assert list(point) == names
        assert all(point[name] in made.distributions[name].choices for name in names)
        assert made.child_at(point) == child


def test_every_point_denotes_a_child() -> None:
    made = space(widths=(1, 2, 4, 8))
    known = set(made.children)
    for state in states(made):
        on = {name: number in state for number, name in enumerate(made.names)}
        for width in made.widths:
            child = made.child_at({**on, "channels": width})
            assert child in known
            assert child.width <= width
            assert child.key[0] == made.child(state).members


# --- what does not hold, and what does ------------------------------------------------------------


def made_with(excluded: Sequence[int] = (), holding: Sequence[int] = ()) -> Space:
    return Space(MLPFamily(architecture()), 500, (), excluded, holding)


@pytest.mark.parametrize("excluded", [(0,), (1, 3), (0, 1, 2, 3, 4)])
def test_no_child_has_an_excluded_candidate(excluded: tuple[int, ...]) -> None:
    made, whole = made_with(excluded), space()
    assert list(made.distributions) == [whole.names[n] for n in made.numbers]
    assert not set(made.numbers) & set(excluded)
    allowed = [child.key for child in whole.children if not set(child.members) & set(excluded)]
    assert sorted(child.key for child in made.children) == sorted(allowed)
    for state in states(made):
        point = {made.names[n]: n in state for n in made.numbers}
        child = made.child_at(point)
        assert child in made.children
        assert made.child_at(made.point(child)) == child
        if not whole.family.closure(state) & set(excluded):
            assert child.key == whole.child(state).key


def test_a_state_that_implies_an_excluded_candidate_is_cut() -> None:
    # rot90 and hflip generate vflip.
    assert space().child({0, 1}).members == (0, 1, 2)
    assert made_with([2]).child({0, 1}).members == (0,)


def test_the_start_is_the_closure_of_what_holds() -> None:
    made = made_with(holding=(0, 1))
    assert made.start.members == (0, 1, 2)
    assert made.preferred_generators(made.start) == (0, 1)
    found = [child.members for child in made.first]
    fewer, more = [(0,), (1,)], [made.child({0, 1, n}).members for n in (3, 4)]
    assert sorted(found[2:4]) == fewer
    assert (found[0], found[1], found[4:]) == ((), (0, 1, 2), list(dict.fromkeys(more)))


def test_generators_are_of_what_holds_where_that_is_enough() -> None:
    made = made_with(holding=(1, 2))  # rot180 is not a candidate, so hflip and vflip are needed
    assert made.preferred_generators(made.child({0, 1, 2})) == (1, 0)
    assert made_with(holding=(0, 2)).preferred_generators(made.child({0, 1})) == (0, 2)


def test_where_nothing_holds_the_singles_come_first() -> None:
    made = made_with()
    singles = [made.child({number}) for number in made.numbers]
    assert made.start == made.baseline
    assert list(made.first) == list(dict.fromkeys([made.baseline, *singles]))


def test_neighbours_have_one_level_more_or_less() -> None:
    names = "rot180,rot180@3,rot180@2,rot180@1,rot180@0"
    family = CNNFamily(CNNArchitecture(1, Grid(28, 28), 2), parse_symmetries(names), ())
    space = Space(family, 99, one_at_a_time=True)

    def neighbours(*state: int, of: Space = space) -> list[tuple[int, ...]]:
        return [child.members for child in of.neighbours_of(of.child(state))]

    assert neighbours() == [(0, 1, 2, 3, 4), (1, 2, 3, 4), (3, 4)]
    assert neighbours(0) == [(), (1, 2, 3, 4)]
    assert neighbours(2) == [(), (3, 4), (0, 1, 2, 3, 4), (1, 2, 3, 4)]
    # What is refuted may be kept up to a level.
    refuted = Space(family, 99, excluded=[0])
    assert neighbours(of=refuted) == [(1, 2, 3, 4), (3, 4)]
    assert refuted.size == 5
