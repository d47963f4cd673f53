"""A folder with one folder of images for each class."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.formats.pictures import Pictures, stack_pictures
from autoequivariant.data.source import DataSource, ReadOptions, existing_path
from autoequivariant.errors import DataError

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm")


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
        pictures = Pictures(options.memory, len(paths))
        x = stack_pictures([pictures.read(path, str(path)) for path in paths])
        y = np.array(labels)
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
                "put images into it, or give a folder that has only folders of images."
            )
        paths += images
        labels += [directory.name] * len(images)
    if not paths:
        raise DataError(f"{folder} holds no class folders: make one folder of images per class.")
    return paths, labels
