"""Actions on every layer's domain, and the orbits of its weights and biases."""

import numpy as np
import pytest

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.catalogue import paper_candidates
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Features, Grid, parse_domain
from autoequivariant.groups.orbits import pair_orbits, point_orbits
from autoequivariant.groups.symmetry import Symmetry, parse_symmetries

PAPER_SHAPES = (Grid(20, 20), Grid(20, 20))


def test_steps_are_scaled_to_every_domain() -> None:
    actions = layer_actions(paper_candidates(4), Grid(28, 28), (Grid(14, 14), Grid(7, 7))[:1])
    shift = Symmetry("translate_x", (2,)).action(Grid(14, 14))
    assert actions.permutations[3] == (Symmetry("translate_x", (4,)).action(Grid(28, 28)), shift)
    assert actions.warnings == ()
    assert not actions.is_signed


UNDEFINED = [
    ("rot90,hflip", "3x5", "3x5", "rot90 is not defined on 3x5"),
    ("hflip,swap_left_right", "6x6", "3x3", "swap_left_right is not defined on 3x3"),
    ("translate_x:4", "8x8", "3x3", "translate_x:4 is not defined on 3x3"),
    ("hflip", "8x8", "sequence:8", "hflip is not defined on sequence:8"),
]


@pytest.mark.parametrize(("names", "domain", "hidden", "message"), UNDEFINED)
def test_an_undefined_symmetry_is_refused_by_name(
    names: str, domain: str, hidden: str, message: str
) -> None:
    with pytest.raises(SymmetryError, match=message):
        layer_actions(parse_symmetries(names), parse_domain(domain), (parse_domain(hidden),))


def test_a_network_needs_a_hidden_domain() -> None:
    with pytest.raises(SymmetryError, match="at least one hidden domain"):
        layer_actions(paper_candidates(), Grid(28, 28), ())


def test_orbits_of_every_layer() -> None:
    domains = (Grid(8, 8), Grid(4, 4), Grid(2, 2))
    actions = layer_actions(parse_symmetries("hflip,vflip,rot90"), domains[0], domains[1:])
    weights = [actions.weight_orbits(layer, [0, 2]) for layer in (0, 1)]
    biases = [actions.bias_orbits(layer, [0, 2]) for layer in (0, 1)]
    assert [o.labels.shape for o in weights] == [(16, 64), (4, 16)]
    assert [o.labels.shape for o in biases] == [(16,), (4,)]
    used = (Symmetry("hflip"), Symmetry("rot90"))
    outs, ins = [s.action(domains[2]) for s in used], [s.action(domains[1]) for s in used]
    assert np.array_equal(weights[1].labels, pair_orbits(outs, ins, 4, 16).labels)
    assert np.array_equal(biases[1].labels, point_orbits(outs, 4).labels)
    assert weights[1].signs is biases[1].signs is None


def test_with_signs_hidden_points_stand_twice() -> None:
    domain = Features(3)
    actions = layer_actions(parse_symmetries("swap:0-1,negate_column:2"), domain, (domain, domain))
    assert actions.sizes == (3, 6, 6)
    assert actions.is_signed
    swapped, negated = actions.weight_orbits(0, [0]), actions.weight_orbits(0, [1])
    assert swapped.signs is not None
    assert np.all(swapped.signs == 1)
    assert negated.signs is not None
    # Column 2 changes its sign, and the two points of hidden index 2 are exchanged.
    assert negated.signs[[0, 1, 3, 4]].tolist() == [[1, 1, 0]] * 4
    assert negated.signs[[2, 5]].tolist() == [[1, 1, 1], [1, 1, -1]]
    assert not any(p.is_signed for row in actions.permutations for p in row[1:])
