"""Law 5: closures, and the distinct networks of a candidate list."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoequivariant.groups.catalogue import default_candidates
from autoequivariant.groups.closure.lattice import Lattice
from autoequivariant.groups.closure.layer_actions import LayerActions, layer_actions
from autoequivariant.groups.domain import Features, Sequence
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry

from .random_groups import IMAGES, permutations
from .slow_twins import pair_group, pair_orbits_by_enumeration, same_orbits

Subset = frozenset[int]


def stacked(rows: list[tuple[Permutation, ...]]) -> LayerActions:
    """Layer actions of candidates whose names do not matter."""
    names = tuple(Symmetry("swap", (0, k + 1)) for k in range(len(rows)))
    return LayerActions(
        tuple(Sequence(g.size) for g in rows[0]), names, tuple(rows), tuple(g.size for g in rows[0])
    )


@st.composite
def candidate_lists(draw: st.DrawFn) -> LayerActions:
    """Up to four candidates on an input and two hidden domains."""
    signed = draw(st.booleans())
    size = draw(st.integers(2, 4 - signed))
    inputs = draw(st.lists(permutations(size, signed), min_size=1, max_size=4))
    images = draw(st.lists(st.sampled_from(IMAGES), min_size=2, max_size=2))
    return stacked([(g, *(image(g) for image in images)) for g in inputs])


def subsets(actions: LayerActions) -> list[Subset]:
    """All states, smallest first."""
    numbers = range(len(actions.candidates))
    return [frozenset(s) for k in range(len(numbers) + 1) for s in combinations(numbers, k)]


def network_by_enumeration(actions: LayerActions, state: Subset) -> bytes:
    """Equal for states whose layers share weights and biases in the same way."""
    found = b""
    for layer in range(len(actions.domains) - 1):
        rows = [actions.permutations[c] for c in sorted(state)]
        outs, ins = [r[layer + 1] for r in rows], [r[layer] for r in rows]
        n_out, n_in = actions.domains[layer + 1].size, actions.domains[layer].size
        for acting, n in ((ins, n_in), ([Permutation.identity(1)] * len(outs), 1)):
            group = pair_group(outs, acting, n_out, n)
            found += b"".join(a.tobytes() for a in pair_orbits_by_enumeration(group, n_out, n))
    return found


@pytest.mark.slow
@given(candidate_lists())
def test_closures_and_networks_are_those_found_by_visiting_all_subsets(
    actions: LayerActions,
) -> None:
    network = {s: network_by_enumeration(actions, s) for s in subsets(actions)}
    numbers = range(len(actions.candidates))
    lattice = Lattice(actions)
    smallest: dict[Subset, Subset] = {}
    for state in network:
        closed = frozenset(c for c in numbers if network[state | {c}] == network[state])
        assert lattice.closure(state) == closed
        smallest.setdefault(closed, state)
    found = lattice.closed_states()
    assert found.complete
    assert {frozenset(n.members) for n in found.closed_states} == set(smallest)
    assert len(found.closed_states) == len(smallest) == len(set(network.values()))
    for n in found.closed_states:
        least = smallest[frozenset(n.members)]
        for generators in (n.generators, Lattice(actions).smallest_generators(n.members)):
            assert len(generators) == len(least)
            assert network[frozenset(generators)] == network[least]
    sizes = [len(n.generators) for n in found.closed_states]
    assert sizes == sorted(sizes)


@given(candidate_lists())
def test_closure_is_extensive_monotone_and_idempotent(actions: LayerActions) -> None:
    lattice = Lattice(actions)
    closures = {s: lattice.closure(s) for s in subsets(actions)}
    for state, closed in closures.items():
        assert state <= closed
        assert closures[closed] == closed
        assert all(closed <= closures[larger] for larger in closures if state <= larger)


@settings(max_examples=40)  # each computes the orbits of all its states
@given(candidate_lists())
def test_closures_do_not_depend_on_what_was_asked_before(actions: LayerActions) -> None:
    asked_before = Lattice(actions)
    asked_before.closed_states()
    for state in subsets(actions):
        assert asked_before.closure(state) == Lattice(actions).closure(state)


@pytest.mark.slow
@settings(max_examples=40)  # each computes the orbits of all its states
@given(candidate_lists())
def test_orbits_of_a_state_are_those_of_its_closure(actions: LayerActions) -> None:
    lattice = Lattice(actions)
    for state in subsets(actions):
        for layer in range(len(actions.sizes) - 1):
            for orbits in (actions.weight_orbits, actions.bias_orbits):
                assert same_orbits(orbits(layer, state), orbits(layer, lattice.closure(state)))


@given(candidate_lists(), st.integers(0, 20))
def test_a_limit_gives_the_first_networks(actions: LayerActions, limit: int) -> None:
    whole = Lattice(actions).closed_states().closed_states
    cut = Lattice(actions).closed_states(limit)
    assert cut.closed_states == whole[:limit]
    assert cut.complete == (len(whole) <= limit)


def many_candidates() -> LayerActions:
    swaps = [Symmetry("swap", pair) for pair in combinations(range(10), 2)]
    return layer_actions(swaps[:40], Features(10), (Features(10),))


def test_forty_candidates_with_a_limit_end() -> None:
    """Their 2^40 states are never visited."""
    found = Lattice(many_candidates()).closed_states(limit=200)
    assert len(found.closed_states) == 200
    assert not found.complete


def test_generators_beyond_the_limit_are_irredundant() -> None:
    actions = many_candidates()
    lattice = Lattice(actions)
    everything = frozenset(range(40))
    generators = lattice.smallest_generators(everything, limit=20)
    assert lattice.closure(generators) == everything
    for left_out in generators:
        assert lattice.closure(set(generators) - {left_out}) != everything


def test_the_networks_of_neighbour_swaps_are_the_partitions_into_runs() -> None:
    domain = Features(5)
    candidates = default_candidates(domain)
    found = Lattice(layer_actions(candidates, domain, (domain,))).closed_states()
    assert len(found.closed_states) == 2 ** (domain.count - 1)
    assert all(n.members == tuple(sorted(n.generators)) for n in found.closed_states)


def test_a_bias_distinguishes_networks_whose_weights_are_zero() -> None:
    """The first candidate forces all weights to zero; the second then still shares biases."""
    negate, stay = Permutation([0], [-1]), Permutation([0])
    rows = [(negate, Permutation([0, 1])), (stay, Permutation([1, 0]))]
    lattice = Lattice(stacked(rows))
    assert lattice.closure({0}) == {0}
    assert lattice.closure({0, 1}) == {0, 1}
    assert np.array_equal(lattice.actions.bias_orbits(0, {0}).labels, [0, 1])
