"""Actions on every layer's domain, law 4 in the user's terms, and suggested hidden domains."""

import re

import numpy as np
import pytest

from autoequivariant.errors import ActionError, SymmetryError
from autoequivariant.groups.catalogue import default_candidates, paper_candidates
from autoequivariant.groups.closure.hidden_domains import suggested_hidden_domain
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Domain, Features, Grid, Sequence, Volume, parse_domain
from autoequivariant.groups.orbits import pair_orbits, point_orbits
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import CustomAction, Symmetry, parse_symmetries

PAPER_SHAPES = (Grid(20, 20), Grid(20, 20))


def test_steps_are_scaled_to_every_domain() -> None:
    actions = layer_actions(paper_candidates(4), Grid(28, 28), (Grid(14, 14), Grid(7, 7))[:1])
    shift = Symmetry("translate_x", (2,)).action(Grid(14, 14))
    assert actions.permutations[3] == (Symmetry("translate_x", (4,)).action(Grid(28, 28)), shift)
    assert actions.warnings == ()
    assert not actions.is_signed


def test_the_papers_shapes_are_refused_in_one_sentence() -> None:
    with pytest.raises(ActionError) as refusal:
        layer_actions(paper_candidates(4), Grid(28, 28), PAPER_SHAPES)
    assert str(refusal.value) == (
        "translate_x:4 has order 7 on 28x28 but order 5 on 20x20, so the layer between them would "
        "share weights under a larger group than the input has and be blind to position; "
        "use a hidden shape such as 14x14, or another step."
    )


def test_the_papers_shapes_are_kept_with_a_warning_if_asked_for() -> None:
    actions = layer_actions(paper_candidates(4), Grid(28, 28), PAPER_SHAPES, allow_improper=True)
    (warning,) = actions.warnings  # one for each domain, not for each layer
    assert warning.startswith("translate_x:4 has order 7 on 28x28 but order 5 on 20x20, so ")
    assert warning.endswith("be blind to position.")


def test_without_translations_the_papers_shapes_are_sound() -> None:
    candidates = [s for s in paper_candidates() if not s.name.startswith("translate")]
    assert layer_actions(candidates, Grid(28, 28), PAPER_SHAPES).warnings == ()


def test_a_product_that_breaks_the_law_is_refused_too() -> None:
    """A step of 1 on 8 does not scale to 4, so there it is no longer half of the other."""
    candidates = parse_symmetries("shift:1,shift:2")
    with pytest.raises(ActionError) as refusal:
        layer_actions(candidates, Sequence(8), (Sequence(4),))
    assert str(refusal.value) == (
        "The action on sequence:4 is not a homomorphic image of the action on sequence:8: some "
        "product of the symmetries is trivial on sequence:8 but not on sequence:4; "
        "use a hidden shape such as sequence:8, or another step."
    )
    scaled = parse_symmetries("shift:2,shift:4")
    assert layer_actions(scaled, Sequence(8), (Sequence(4),)).warnings == ()


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


STAGGER = Symmetry(
    "stagger", custom=CustomAction(like=Symmetry("shift", (1,)), outputs=Permutation([1, 0]))
)
"""A shift by one place, after which even is odd."""


def test_a_hidden_layer_is_compared_with_the_one_before_it() -> None:
    """Both are images of 12 places, but six and four places have only parity in common."""
    shift = parse_symmetries("shift:1")
    with pytest.raises(ActionError) as refusal:
        layer_actions(shift, Sequence(12), (Sequence(6), Sequence(4)))
    assert str(refusal.value) == (
        "shift:1 has order 6 on sequence:6 but order 4 on sequence:4, so the layer between them "
        "would share weights under a larger group than sequence:6 has and be blind to position; "
        "use a hidden shape such as sequence:12, or another step."
    )
    kept = layer_actions(shift, Sequence(12), (Sequence(6), Sequence(4)), allow_improper=True)
    assert kept.weight_orbits(1, (0,)).count == 2
    assert kept.warnings[0].startswith("shift:1 has order 6 on sequence:6 but order 4")
    assert layer_actions(shift, Sequence(12), (Sequence(12), Sequence(6))).warnings == ()


@pytest.mark.parametrize(("length", "hidden", "after"), [(6, 3, 3), (10, 5, 5), (12, 3, 3)])
def test_a_hidden_layer_has_to_carry_how_outputs_move(length: int, hidden: int, after: int) -> None:
    with pytest.raises(ActionError) as refusal:
        layer_actions([STAGGER], Sequence(length), (Sequence(hidden),), outputs=2)
    assert str(refusal.value) == (
        f"stagger has order {after} on sequence:{hidden} but order 2 on the outputs, so a network "
        "that has it cannot distinguish those outputs; use a hidden shape such as "
        f"sequence:{length}, or another step."
    )
    kept = layer_actions([STAGGER], Sequence(length), (Sequence(length),), outputs=2)
    assert kept.warnings == ()
    assert kept.weight_orbits(1, (0,)).count == 2  # and not one, for both outputs


def test_a_product_that_moves_outputs_alone_is_refused_too() -> None:
    """On two places a shift is a reversal, so their product moves the outputs and nothing else."""
    reverse = Symmetry("reverse")
    candidates, four = [STAGGER, reverse], (Sequence(4),)
    with pytest.raises(ActionError, match="not a homomorphic image of the action on sequence:2"):
        layer_actions(candidates, Sequence(4), (Sequence(2),), outputs=2)
    assert layer_actions(candidates, Sequence(4), four, outputs=2).warnings == ()


def test_what_contradicts_itself_on_the_input_is_warned_of_on_every_hidden_domain() -> None:
    shift = Symmetry("shift", (1,))
    for hidden in (Sequence(4), Sequence(2)):
        actions = layer_actions([STAGGER, shift], Sequence(4), (hidden,), outputs=2)
        assert "Some candidates contradict each other" in actions.warnings[-1]
    assert suggested_hidden_domain([STAGGER, shift], Sequence(8), outputs=2) == Sequence(8)


def test_what_the_first_layer_adds_up_is_warned_of() -> None:
    (warning,) = layer_actions(parse_symmetries("shift:1"), Sequence(12), (Sequence(6),)).warnings
    assert warning == (
        "shift:1 has order 12 on sequence:12 but order 6 on sequence:6, so a network that has it "
        "cannot see what applying it 6 times changes; use a hidden shape such as "
        "sequence:12, or another step."
    )
    assert layer_actions(parse_symmetries("shift:2"), Sequence(12), (Sequence(6),)).warnings == ()


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
