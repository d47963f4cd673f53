"""The built-in data set `digits`: 1,797 handwritten digits of 8x8 pixels, values 0 to 16."""

from __future__ import annotations

from pathlib import Path

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
        # Here and not above: scikit-learn takes a second to import, and other sources do without.
        from sklearn.datasets import load_digits

        bunch = load_digits()
        return Arrays(bunch.images, bunch.target)
