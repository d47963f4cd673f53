import numpy as np
import pytest

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.samples import make_samples
from autoequivariant.errors import DataError
from autoequivariant.paper.rotation import TURN, check_images, rotated


@pytest.mark.parametrize("quarters", range(4))
def test_quarter_turns_are_exact(quarters: int) -> None:
    x = np.random.default_rng(0).integers(1, 256, (400, 8, 8)).astype(np.uint8)
    turned = rotated(x, np.full(len(x), quarters * TURN // 4))
    assert np.array_equal(turned, np.rot90(x, quarters, (1, 2)))


def test_a_turn_and_back_keeps_what_is_smooth() -> None:
    ramp = np.add.outer(np.arange(28), np.arange(28)).astype(np.uint8) * 4
    x = np.where(np.hypot(*np.mgrid[-13.5:14, -13.5:14]) < 9, ramp, 0).astype(np.uint8)[None]
    back = rotated(rotated(x, np.array([5000])), np.array([TURN - 5000]))
    inner = np.hypot(*np.mgrid[-13.5:14, -13.5:14]) < 6
    assert np.abs(back[0].astype(int) - x[0].astype(int))[inner].max() <= 4


def test_each_image_has_its_own_angle_in_whatever_company() -> None:
    """More images than are turned at a time, against each alone."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (2100, 6, 6)).astype(np.uint8)
    angles = rng.integers(TURN, size=len(x))
    together = rotated(x, angles)
    for k in (0, 1999, 2000, 2099):
        assert np.array_equal(together[k : k + 1], rotated(x[k : k + 1], angles[k : k + 1]))


@pytest.mark.parametrize(("shape", "is_even"), [((5, 5), False), ((4, 4), True), ((4, 4), False)])
def test_images_that_fit(shape: tuple[int, int], is_even: bool) -> None:
    images = Arrays(np.zeros((4, *shape), np.uint8), np.array([0, 1, 0, 1]))
    check_images(make_samples("these", images), is_even)


@pytest.mark.parametrize(
    ("shape", "dtype", "is_even", "message"),
    [
        ((5, 5), np.uint8, True, "an even square grid; got 1 channels of uint8 on 5x5"),
        ((4, 6), np.uint8, False, "a square grid; got 1 channels of uint8 on 4x6"),
        ((4, 4), np.float32, False, "got 1 channels of float32 on 4x4"),
        ((4, 4, 3), np.uint8, False, "got 3 channels of uint8 on 4x4"),
    ],
)
def test_images_that_do_not_fit(
    shape: tuple[int, ...], dtype: type, is_even: bool, message: str
) -> None:
    images = Arrays(np.zeros((4, *shape), dtype), np.array([0, 1, 0, 1]))
    with pytest.raises(DataError, match=message):
        check_images(make_samples("these", images), is_even)
