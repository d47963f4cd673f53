import numpy as np
import pytest

from autoequivariant.data.layout import are_pairs, are_symmetric, arrange, pairs_note
from autoequivariant.errors import DataError, SettingsError
from autoequivariant.groups.domain import Features, Grid, Pairs, Sequence, Volume

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
    ((5, 5), "pairs", Pairs(5), None),
    ((3, 3, 9), "pairs", Pairs(3), 3),
    ((9, 3, 3), "pairs", Pairs(3), 1),
    ((5, 5, 5), "pairs", Pairs(5), 3),
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


@pytest.mark.parametrize(("sides", "matrices"), [((5, 6), "5x6"), ((5, 6, 7), "6x7|5x6")])
def test_pairs_are_square(sides, matrices):
    with pytest.raises(SettingsError, match=f"as many rows as columns, but are ({matrices}), so"):
        arrange(np.ones((2, *sides)), "pairs", "box")


def matrices(n=40, k=5, dtype=np.float32):
    x = np.random.default_rng(0).integers(0, 9, (n, k, k))
    return (x + x.swapaxes(1, 2)).astype(dtype)


def with_entry(x, value):
    x = x.copy()
    x[-1, 0, 1] += value
    return x


PAIRS = {
    "distances": (matrices(), True),
    "rounded": (with_entry(matrices(), 1e-5), True),
    "bytes": (matrices(dtype=np.uint8), True),
    "many": (matrices(5000, 20), True),
    "one entry differs": (with_entry(matrices(), 1), False),
    "one byte differs": (with_entry(matrices(dtype=np.uint8), 1), False),
    "one of many differs": (with_entry(matrices(5000, 20), 1), False),
    "two items": (matrices(k=2), False),
    "not square": (np.ones((4, 3, 5)), False),
    "channels": (matrices()[..., None], False),
    "a table": (matrices()[0], False),
    "one colour": (np.ones((4, 5, 5)), False),
    "discs": (np.tile(np.hypot(*np.mgrid[-3:4, -3:4]) < 3, (4, 1, 1)).astype(float), False),
}


@pytest.mark.parametrize("case", PAIRS)
def test_symmetric_matrices_are_pairs(case):
    x, expected = PAIRS[case]
    assert are_pairs(x) == expected


def test_symmetric_in_every_channel():
    x = np.stack([matrices(), 2 * matrices()], axis=1)
    assert are_symmetric(x)
    x[3, 1, 0, 2] += 1
    assert not are_symmetric(x)


def test_that_samples_are_pairs_is_said():
    (note,) = pairs_note(Pairs(5), None)
    assert note.startswith("The samples are symmetric matrices, so they are read as pairs of 5")
    assert pairs_note(Pairs(5), "pairs") == pairs_note(Grid(5, 5), None) == ()


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
