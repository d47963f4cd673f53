"""Symmetries on the samples of any model."""

from typing import Any

import numpy as np
import pytest

from autoequivariant.errors import AutoequivariantError
from autoequivariant.groups.domain import Features, Grid, Sequence
from autoequivariant.nn.acting import Acting


@pytest.mark.parametrize(
    ("shape", "kind", "domain", "channels"),
    [
        ((5,), None, Features(5), 1),
        ((4, 4), None, Grid(4, 4), 1),
        ((12, 4, 4), None, Grid(4, 4), 12),
        ((3, 9), "sequence", Sequence(9), 3),
    ],
)
def test_the_shape_says_the_domain(shape: Any, kind: Any, domain: Any, channels: int) -> None:
    name = "swap:0-1" if isinstance(domain, Features) else "reverse"
    acting = Acting.on("hflip" if isinstance(domain, Grid) else name, shape, 2, kind=kind)
    assert (acting.domain, acting.channels) == (domain, channels)
    assert acting.elements[0].points.size == channels * domain.size


def test_outputs_move_by_name_or_by_number() -> None:
    mirror = {"like": "hflip", "name": "mirror", "outputs": {"swap": "left <-> right"}}
    acting = Acting.on(["rot90", mirror], (1, 4, 4), ("left", "right"))
    assert acting.names == ("rot90", "mirror")
    assert [one.outputs.is_identity for one in acting.elements] == [True, False]
    by_number = Acting.on({**mirror, "outputs": {"swap": "0 <-> 1"}}, (1, 4, 4), 2)
    assert by_number.elements[0] == acting.elements[1]


def test_columns_have_names() -> None:
    acting = Acting.on({"swap": "a <-> b"}, (3,), 1, columns=("a", "b", "c"), has_classes=False)
    x = np.array([[1.0, 2.0, 3.0]])
    assert acting.elements[0].points.apply(x).tolist() == [[2.0, 1.0, 3.0]]


@pytest.mark.parametrize(
    ("symmetries", "shape", "reason"),
    [
        ("", (4, 4), "at least one symmetry"),
        ("rot90", (4, 5), "rot90 is not defined on 4x5"),
        ("rot90", (1, 0, 4), "at least one value"),
        ("rot180@1", (4, 4), "rot180@1 is a partial symmetry"),
        ({"like": "hflip", "name": "turn", "level": 0}, (4, 4), "turn@0 is a partial symmetry"),
        ({"swap": "0 <-> 1", "outputs": {"swap": "0 <-> 5"}}, (3,), "5"),
    ],
)
def test_bad_input_is_refused_by_name(symmetries: Any, shape: Any, reason: str) -> None:
    with pytest.raises(AutoequivariantError, match=reason):
        Acting.on(symmetries, shape, 2)
