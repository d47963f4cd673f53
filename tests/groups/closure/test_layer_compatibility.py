"""Law 4 between layers: the errors and warnings in terms of symmetries and shapes."""

import pytest

from autoequivariant.errors import ActionError
from autoequivariant.groups.catalogue import paper_candidates
from autoequivariant.groups.closure.hidden_domains import suggested_hidden_domain
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Grid, Sequence
from autoequivariant.groups.symmetry import Symmetry, parse_symmetries

from .cases import STAGGER

PAPER_SHAPES = (Grid(20, 20), Grid(20, 20))


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
