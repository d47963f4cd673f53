"""Copies that leak from one part of a split into another."""

from dataclasses import replace

import numpy as np
import pytest

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.copies.find import MOST_EACH, NO_COPIES, find_copies
from autoequivariant.data.folds import fold, joined
from autoequivariant.data.registry import read
from autoequivariant.data.samples import Samples, make_samples
from autoequivariant.data.split import DataSet, split
from autoequivariant.groups.catalogue import default_candidates
from autoequivariant.groups.custom.definition import Definition, resolve
from autoequivariant.groups.symmetry import Symmetry, parse_symmetries
from autoequivariant.searching.data_spec import data_spec

SQUARE = parse_symmetries("rot90,hflip")


def samples_of(x: np.ndarray, y: np.ndarray, **test: np.ndarray) -> Samples:
    return make_samples("pictures", Arrays(x, y, **test))


def canonical(picture: np.ndarray) -> bytes:
    turns = [np.rot90(picture, k) for k in range(4)]
    return min(np.ascontiguousarray(t).tobytes() for one in turns for t in (one, one[:, ::-1]))


def wbc_like(originals: int, count: int, seed: int = 0) -> Samples:
    """A few pictures, turned and mirrored at random into many samples."""
    rng = np.random.default_rng(seed)
    pictures = rng.integers(0, 256, (originals, 6, 6), np.uint8)
    labels = rng.integers(0, 4, originals)
    drawn = np.concatenate([np.arange(originals), rng.integers(originals, size=count - originals)])
    rng.shuffle(drawn)
    x = [np.rot90(pictures[k], rng.integers(4))[:, :: rng.choice([1, -1])] for k in drawn]
    return samples_of(np.stack(x), labels[drawn])


def assert_parts_apart(data: DataSet) -> None:
    parts = [{canonical(one[0]) for one in p.x} for p in (data.train, data.validation, data.test)]
    assert not parts[0] & parts[1] and not parts[0] & parts[2] and not parts[1] & parts[2]


def assert_apart(data: DataSet) -> None:
    """No two parts of the split, and no two folds, share a picture."""
    assert_parts_apart(data)
    folds = [fold(data, k, 4, 0) for k in range(4)]
    for fitted, scored in folds:
        assert len(scored) and set(np.unique(scored.y)) == set(np.unique(fitted.y))
        assert not {canonical(a[0]) for a in fitted.x} & {canonical(a[0]) for a in scored.x}
    assert sum(len(scored) for _, scored in folds) == len(joined(data))


@pytest.mark.parametrize("sizes", [(None, None), (500, 200), (1000, 1000)])
def test_turned_copies_are_in_one_part(sizes: tuple[int | None, int | None]) -> None:
    samples = wbc_like(277, 4000)
    copies = find_copies(samples, SQUARE)
    assert copies.clusters is not None and copies.left_out is None
    assert len(np.unique(copies.clusters)) == 277
    (warning,) = copies.warnings
    assert "3,723 samples are copies of others" in warning
    assert "only 277 of 4,000 samples are independent" in warning
    assert "another label" not in warning
    data = split(samples, *sizes, 0, copies)
    assert_apart(data)
    if sizes[0] is not None:
        assert len(data.train) == sizes[0] and len(data.validation) == sizes[1]
    assert 700 <= len(data.test) <= 900
    shares = [np.bincount(part.y) / len(part) for part in (data.train, data.test)]
    assert np.abs(shares[0] - shares[1]).max() < 0.06
    apart = split(samples, *sizes, 0)  # the twin: without clusters they are mixed
    with pytest.raises(AssertionError):
        assert_apart(apart)


def test_the_whole_size_of_the_known_case_is_found() -> None:
    copies = find_copies(wbc_like(277, 10_000), SQUARE)
    assert copies.clusters is not None and len(np.unique(copies.clusters)) == 277
    assert MOST_EACH > 10_000 / 277


def test_without_copies_nothing_changes() -> None:
    samples = wbc_like(400, 400)
    copies = find_copies(samples, SQUARE)
    assert copies is NO_COPIES
    plain, grouped = split(samples, None, None, 3), split(samples, None, None, 3, copies)
    assert np.array_equal(plain.test.x, grouped.test.x)
    alone = replace(copies, clusters=np.arange(400))
    assert np.array_equal(plain.test.x, split(samples, None, None, 3, alone).test.x)


@pytest.mark.parametrize(
    ("move", "how"), [(lambda p: p, "unmoved"), (np.rot90, "rot90"), (np.fliplr, "hflip")]
)
def test_pairs_are_named(move: object, how: str) -> None:
    samples = wbc_like(300, 300)
    x = samples.x.copy()
    x[123, 0] = move(x[7, 0])  # type: ignore[operator]
    copies = find_copies(replace(samples, x=x), SQUARE)
    (warning,) = copies.warnings
    assert (
        f"1 sample is a copy of others, moved by a candidate or unmoved (samples 7 and 123: {how})"
        in warning
    )
    assert ("another label" in warning) == (samples.y[7] != samples.y[123])
    same = samples.y.copy()
    same[123] = same[7]
    (agreeing,) = find_copies(replace(samples, x=x, y=same), SQUARE).warnings
    assert "another label" not in agreeing


def test_a_copy_with_another_label_is_said() -> None:
    samples = wbc_like(300, 300)
    x, y = samples.x.copy(), samples.y.copy()
    x[:150], y[:150] = x[150:], y[150:]
    y[0] = (y[0] + 1) % 4
    (warning,) = find_copies(replace(samples, x=x, y=y), SQUARE).warnings
    assert "1 copy has another label than the original" in warning


@pytest.mark.parametrize("count", [30, 250])
def test_copies_of_test_samples_are_left_out_of_train_unless_most_are(count: int) -> None:
    samples = wbc_like(300, 300)
    test = wbc_like(300, 300, seed=1)
    x_test = test.x.copy()
    x_test[:count] = samples.x[:count, ..., ::-1]
    both = replace(samples, x_test=x_test, y_test=samples.y)
    copies = find_copies(both, SQUARE)
    data = split(both, None, None, 0, copies)
    assert np.array_equal(data.test.x, x_test)
    (warning,) = copies.warnings
    assert f"{count} training samples are copies of test samples" in warning
    assert "test 0 and train 0: hflip" in warning
    shared = {canonical(a[0]) for a in joined(data).x} & {canonical(a[0]) for a in x_test}
    if count == 30:
        assert not shared and "left out of training" in warning
        assert len(joined(data)) == 270
    else:
        assert len(shared) == count and "the test score is too high" in warning
        assert len(joined(data)) == 300


def test_a_symmetry_whose_copies_have_other_labels_relates_nothing() -> None:
    """On a full grid of a few numbers every row is another row with its columns exchanged."""
    grid = np.array(np.meshgrid(*[np.arange(6.0)] * 4)).reshape(4, -1).T
    true, false = Symmetry.parse("swap:0-1"), Symmetry.parse("swap:1-2")
    y = (grid[:, 0] * grid[:, 1] > grid[:, 2] * 3 + grid[:, 3]).astype(int)
    samples = make_samples("grid", Arrays(grid, y))
    copies = find_copies(samples, [true, false])
    only = find_copies(samples, [true])
    assert copies.clusters is not None and only.clusters is not None
    assert np.array_equal(copies.clusters, only.clusters)
    assert len(np.unique(only.clusters)) == 21 * 36
    assert find_copies(samples, [false]).clusters is None


def test_too_few_clusters_are_not_kept_together() -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 2, (600, 4)).astype(float)
    samples = make_samples("bits", Arrays(x, (x.sum(1) > 2).astype(int)))
    copies = find_copies(samples, ())
    assert copies.clusters is None
    assert "not how well new ones are predicted" in copies.warnings[0]
    # Distinct rows that a symmetry makes a few: duplicates alone are kept together.
    rows = np.stack([np.roll(np.arange(200.0), k) for k in range(200)])
    y = np.arange(200) >= 199
    sequences = make_samples("rolled", Arrays(rows[:, None], y.astype(int)), kind="sequence")
    copies = find_copies(sequences, [Symmetry.parse("shift:1")])
    assert copies.clusters is None
    assert "Many samples are a few moved by 'shift:1'" in copies.warnings[0]


def test_targets_that_differ_little_are_no_contradiction() -> None:
    rng = np.random.default_rng(0)
    half = rng.normal(size=(100, 3))
    x = np.concatenate([half, half[:, [1, 0, 2]]])
    y = np.abs(x[:, 0] - x[:, 1]) + x[:, 2] + 0.01 * rng.normal(size=200)
    swap = [Symmetry.parse("swap:0-1")]
    known = find_copies(make_samples("numbers", Arrays(x, y)), swap)
    assert known.clusters is not None and len(np.unique(known.clusters)) == 100
    other = find_copies(make_samples("numbers", Arrays(x, rng.normal(size=200))), swap)
    assert other.clusters is None and not other.warnings


def test_labels_move_with_the_samples() -> None:
    """Turned clockwise and anticlockwise: a mirror exchanges the classes."""
    samples = wbc_like(200, 200)
    x = np.concatenate([samples.x[:100], samples.x[:100, :, :, ::-1]])
    mirror = {"name": "mirror", "like": "hflip", "outputs": {"swap": "0 <-> 1"}}
    for y, is_kept in ((np.repeat([0, 1], 100), True), (np.arange(200) % 2, False)):
        pictures = samples_of(x[:, 0], y)
        (symmetry,) = resolve([Definition.of(mirror)], data_spec(pictures))
        copies = find_copies(pictures, [symmetry])
        assert (copies.clusters is not None) == is_kept
        assert not is_kept or "another label" not in copies.warnings[0]


def test_boards_are_in_one_part_with_all_their_moved_copies() -> None:
    samples = read("tic_tac_toe")
    copies = find_copies(samples, default_candidates(samples.domain))
    assert copies.clusters is not None and len(np.unique(copies.clusters)) == 276
    data = split(samples, None, None, 0, copies)
    assert_parts_apart(data)
    for part in (data.train, data.validation, data.test):
        assert set(np.unique(part.y)) == {0, 1, 2}


def test_what_only_all_candidates_together_relate_is_no_copy_if_labels_differ() -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 2, (500, 14)).astype(float)
    x = x[np.unique(x, axis=0, return_index=True)[1]]
    swaps = [Symmetry("swap", (k, k + 1)) for k in range(13)]
    by_chance = rng.integers(0, 2, len(x))
    whole = rng.integers(0, 2, 15)[x.sum(1).astype(int)]
    for y, is_less in ((by_chance, True), (whole, False)):
        copies = find_copies(make_samples("bits", Arrays(x, y)), swaps)
        related = 0 if copies.clusters is None else len(x) - len(np.unique(copies.clusters))
        assert (related < 60) == is_less
