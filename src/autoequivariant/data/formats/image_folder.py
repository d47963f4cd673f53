"""Images in one folder for each class."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from autoequivariant.data.arrays import Arrays
from autoequivariant.errors import DataError

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm")

_GREY = ("L", "1", "LA")
_DEEP_GREY = ("I;16", "I;16L", "I;16B", "I", "F")

# What Pillow's decoders raise on damaged files.
_DAMAGED = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    struct.error,
    Image.DecompressionBombError,
)


@dataclass(frozen=True, eq=False)
class _Picture:
    """One decoded image: `(h, w)` if grey, `(h, w, 3)` if in colour."""

    path: Path
    pixels: NDArray[Any]


def holds_images(folder: Path) -> bool:
    """Whether `folder` holds images by class, with or without `train` and `test` above them."""
    return any(_images(directory) for directory in _class_folders(_train_folder(folder)))


def read_image_folder(folder: Path) -> Arrays:
    """Read `folder/CLASS/*` or `folder/train/CLASS/*` and, if there, `folder/test/CLASS/*`.

    All images must have one size, seen as their EXIF orientation says. Greyscale images (also with
    alpha, or of 1 bit) give one channel; if any image has colour, all become RGB; alpha is dropped.
    Deeper greyscale (16 bits, float) keeps its values as float32 and cannot be mixed with others.
    Images are ordered by class, then by file name; hidden files and files that have none of
    `SUFFIXES` are left out.

    Raises:
        DataError: an image that cannot be read, images of different sizes, a class without images.
        OSError: a folder or file cannot be opened.
    """
    train = _train_folder(folder)
    pictures, labels = _read_classes(train)
    count = len(pictures)
    if train != folder and (folder / "test").is_dir():
        test_pictures, test_labels = _read_classes(folder / "test")
        pictures, labels = pictures + test_pictures, labels + test_labels
    _check_sizes(pictures)
    x, y = _stack(pictures, folder), np.array(labels)
    if len(x) == count:
        return Arrays(x, y)
    return Arrays(x[:count], y[:count], x[count:], y[count:])


def _train_folder(folder: Path) -> Path:
    # A folder `train` without folders in it is a class: there are data sets of vehicles.
    train = folder / "train"
    return train if train.is_dir() and _class_folders(train) else folder


def _class_folders(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))


def _images(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()
    )


def _read_classes(folder: Path) -> tuple[list[_Picture], list[str]]:
    pictures: list[_Picture] = []
    labels: list[str] = []
    for directory in _class_folders(folder):
        paths = _images(directory)
        if not paths:
            raise DataError(
                f"The class folder {directory} holds no images ({' '.join(SUFFIXES)}): "
                "fill it or remove it."
            )
        pictures += [_read_picture(path) for path in paths]
        labels += [directory.name] * len(paths)
    if not pictures:
        raise DataError(f"{folder} holds no class folders: make one folder of images per class.")
    return pictures, labels


def _read_picture(path: Path) -> _Picture:
    try:
        with Image.open(path) as opened:
            image = ImageOps.exif_transpose(opened)
            if image.mode in _DEEP_GREY:
                return _Picture(path, np.asarray(image).astype(np.float32))
            mode = "L" if image.mode in _GREY else "RGB"
            return _Picture(path, np.asarray(image.convert(mode)))
    except PermissionError:
        raise
    except _DAMAGED as error:
        reason = str(error).rstrip(".")
        raise DataError(
            f"The image {path} cannot be read ({reason}): replace it or remove it."
        ) from None


def _check_sizes(pictures: Sequence[_Picture]) -> None:
    first = pictures[0]
    for other in pictures:
        if other.pixels.shape[:2] != first.pixels.shape[:2]:
            raise DataError(
                f"The images are of unequal size: {first.path} is {_size(first)} but "
                f"{other.path} is {_size(other)} (width x height); resize all of them to one size."
            )


def _size(picture: _Picture) -> str:
    height, width = picture.pixels.shape[:2]
    return f"{width}x{height}"


def _stack(pictures: Sequence[_Picture], folder: Path) -> NDArray[Any]:
    deep = [p for p in pictures if p.pixels.dtype != np.uint8]
    plain = [p for p in pictures if p.pixels.dtype == np.uint8]
    if deep and plain:
        raise DataError(
            f"The images in {folder} are of unequal depth: {deep[0].path} has more than 8 bits a "
            f"value but {plain[0].path} has not; convert all of them to one depth."
        )
    if all(p.pixels.ndim == 2 for p in pictures):
        return np.stack([p.pixels for p in pictures])
    x = np.empty((len(pictures), *pictures[0].pixels.shape[:2], 3), np.uint8)
    for slot, picture in zip(x, pictures, strict=True):
        slot[...] = picture.pixels if picture.pixels.ndim == 3 else picture.pixels[..., np.newaxis]
    return x
