import numpy as np
import pytest

from autoequivariant.data.layout import arrange
from autoequivariant.errors import DataError, SettingsError
from autoequivariant.groups.domain import Features, Grid, Sequence, Volume

LAYOUTS = [
    # sides, kind, domain, the axis of the channels (None: there is none)
    ((7,), None, Features(7), None),
    ((5, 6), None, Grid(5, 6), None),
    ((5, 6, 3), None, Grid(5, 6), 3),
    ((3, 5, 6), None, Grid(5, 6), 1),
    ((3, 5, 4), None, Grid(3, 5), 3),
    ((1, 28, 28), None, Grid(28, 28), 1),
    ((5, 6, 7), None, Volume(5, 6, 7), None),
    ((5, 6, 7, 2), None, Volume(5, 6, 7), 4),
    ((2, 5, 6, 7), None, Volume(5, 6, 7), 1),
    ((9, 5, 5, 5), None, Volume(5, 5, 5), 1),
    ((7,), "sequence", Sequence(7), None),
    ((7, 3), "sequence", Sequence(7), 2),
    ((12, 99), "sequence", Sequence(99), 1),
    ((6, 6), "sequence", Sequence(6), 2),
    ((7,), "features", Features(7), None),
    ((5, 6), "grid", Grid(5, 6), None),
    ((12, 8, 8), "grid", Grid(8, 8), 1),
    ((19, 19, 17), "grid", Grid(19, 19), 3),
    ((6, 40, 50), "grid", Grid(40, 50), 1),
    ((40, 50, 6), "grid", Grid(40, 50), 3),
    ((3, 5, 6), "volume", Volume(3, 5, 6), None),
]


@pytest.mark.parametrize(("sides", "kind", "domain", "axis"), LAYOUTS)
def test_layouts(sides, kind, domain, axis):
    x = np.arange(2 * np.prod(sides)).reshape(2, *sides)
    found, arranged = arrange(x, kind, "box")
    assert found == domain
    assert arranged.shape == (2, 1 if axis is None else sides[axis - 1], *domain.shape)
    assert arranged.flags.c_contiguous
    expected = x if axis is None else np.moveaxis(x, axis, 1)
    assert np.array_equal(arranged.ravel(), expected.ravel())


@pytest.mark.parametrize(
    ("sides", "kind"),
    [
        ((5,), "grid"), ((5, 5, 5, 5), "grid"), ((5, 5), "volume"), ((5, 5), "features"),
        ((5, 5, 5), "sequence"), ((), "features"), ((2,) * 5, "volume"),
    ],
)  # fmt: skip
def test_a_kind_that_does_not_fit(sides, kind):
    with pytest.raises(SettingsError, match=f"box cannot be read as {kind}: that needs arrays of"):
        arrange(np.ones((2, *sides)), kind, "box")


@pytest.mark.parametrize("sides", [(), (2,) * 5])
def test_too_few_or_too_many_axes(sides):
    with pytest.raises(DataError, match=f"have {len(sides) + 1} axes: give 2"):
        arrange(np.ones((2, *sides)), None, "box")


@pytest.mark.parametrize(
    ("kind", "hint"),
    [("gird", "got 'gird' .did you mean grid"), ("x", "kind must be one of grid, sequence")],
)
def test_an_unknown_kind(kind, hint):
    with pytest.raises(SettingsError, match=hint):
        arrange(np.ones((2, 3)), kind, "box")
