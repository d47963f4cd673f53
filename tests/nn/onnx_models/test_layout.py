"""How ONNX models take samples, and how symmetries then act."""

from typing import Any

import numpy as np
import pytest

from autoequivariant.errors import AutoequivariantError
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.element import element_of
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.nn.onnx_models.layout import LAYOUTS, layout_for

CASES = [
    ((1, 4, 5), (1, 4, 5), "channels-first"),
    ((1, 4, 5), (4, 5), "no-channels"),
    ((1, 4, 5), (4, 5, 1), "channels-last"),
    ((3, 4, 5), (3, 4, 5), "channels-first"),
    ((3, 4, 5), (4, 5, 3), "channels-last"),
    ((3, 4, 5), (60,), "flat"),
    ((3, 4, 5), (3, None, None), "channels-first"),
    ((3, 4, 5), (None, None, 3), "channels-last"),
    ((1, 6), (6,), "no-channels"),
    ((1, 6), (None,), "no-channels"),
    ((2, 6), (6, 2), "channels-last"),
]


@pytest.mark.parametrize(("shape", "sides", "name"), CASES)
def test_the_first_layout_that_fits(shape: Any, sides: Any, name: str) -> None:
    found = layout_for(shape, sides, "m.onnx")
    assert found.name == name
    assert found.arranged(np.zeros((2, *shape))).shape == (2, *found.sides)


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("text", ["rot90", "hflip", "negate"])
def test_a_moved_sample_is_the_moved_input(name: str, text: str) -> None:
    channels = 1 if name == "no-channels" else 3
    shape = (channels, 4, 4)
    sides = {
        "channels-first": shape,
        "no-channels": (4, 4),
        "channels-last": (4, 4, channels),
    }.get(name, (16 * channels,))
    layout = layout_for(shape, sides, "m.onnx", name)
    action = element_of(Symmetry.parse(text), Grid(4, 4), channels, 1).points
    x = np.random.default_rng(0).normal(size=(2, *shape))
    moved = action.apply(x.reshape(2, -1)).reshape(x.shape)
    expected = layout.arranged(moved)
    found = layout.moved(action).apply(layout.arranged(x).reshape(2, -1))
    assert np.array_equal(found.reshape(expected.shape), expected)
    if name.endswith("channels-last"):
        assert np.array_equal(layout.arranged(x).ravel(), np.moveaxis(x, 1, -1).ravel())


@pytest.mark.parametrize(
    ("shape", "sides", "name", "reason"),
    [
        (
            (1, 4, 5),
            (1, 5, 4),
            None,
            r"takes \(batch, 1, 5, 4\), and samples have 1 channel of 4x5",
        ),
        ((3, 4, 5), (4, 5), None, "3 channels of 4x5"),
        ((3, 4, 5), (60,), "channels-last", "--layout channels-last does not fit"),
        ((3, 4, 5), (60,), "sideways", "--layout must be one of"),
        ((3, 4, 5), (None, 3, 4, 5), None, "n, 3, 4, 5"),
    ],
)
def test_what_does_not_fit_is_refused(shape: Any, sides: Any, name: Any, reason: str) -> None:
    with pytest.raises(AutoequivariantError, match=reason):
        layout_for(shape, sides, "m.onnx", name)
