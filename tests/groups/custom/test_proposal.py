"""Proposed candidates beside listed ones."""

import pytest

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.custom.definition import DataSpec, Definition, resolve
from autoequivariant.groups.custom.proposal import action_key, with_proposed
from autoequivariant.groups.domain import Features, Sequence
from autoequivariant.groups.symmetry import Symmetry, parse_symmetries

SPEC = DataSpec(Features(3), outputs=("a", "b"))


def made(**mapping: object) -> Symmetry:
    (symmetry,) = resolve([Definition.of(mapping)], SPEC)
    return symmetry


def test_proposed_candidates_follow_unless_a_listed_one_acts_alike() -> None:
    listed = parse_symmetries("swap:0-1")
    proposed = (made(name="same", swap="0 <-> 1"), made(name="new", swap="1 <-> 2"))
    spec = DataSpec(Features(3), outputs=("a", "b"), proposed=proposed)
    assert [str(one) for one in with_proposed(listed, spec)] == ["swap:0-1", "new"]
    assert with_proposed(listed, SPEC) == listed


def test_what_moves_outputs_or_channels_acts_otherwise() -> None:
    swap = made(name="exchange", swap="0 <-> 1")
    with_classes = made(name="with classes", swap="0 <-> 1", outputs={"swap": "a <-> b"})
    assert action_key(swap, SPEC) != action_key(with_classes, SPEC)
    assert action_key(made(name="stays", negate=[0]), SPEC) != action_key(swap, SPEC)
    dna = DataSpec(Sequence(5), channels=4, outputs=("a",))
    keys = {action_key(one, dna) for one in parse_symmetries("reverse,reverse_complement")}
    assert len(keys) == 2


def test_what_is_not_defined_has_no_key() -> None:
    with pytest.raises(SymmetryError, match="swap:0-9"):
        action_key(Symmetry("swap", (0, 9)), SPEC)
