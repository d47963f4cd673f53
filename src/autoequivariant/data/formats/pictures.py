"""Decoded images of one data set, stacked into one array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_GREY = ("L", "1", "LA")


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
