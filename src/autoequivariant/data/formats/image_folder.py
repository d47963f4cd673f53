"""A folder with one folder of images for each class."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.formats.pictures import pixels_of, stack_pictures
from autoequivariant.data.messages import reason
from autoequivariant.data.source import DataSource, ReadOptions, existing_path
from autoequivariant.errors import DataError

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm")

_DEEP_GREY = ("I;16", "I;16L", "I;16B", "I", "F")


class ImageFolder(DataSource):
    """`folder/CLASS/*`, or `folder/train/CLASS/*` and optionally `folder/test/CLASS/*`.

    All images must have one size, with their EXIF orientation applied. Greyscale images (also with
    alpha, or of 1 bit) give one channel; if any image has colour, all become RGB; alpha is dropped.
    Deeper greyscale (16 bits, float) keeps its values as float32 and cannot be mixed with others.
    Hidden files, and files with none of `SUFFIXES`, are left out.
    """

    name = "image folder"
    form = "a folder with one folder of images per class"

    def recognises(self, data: str | Path) -> bool:
        """Whether images lie in a folder below it, or below `train` in it."""
        path = existing_path(data)
        if path is None or not path.is_dir():
            return False
        return any(_images(directory) for directory in _class_folders(_train_folder(path)))

    def read(self, data: str | Path, options: ReadOptions) -> Arrays:
        """Read the images, ordered by class and then by file name."""
        folder = Path(data)
        train = _train_folder(folder)
        paths, labels = _labelled_paths(train)
        count = len(paths)
        if train != folder and (folder / "test").is_dir():
            test_paths, test_labels = _labelled_paths(folder / "test")
            paths, labels = paths + test_paths, labels + test_labels
        pictures = [_read_picture(path) for path in paths]
        _check_uniform(paths, pictures, folder)
        x, y = stack_pictures(pictures), np.array(labels)
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


def _labelled_paths(folder: Path) -> tuple[list[Path], list[str]]:
    paths: list[Path] = []
    labels: list[str] = []
    for directory in _class_folders(folder):
        images = _images(directory)
        if not images:
            raise DataError(
                f"The class folder {directory} holds no images ({' '.join(SUFFIXES)}): "
                "fill it or remove it."
            )
        paths += images
        labels += [directory.name] * len(images)
    if not paths:
        raise DataError(f"{folder} holds no class folders: make one folder of images per class.")
    return paths, labels


def _read_picture(path: Path) -> NDArray[Any]:
    # Here and not above: other sources do without it.
    from PIL import Image, ImageOps

    # What Pillow's decoders raise on damaged files.
    damaged = (
        *(OSError, SyntaxError, ValueError, EOFError, struct.error),
        Image.DecompressionBombError,
    )
    try:
        with Image.open(path) as opened:
            image = ImageOps.exif_transpose(opened)
            if image.mode in _DEEP_GREY:
                return np.asarray(image).astype(np.float32)
            return pixels_of(image)
    except PermissionError:
        raise
    except damaged as error:
        raise DataError(
            f"The image {path} cannot be read ({reason(error)}): replace it or remove it."
        ) from None


def _check_uniform(paths: list[Path], pictures: list[NDArray[Any]], folder: Path) -> None:
    """Refuse images of several sizes or depths."""
    for path, pixels in zip(paths, pictures, strict=True):
        if pixels.shape[:2] != pictures[0].shape[:2]:
            raise DataError(
                f"The images are of unequal size: {paths[0]} is {_size(pictures[0])} but {path} is "
                f"{_size(pixels)} (width x height); resize all of them to one size."
            )
    is_deep = [pixels.dtype != np.uint8 for pixels in pictures]
    if any(is_deep) and not all(is_deep):
        raise DataError(
            f"The images in {folder} are of unequal depth: {paths[is_deep.index(True)]} has more "
            f"than 8 bits a value but {paths[is_deep.index(False)]} has not; convert all of them "
            "to one depth."
        )


def _size(pixels: NDArray[Any]) -> str:
    return f"{pixels.shape[1]}x{pixels.shape[0]}"
