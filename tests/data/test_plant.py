import math

import numpy as np
import pytest

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.plant import plant
from autoequivariant.data.registry import read
from autoequivariant.data.samples import make_samples
from autoequivariant.data.split import split
from autoequivariant.errors import SettingsError, SymmetryError
from autoequivariant.groups.custom.definition import DataSpec, candidate_of, resolve
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import parse_symmetries

PARTS = ("train", "validation", "test")


def data_of(count, shape=(4, 4), channels=1, dtype=np.uint8, **sizes):
    """Images that all hold the numbers of their pixels, channel by channel, from 1."""
    sides = shape if channels == 1 else (channels, *shape)
    image = np.arange(1, 1 + math.prod(sides)).reshape(sides)
    x = np.broadcast_to(image, (count, *image.shape)).astype(dtype)
    samples = make_samples("box", Arrays(x, np.arange(count) % 2))
    return split(samples, sizes.get("train_size"), sizes.get("validation_size"), seed=0)


def group_of(actions):
    """All elements of a generated group: the slow twin."""
    size = actions[0].size
    found = {Permutation.identity(size)}
    frontier = found
    while frontier:
        frontier = {a @ g for a in actions for g in frontier} - found
        found = found | frontier
    return found


GROUPS = [
    # generators, order of the group
    ("hflip", 2),
    ("hflip,swap_left_right", 4),
    ("translate_x:1", 4),
    ("rot90,hflip", 8),
    ("translate_x:1,translate_y:2", 8),
    ("vflip,swap_left_right_bottom", 8),
    ("negate,hflip", 4),
    ("negate,rot90", 8),
    ("cycle_quadrants,swap_left_right", 8),
]


@pytest.mark.parametrize(("text", "order"), GROUPS)
def test_elements_are_drawn_uniformly_from_the_group(text, order):
    data = data_of(5000)
    symmetries = parse_symmetries(text)
    group = group_of([s.action(data.domain) for s in symmetries])
    assert len(group) == order
    pixels = np.arange(1, 17)
    expected = {tuple(g.apply(pixels).tolist()) for g in group}
    for part in PARTS:
        images = getattr(plant(data, symmetries, seed=1), part).x.reshape(-1, 16)
        found, counts = np.unique(images.astype(int), axis=0, return_counts=True)
        assert {tuple(image) for image in found.tolist()} == expected
        # Five standard deviations of a binomial count.
        mean = len(images) / order
        assert np.all(np.abs(counts - mean) < 5 * np.sqrt(mean))


@pytest.mark.parametrize(
    "text", ["rot90,hflip", "translate_x:1,rot90", "swap_top_bottom_left,hflip"]
)
def test_sums_over_the_orbits_stay(text):
    data = split(read("digits"), 200, 50, seed=0)
    symmetries = parse_symmetries(text)
    group = group_of([s.action(data.domain) for s in symmetries])
    moved = plant(data, symmetries, seed=3)
    orbit_of = np.array([min(g.image[i] for g in group) for i in range(data.domain.size)])
    for part in PARTS:
        before, after = getattr(data, part), getattr(moved, part)
        assert np.array_equal(before.y, after.y)
        assert not np.array_equal(before.x, after.x)
        for orbit in np.unique(orbit_of):
            sums = [
                p.x.reshape(len(p), -1)[:, orbit_of == orbit].sum(axis=1) for p in (before, after)
            ]
            assert np.array_equal(*sums)


def test_channels_move_alike():
    data = data_of(200, (6, 6), channels=3)
    x = plant(data, parse_symmetries("rot90,translate_x:1"), seed=0).train.x.astype(int)
    assert len(np.unique(x.reshape(len(x), -1), axis=0)) > 50
    assert np.all(x[:, 1] - x[:, 0] == 36)
    assert np.all(x[:, 2] - x[:, 0] == 72)


@pytest.mark.parametrize(
    ("text", "dtype", "kept"),
    [
        ("hflip", np.uint8, np.uint8),
        ("hflip", np.float32, np.float32),
        ("negate", np.uint8, np.float32),
        ("negate", np.float32, np.float32),
    ],
)
def test_types(text, dtype, kept):
    data = data_of(50, dtype=dtype)
    moved = plant(data, parse_symmetries(text), seed=0)
    assert {getattr(moved, part).x.dtype for part in PARTS} == {np.dtype(kept)}
    assert data.train.x.dtype == dtype


def test_a_sign_of_one_column():
    x = np.ones((200, 3), np.float32)
    data = split(make_samples("box", Arrays(x, np.arange(200) % 2)), None, None, 0)
    moved = plant(data, parse_symmetries("negate_column:1,swap:0-1"), seed=0).train.x[:, 0]
    assert np.all(moved[:, 2] == 1)
    assert {tuple(row) for row in moved[:, :2]} == {(1, 1), (1, -1), (-1, 1), (-1, -1)}


@pytest.mark.parametrize("text", ["hflip,swap_left_right", "rot90,hflip,swap_left_right_top"])
def test_what_happens_to_an_image_depends_on_seed_split_and_place_only(text):
    symmetries = parse_symmetries(text)
    small = plant(data_of(2000, train_size=100, validation_size=50), symmetries, seed=7)
    large = plant(data_of(2000, train_size=1200, validation_size=300), symmetries, seed=7)
    assert np.array_equal(small.train.x, large.train.x[:100])
    assert np.array_equal(small.validation.x, large.validation.x[:50])
    assert np.array_equal(small.test.x, large.test.x)
    assert not np.array_equal(large.train.x[:300], large.validation.x)
    other = plant(data_of(2000, train_size=100, validation_size=50), symmetries, seed=8)
    assert not np.array_equal(small.test.x, other.test.x)


def test_no_symmetry_leaves_the_data_as_they_are():
    data = data_of(50)
    assert plant(data, [], seed=0) is data


def test_a_symmetry_that_is_not_defined_here():
    data = data_of(50, (3, 5))
    plant(data, parse_symmetries("rot180"), seed=0)
    with pytest.raises(SymmetryError, match="rot90 is not defined on 3x5"):
        plant(data, parse_symmetries("rot90"), seed=0)


def test_a_seed_that_cannot_be():
    with pytest.raises(SettingsError, match="seed"):
        plant(data_of(50), parse_symmetries("hflip"), seed=-1)


def test_planted_images_of_mnist(shared_data):
    data = split(read(shared_data / "mnist"), 100, 100, seed=0)
    moved = plant(data, parse_symmetries("hflip,vflip,swap_left_right"), seed=0)
    assert moved.test.x.shape == (10000, 1, 28, 28)
    assert np.array_equal(moved.test.x.sum(axis=(1, 2, 3)), data.test.x.sum(axis=(1, 2, 3)))
    still = np.mean(np.all(moved.test.x == data.test.x, axis=(1, 2, 3)))
    assert abs(still - 1 / 8) < 0.02
    assert (moved.fingerprint, moved.name) == (data.fingerprint, "mnist")


PLAYERS = {"name": "players", "like": "negate", "outputs": {"swap": "a <-> b"}}


def own(mapping, data):
    spec = DataSpec(
        data.domain, (), data.channels, data.classes or data.targets, bool(data.classes)
    )
    return resolve([candidate_of(mapping)], spec)


def test_a_class_moves_with_its_image():
    """The first pixel says what the class was: its sign has to go with the class."""
    x = np.ones((400, 3, 3), np.float32) * np.where(np.arange(400) % 2, 1, -1)[:, None, None]
    y = np.where(np.arange(400) % 2, "a", "b")
    data = split(make_samples("signs", Arrays(x, y)), None, None, seed=0)
    moved = plant(data, own(PLAYERS, data), seed=1)
    for part in PARTS:
        before, after = getattr(data, part), getattr(moved, part)
        assert np.array_equal(after.y == 0, after.x[:, 0, 0, 0] == 1)
        assert after.y.dtype == np.int64
        share = (after.y != before.y).mean()
        assert 0.3 < share < 0.7
        assert after.x.dtype == np.float32


def test_targets_move_with_their_images():
    rng = np.random.default_rng(0)
    x = rng.random((300, 4, 4), np.float32)
    tilt = x[:, :, 2:].sum((1, 2)) - x[:, :, :2].sum((1, 2))  # changes its sign with a mirror
    targets = np.stack([tilt, x.sum((1, 2))], axis=1)
    samples = make_samples("tilt", Arrays(x, targets, targets=("tilt", "total")))
    data = split(samples, None, None, seed=0)
    mirror = own({"name": "mirror", "like": "hflip", "outputs": {"negate": "tilt"}}, data)
    moved = plant(data, mirror, seed=1)
    for part in PARTS:
        x, y = getattr(moved, part).x[:, 0], getattr(moved, part).y
        tilt = x[:, :, 2:].sum((1, 2)) - x[:, :, :2].sum((1, 2))
        assert np.allclose(y, np.stack([tilt, x.sum((1, 2))], axis=1), atol=1e-4)
        assert 0.2 < (np.sign(y[:, 0]) != np.sign(getattr(data, part).y[:, 0])).mean() < 0.8


def test_channels_move_with_their_images():
    x = np.zeros((200, 6, 4), np.uint8)
    letters = np.random.default_rng(0).integers(0, 4, (200, 6))
    x[np.arange(200)[:, None], np.arange(6), letters] = 1
    samples = make_samples("strands", Arrays(x, np.arange(200) % 2), "sequence")
    data = split(samples, None, None, seed=0)
    moved = plant(data, parse_symmetries("reverse_complement"), seed=1)
    for part in PARTS:
        before = getattr(data, part).x.argmax(1)
        after = getattr(moved, part).x.argmax(1)
        assert getattr(moved, part).x.dtype == np.uint8
        stayed = (after == before).all(1)
        other = (after == 3 - before[:, ::-1]).all(1)
        assert (stayed | other).all()
        assert 0.2 < stayed.mean() < 0.8
