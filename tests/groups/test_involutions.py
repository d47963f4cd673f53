"""Groups of commuting involutions that act freely, and how they arrange a domain."""

from itertools import combinations

import numpy as np
import pytest

from autoequivariant.groups.catalogue import paper_candidates
from autoequivariant.groups.closure.lattice import Lattice
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Features, Grid
from autoequivariant.groups.involutions import MAX_BLOCKS, free_arrangement
from autoequivariant.groups.orbits import pair_orbits
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import parse_symmetries

CASES = {
    # names: the order of the group that is found on 8x8 -> 4x4
    "hflip": 2,
    "hflip,vflip": 4,
    "rot90": 2,
    "rot90,hflip": 4,
    "cycle_quadrants": 2,
    "swap_left_right,swap_top_bottom": 4,
    "hflip,vflip,swap_left_right,swap_top_bottom": 16,
    "translate_x:2": 2,
    "swap_top_bottom_left,swap_top_bottom_right": 2,
    # None: half of the indices stay, no element has even order, nothing is generated.
    "swap_top_bottom_left": None,
    "transpose": None,
    "": None,
}


@pytest.mark.parametrize(("names", "order"), CASES.items())
def test_a_group_of_commuting_involutions_without_fixed_indices(
    names: str, order: int | None
) -> None:
    domains = Grid(8, 8), Grid(4, 4)
    chosen = parse_symmetries(names) if names else ()
    moves = [[s.rescaled(domains[0], d).action(d) for d in domains] for s in chosen]
    found = free_arrangement(moves, [d.size for d in domains])
    assert (None if found is None else len(found[0])) == order
    for arrangement, domain in zip(found or [], domains, strict=bool(found)):
        group = len(arrangement)
        assert np.array_equal(np.sort(arrangement.ravel()), np.arange(domain.size))
        elements = []
        for images in arrangement:
            # The element is known on the representatives; the group law says the rest.
            number = len(elements)
            image = np.empty(domain.size, int)
            for other in range(group):
                image[arrangement[other]] = arrangement[other ^ number]
            assert np.array_equal(image[arrangement[0]], images)
            elements.append(Permutation(image))
        assert elements[0].is_identity
        for g, h in combinations(elements, 2):
            assert g @ h == h @ g
            assert not np.any((g @ h).image == np.arange(domain.size))


def test_the_matrix_is_a_convolution_on_the_group() -> None:
    """Entry `(a.i, b.j)` of every distinct network's layer is entry `(ab.i, j)`."""
    domain, hidden = Grid(8, 8), Grid(4, 4)
    actions = layer_actions(paper_candidates(2), domain, [hidden])
    sizes = [domain.size, hidden.size]
    blocked = 0
    for network in Lattice(actions).closed_states().closed_states:
        moves = [actions.permutations[c] for c in network.generators]
        found = free_arrangement(moves, sizes)
        if found is None:
            continue
        blocked += 1
        columns, rows = found
        outs, ins = [row[1] for row in moves], [row[0] for row in moves]
        labels = pair_orbits(outs, ins, hidden.size, domain.size).labels
        kernel = labels[rows[:, :, None], columns[0]]
        for a in range(len(rows)):
            for b in range(len(columns)):
                assert np.array_equal(labels[np.ix_(rows[a], columns[b])], kernel[a ^ b])
    assert blocked > 100


def test_at_most_sixteen_blocks() -> None:
    count = 2**6
    places = np.arange(count)
    moves = [[Permutation(places ^ (1 << bit))] for bit in range(6)]
    found = free_arrangement(moves, [count])
    assert found is not None and found[0].shape == (MAX_BLOCKS, count // MAX_BLOCKS)


def test_actions_with_signs_have_none() -> None:
    domain = Features(4)
    assert free_arrangement([[s.action(domain)] for s in parse_symmetries("reverse")], [4])
    signed = parse_symmetries("reverse,negate")
    assert free_arrangement([[s.action(domain)] for s in signed], [4]) is None
