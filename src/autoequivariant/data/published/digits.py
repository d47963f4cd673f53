"""The built-in data set `digits`: 1,797 handwritten digits of 8x8 pixels, values 0 to 16."""

from __future__ import annotations

import gzip
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.source import DataSource, ReadOptions


class Digits(DataSource):
    """scikit-learn's `digits`, the test part of "Optical Recognition of Handwritten Digits" (UCI).

    It comes with scikit-learn, so nothing is fetched, and has no test set of its own.
    """

    name = "digits"
    names = ("digits",)

    def read(self, data: str | Path, options: ReadOptions) -> Arrays:
        """Return the images and digits."""
        # As `sklearn.datasets.load_digits` does, which takes a second to import.
        package = find_spec("sklearn")
        (folder,) = [] if package is None else package.submodule_search_locations or []
        with gzip.open(Path(folder) / "datasets" / "data" / "digits.csv.gz", "rt") as file:
            rows = np.loadtxt(file, delimiter=",")
        return Arrays(rows[:, :-1].reshape(-1, 8, 8), rows[:, -1].astype(np.int64))
