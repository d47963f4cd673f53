import numpy as np
import pytest
from PIL import Image

from autoequivariant.data.formats.pictures import pixels_of, stack_pictures

GREY = np.arange(12, dtype=np.uint8).reshape(3, 4)
COLOUR = np.arange(36, dtype=np.uint8).reshape(3, 4, 3)


@pytest.mark.parametrize(
    ("mode", "expected"), [("L", GREY), ("LA", GREY), ("RGB", np.stack([GREY] * 3, axis=-1))]
)
def test_alpha_is_dropped_and_grey_stays_grey(mode, expected):
    assert np.array_equal(pixels_of(Image.fromarray(GREY).convert(mode)), expected)


def test_one_picture_in_colour_makes_all_of_them_colour():
    assert np.array_equal(stack_pictures([GREY, GREY]), np.stack([GREY, GREY]))
    mixed = stack_pictures([GREY, COLOUR])
    assert np.array_equal(mixed[0], np.repeat(GREY[..., np.newaxis], 3, axis=2))
    assert np.array_equal(mixed[1], COLOUR)
