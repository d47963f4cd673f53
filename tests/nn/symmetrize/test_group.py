"""Groups on samples and outputs: enumerated, in part, sorted, or refused."""

from typing import Any

import pytest
import torch

from autoequivariant.errors import AutoequivariantError, SettingsError
from autoequivariant.nn.symmetrize.group import Group, Limits
from autoequivariant.nn.symmetrize.orbit import Orbit
from autoequivariant.nn.symmetrize.representatives import Sorting

from .cases import CASES, MIRROR, acted

SWAPS = [f"swap:{k}-{k + 1}" for k in range(9)]


@pytest.mark.parametrize(
    ("name", "order"),
    [("square, odd", 8), ("shifts", 12), ("volume", 8), ("table", 6), ("denoising", 8)],
)
def test_small_groups_are_enumerated(name: str, order: int) -> None:
    elements = CASES[name].elements()
    assert len(set(elements)) == order
    assert elements[0].is_identity
    assert len(CASES[name].group().members(3, 0)) == 3


def test_outputs_move_with_positions_but_not_their_signs() -> None:
    group = Group.on([MIRROR, "negate"], (1, 2, 3), 2, "position")
    y = torch.arange(12.0).view(1, 2, 2, 3)
    mirror, negate = group.generators
    assert torch.equal(acted(mirror, y, True), y.flip(3)[:, [1, 0]])
    assert torch.equal(acted(negate, y, True), y)
    x = y[:, :1]
    assert torch.equal(acted(negate, x, False), -x)


def test_outputs_that_are_values_move_as_the_input_does() -> None:
    group = Group.on("reverse_complement,negate", (4, 3), 4, "value", kind="sequence")
    assert all(one.points == one.outputs for one in group.generators)
    with pytest.raises(SettingsError, match="leave outputs: out of mirror"):
        Group.on(MIRROR, (2, 2, 3), 2, "value")


@pytest.mark.parametrize(
    ("symmetries", "shape", "method", "kind"),
    [
        ("rot90", (1, 4, 4), "average", Orbit),
        ("rot90", (1, 4, 4), "canonical", Orbit),
        (SWAPS, (10,), "canonical", Sorting),
    ],
)
def test_the_group_as_tensors(symmetries: Any, shape: Any, method: str, kind: Any) -> None:
    assert isinstance(Group.on(symmetries, shape, 2).orbit(method), kind)


MOVING = {"swap": "0 <-> 1", "outputs": {"swap": "0 <-> 1"}}


@pytest.mark.parametrize(
    ("symmetries", "shape", "method", "reason"),
    [
        (SWAPS, (10,), "average", "3,628,800 elements, too many .* use method='canonical' or"),
        ([*SWAPS, {"negate": "0"}], (10,), "lambda", "3,715,891,200 elements, too many for"),
        ([*SWAPS, MOVING], (10,), "canonical", "7,257,600 elements, and .* use method='sample'"),
        ([*SWAPS, MOVING], (10,), "average", "7,257,600 elements, too many .*use method='sample'"),
        ("rot90,translate_x:1", (1, 50, 50), "average", "more than 4,096 elements, too many"),
        ("translate_x:1", (1, 2, 6000), "average", "6,000 elements, too many"),
    ],
)
def test_large_groups_are_refused_with_a_remedy(
    symmetries: Any, shape: Any, method: str, reason: str
) -> None:
    with pytest.raises(SettingsError, match=reason):
        Group.on(symmetries, shape, 2).orbit(method)


@pytest.mark.parametrize(
    ("method", "limits", "reason"),
    [
        (
            "average",
            Limits(values=100),
            r"move 16 values each, too many .*\(at most 6\): use method",
        ),
        ("average", Limits(elements=4), r"8 elements, too many for method='average' \(at most 4\)"),
        (
            "canonical",
            Limits(4, sorts=False, option="--method {}"),
            r"8 elements, too many for --method canonical \(at most 4\): use --method sample\.$",
        ),
    ],
)
def test_limits_of_other_models(method: str, limits: Limits, reason: str) -> None:
    group = Group.on("rot90,hflip", (1, 4, 4), 2)
    assert group.elements() is not None
    assert group.elements(limits) is None
    with pytest.raises(SettingsError, match=reason):
        raise group.too_large(method, limits)


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(AutoequivariantError, match="rot90 is not defined on 4x5"):
        Group.on("rot90", (1, 4, 5), 2)
