"""Images of one data set, decoded against the memory that is left, and stacked into one array."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.arrays import peak_bytes
from autoequivariant.data.messages import library_errors
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget

# Pillow recognises more by their contents, and starts other programs to open some of them.
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")

_GREY = ("L", "1", "LA")
_DEEP_GREY = ("I;16", "I;16L", "I;16B", "I", "F")

# Bytes a pixel while an image is decoded, beside its pixels. Measured as the peak of the process
# for one image of 5000x5000: 23 for WebP, 15 for colour in other formats, 12 for grey of 32 bits,
# less for other grey.
_DECODING = 24


@dataclass(frozen=True)
class _Form:
    """The name, sides and depth of an image."""

    name: str
    height: int
    width: int
    is_deep: bool = False

    def size(self) -> str:
        """Return width and height, for messages."""
        return f"{self.width}x{self.height}"


class Pictures:
    """Reads images of one size and depth, one by one.

    Args:
        memory: what reading may take.
        count: how many there are, if that is known: the first, whose size is known before it is
            decoded, then stands for all. Default: 0, each counts when it is read.
    """

    def __init__(self, memory: MemoryBudget, count: int = 0) -> None:
        self._memory, self._count = memory, count
        self._read = self._reserved = 0
        self._first: _Form | None = None

    def read(self, file: Path | BinaryIO, name: str) -> NDArray[Any]:
        """Return the pixels of an image without alpha, with its EXIF orientation applied.

        Returns:
            uint8 of shape `(h, w)` if it is grey, else RGB of `(h, w, 3)`; float32 of shape
            `(h, w)` if it has more than 8 bits a value.

        Raises:
            DataError: it cannot be read, has another size or depth than the first one, or takes
                more memory than is left.
            OSError: it cannot be opened.
        """
        # Here and not above: other sources do without it.
        from PIL import Image, ImageOps

        with (
            library_errors(f"The image {name} cannot be read", "replace it or remove it"),
            Image.open(file, formats=FORMATS) as opened,
        ):
            form, first = _Form(name, opened.height, opened.width), self._first
            # An orientation may exchange the sides, so only their product is known so far.
            if first and form.height * form.width != first.height * first.width:
                raise _unequal_size(first, form)
            self._reserve(form.height * form.width, opened.mode)
            image = ImageOps.exif_transpose(opened)
            is_deep = image.mode in _DEEP_GREY
            pixels = np.asarray(image).astype(np.float32) if is_deep else pixels_of(image)
        form = _Form(name, pixels.shape[0], pixels.shape[1], is_deep)
        first = self._first = self._first or form
        if form.size() != first.size():
            raise _unequal_size(first, form)
        if form.is_deep != first.is_deep:
            deep, other = (form, first) if form.is_deep else (first, form)
            raise DataError(
                f"The images are of unequal depth: {deep.name} has more than 8 bits a value but "
                f"{other.name} has not; convert all of them to one depth."
            )
        return pixels

    def _reserve(self, area: int, mode: str) -> None:
        """Reserve what this image adds to the memory of all, of as many channels as any so far."""
        if not self._read:
            self._memory.reserve(area * _DECODING)
        self._read += 1
        channels = 1 if mode in (*_GREY, *_DEEP_GREY) else 3
        dtype = np.dtype(np.float32 if mode in _DEEP_GREY else np.uint8)
        needed = peak_bytes((max(self._count, self._read), area, channels), dtype)
        if needed > self._reserved:
            self._memory.reserve(needed - self._reserved)
            self._reserved = needed


def _unequal_size(first: _Form, other: _Form) -> DataError:
    return DataError(
        f"The images are of unequal size: {first.name} is {first.size()} but {other.name} is "
        f"{other.size()} (width x height); resize all of them to one size."
    )


def pixels_of(image: Any) -> NDArray[np.uint8]:
    """Return a PIL image without alpha: `(h, w)` if it is grey, else RGB of `(h, w, 3)`."""
    return np.asarray(image.convert("L" if image.mode in _GREY else "RGB"))


def stack_pictures(pictures: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return images of one size as `(n, h, w)` if all are grey, else as RGB of `(n, h, w, 3)`."""
    if all(pixels.ndim == 2 for pixels in pictures):
        return np.stack(pictures)
    x = np.empty((len(pictures), *pictures[0].shape[:2], 3), np.uint8)
    for slot, pixels in zip(x, pictures, strict=True):
        slot[...] = pixels if pixels.ndim == 3 else pixels[..., np.newaxis]
    return x
