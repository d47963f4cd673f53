"""Symmetries as values: text forms, misspellings, steps on coarser domains."""

import pytest

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.actions import ACTIONS
from autoequivariant.groups.domain import Domain, Features, Grid, Sequence, Volume
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry, parse_symmetries


@pytest.mark.parametrize("name", ACTIONS)
def test_every_symmetry_round_trips(name: str) -> None:
    symmetry = Symmetry(name, tuple(range(3, 3 + len(ACTIONS[name].parameters))))
    assert Symmetry.parse(str(symmetry)) == symmetry
    assert Symmetry.parse(f" {symmetry} ") == symmetry


def test_text_forms() -> None:
    assert Symmetry.parse("translate_x:4") == Symmetry("translate_x", (4,))
    assert Symmetry.parse("swap:0-3") == Symmetry("swap", (0, 3))
    assert str(Symmetry("swap", (0, 3))) == "swap:0-3"


def test_a_partial_symmetry() -> None:
    partial = Symmetry.parse("translate_x:4@2")
    assert partial == Symmetry("translate_x", (4,), level=2)
    assert str(partial) == partial.to_json() == "translate_x:4@2"
    assert partial.whole == Symmetry.parse("translate_x:4") == partial.whole.whole
    assert partial != partial.whole
    assert partial.action(Grid(8, 8)) == partial.whole.action(Grid(8, 8))
    for text in ("rot90@", "rot90@two", "rot90@-1", "rot90@1.5", "@1", "rot9@1", "rot90@1@2@x"):
        with pytest.raises(SymmetryError):
            Symmetry.parse(text)


MISSPELT = [
    ("rot9", "rot90"),
    ("HFlip", "hflip"),
    ("swap_left_rigth", "swap_left_right"),
    ("translatex:4", "translate_x"),
    ("cycle_quadrant", "cycle_quadrants"),
]


@pytest.mark.parametrize(("text", "meant"), MISSPELT)
def test_a_misspelling_is_answered_with_the_right_name(text: str, meant: str) -> None:
    with pytest.raises(SymmetryError, match=rf"did you mean {meant}\b.*\?$") as refusal:
        Symmetry.parse(text)
    assert repr(text.partition(":")[0]) in str(refusal.value)
    assert Symmetry(meant, tuple(range(1, 1 + len(ACTIONS[meant].parameters))))


def test_a_name_unlike_any_other_is_answered_with_all_names() -> None:
    with pytest.raises(SymmetryError, match=r"the names are rot90, .*negate_column\.$"):
        Symmetry.parse("kaleidoscope!")


MALFORMED = [
    ("translate_x", "write translate_x:STEP"),
    ("translate_x:", "whole numbers"),
    ("translate_x:four", "whole numbers"),
    ("translate_x:-4", "whole numbers"),
    ("translate_x:4.5", "whole numbers"),
    ("translate_x:4-5", "write translate_x:STEP"),
    ("swap:3", "write swap:FIRST-SECOND"),
    ("rot90:2", "write rot90"),
    ("", "no symmetry ''"),
    ("translate_x:٣", "whole numbers"),
    (f"translate_x:{'9' * 19}", "whole numbers of at most 18 digits"),
    (f"translate_x:{'9' * 5000}", "whole numbers of at most 18 digits"),
    (f"swap:{'1-' * 5000}1", "write swap:FIRST-SECOND"),
    ("x" * 100_000, "the names are rot90"),
]


@pytest.mark.parametrize(("text", "remedy"), MALFORMED)
def test_malformed_texts_are_refused(text: str, remedy: str) -> None:
    with pytest.raises(SymmetryError, match=remedy) as refusal:
        Symmetry.parse(text)
    assert len(str(refusal.value)) < 800


def test_a_step_may_have_many_digits() -> None:
    assert Symmetry.parse(f"translate_x:{'9' * 18}").parameters == (10**18 - 1,)


def test_negative_parameters_are_refused() -> None:
    with pytest.raises(SymmetryError, match="malformed"):
        Symmetry("translate_x", (-1,))


def test_lists_keep_their_order_and_drop_repetitions() -> None:
    wanted = (Symmetry("vflip"), Symmetry("translate_x", (2,)), Symmetry("hflip"))
    assert parse_symmetries("vflip, translate_x:2,hflip,vflip,") == wanted
    assert parse_symmetries(["vflip", "translate_x:2", "hflip"]) == wanted
    assert parse_symmetries("") == ()


def test_a_list_reports_all_its_troubles_at_once() -> None:
    with pytest.raises(SymmetryError, match=r"'hflop'.*'translate_x:x'"):
        parse_symmetries("hflop,vflip,translate_x:x")


RESCALED: list[tuple[str, Domain, Domain, str]] = [
    ("translate_x:4", Grid(28, 28), Grid(14, 14), "translate_x:2"),
    ("translate_x:2", Grid(14, 14), Grid(28, 28), "translate_x:4"),
    ("translate_x:4", Grid(28, 28), Grid(28, 28), "translate_x:4"),
    ("translate_x:4", Grid(28, 28), Grid(20, 20), "translate_x:4"),  # not whole: left to law 4
    ("translate_x:4", Grid(6, 28), Grid(3, 7), "translate_x:1"),
    ("translate_y:2", Grid(6, 28), Grid(3, 7), "translate_y:1"),
    ("translate_z:2", Volume(8, 3, 3), Volume(4, 3, 3), "translate_z:1"),
    ("shift:10", Sequence(100), Sequence(50), "shift:5"),
    ("shift:10", Sequence(100), Features(50), "shift:10"),
    ("hflip", Grid(28, 28), Grid(14, 14), "hflip"),
    ("swap:2-4", Features(8), Features(4), "swap:2-4"),  # columns are no lengths
]


@pytest.mark.parametrize(("text", "source", "target", "scaled"), RESCALED)
def test_steps_shrink_with_the_side(text: str, source: Domain, target: Domain, scaled: str) -> None:
    assert str(Symmetry.parse(text).rescaled(source, target)) == scaled


def test_actions_are_computed_once() -> None:
    first = Symmetry("rot90").action(Grid(3, 3))
    assert isinstance(first, Permutation)
    assert Symmetry("rot90").action(Grid(3, 3)) is first
