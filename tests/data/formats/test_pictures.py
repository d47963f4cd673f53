import io
import warnings

import numpy as np
import pytest
from PIL import Image

from autoequivariant.data.formats.pictures import Pictures, pixels_of, stack_pictures
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget

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


def image_bytes(pixels: np.ndarray, form: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, form)
    return file.getvalue()


def without_pixels(png: bytes) -> bytes:
    return png[: png.index(b"IDAT") + 6]


def read_all(contents: list[bytes], limit: int | None = None, count: int = 0) -> list[np.ndarray]:
    pictures = Pictures(MemoryBudget("images", limit), count)
    return [pictures.read(io.BytesIO(c), f"image {k}") for k, c in enumerate(contents)]


@pytest.mark.parametrize(("pixels", "values"), [(GREY, 1), (COLOUR, 3)])
def test_the_first_image_stands_for_all(pixels: np.ndarray, values: int) -> None:
    area = pixels.shape[0] * pixels.shape[1]
    needed, one = area * 24 + 50 * area * values * 2, image_bytes(pixels)
    assert len(read_all([one] * 50, needed, 50)) == len(read_all([one] * 50, needed)) == 50
    with pytest.raises(DataError, match="images may take .* --memory-limit"):
        read_all([without_pixels(one)], needed - 1, 50)  # refused before it is decoded
    assert len(read_all([one] * 49, needed - 1)) == 49
    with pytest.raises(DataError, match="images may take .* --memory-limit"):
        read_all([one] * 50, needed - 1)


def test_a_colour_image_among_grey_ones_makes_all_larger() -> None:
    area = GREY.size
    contents = [image_bytes(GREY)] * 9 + [image_bytes(COLOUR)]
    assert len(read_all(contents, area * 24 + 10 * area * 6, 10)) == 10
    with pytest.raises(DataError, match="--memory-limit"):
        read_all(contents, area * 24 + 10 * area * 6 - 1, 10)


def test_another_size_is_refused_before_it_is_decoded() -> None:
    large = image_bytes(np.zeros((200, 300), np.uint8))
    assert len(read_all([large, large])) == 2
    with pytest.raises(DataError, match="image 0 is 4x3 but image 1 is 300x200 .width x"):
        read_all([image_bytes(GREY), without_pixels(large)])


def test_only_the_formats_of_the_suffixes_are_opened() -> None:
    """Pillow would start Ghostscript for the last."""
    for form in ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM"):
        assert read_all([image_bytes(COLOUR, form)])[0].shape == COLOUR.shape
    for form in ("TGA", "ICO", "EPS"):
        with pytest.raises(DataError, match="image 0 cannot be read .*: replace it or remove it"):
            read_all([image_bytes(COLOUR, form)])


def test_large_images_do_not_warn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", GREY.size - 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(read_all([image_bytes(GREY)])) == 1
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", GREY.size // 2 - 1)
    with pytest.raises(DataError, match="image 0 cannot be read"):
        read_all([image_bytes(GREY)])
