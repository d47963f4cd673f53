import dataclasses
import hashlib

import numpy as np
import pytest

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.samples import Samples, make_samples
from autoequivariant.errors import DataError
from autoequivariant.paper.rot_mnist import TEST, TRAIN, rot_mnist

COUNT, SIDE = 62_100, 3


@pytest.fixture(scope="module")
def samples() -> Samples:
    """The middle pixel tells which image it is, and no turn changes it."""
    x = np.zeros((COUNT, SIDE, SIDE), np.uint8)
    x[:, 1, 1] = np.arange(COUNT) % 251
    x[:, 0, 1] = 200
    y = np.arange(COUNT) % 10
    return make_samples("fixed", Arrays(x[:60_000], y[:60_000], x[60_000:], y[60_000:]))


@pytest.fixture(scope="module")
def made(samples: Samples) -> Samples:
    return rot_mnist(samples, 0)


def test_the_split_is_the_classic_one(made: Samples) -> None:
    assert made.x.shape == (12_000, 1, SIDE, SIDE)
    assert made.x_test is not None
    assert made.x_test.shape == (50_000, 1, SIDE, SIDE)
    assert made.x.dtype == made.x_test.dtype == np.uint8


def test_no_image_is_drawn_twice_and_each_keeps_its_label(made: Samples) -> None:
    assert made.x_test is not None
    middles = np.concatenate([made.x[:, 0, 1, 1], made.x_test[:, 0, 1, 1]])
    labels = np.concatenate([made.y, made.y_test])
    drawn = np.bincount(middles.astype(np.int64) * 10 + labels, minlength=2510)
    there = np.bincount(np.arange(COUNT) % 251 * 10 + np.arange(COUNT) % 10, minlength=2510)
    assert np.all(drawn <= there)
    assert drawn.sum() == TRAIN + TEST


def test_angles_are_uniform_over_the_full_turn(made: Samples) -> None:
    bright = made.x[:, 0].astype(np.int64)
    up, down = bright[:, 0].sum(), bright[:, 2].sum()
    left, right = bright[:, :, 0].sum(), bright[:, :, 2].sum()
    assert np.allclose([up, down, left, right], np.mean([up, down, left, right]), rtol=0.02)


def test_the_seed_decides_and_the_bytes_are_the_same_on_every_machine(
    samples: Samples, made: Samples
) -> None:
    digests = [digest(rot_mnist(samples, 0)), digest(made), digest(rot_mnist(samples, 1))]
    assert digests == [DIGEST, DIGEST, OTHER]


def digest(made: Samples) -> str:
    assert made.x_test is not None
    return hashlib.sha256(made.x.tobytes() + made.x_test.tobytes()).hexdigest()[:16]


# Printed once by the code above; they must never change again.
DIGEST, OTHER = "ff82ad28a32bbe3c", "b858f2f1d8551420"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x": np.zeros((COUNT, 1, 3, 3), np.float32)}, "1 channels of float32 on 3x3"),
        ({"channels": 3}, "3 channels of uint8 on 3x3"),
        (
            {"x_test": None, "y_test": None},
            "62,000 training and test images together; fixed has 60,000",
        ),
    ],
)
def test_other_images_are_refused(
    samples: Samples, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        rot_mnist(dataclasses.replace(samples, **changes), 0)  # type: ignore[arg-type]
