"""The built-in data set: 1,797 handwritten digits of 8x8 pixels, values 0 to 16."""

from __future__ import annotations

from autoequivariant.data.arrays import Arrays


def read_digits() -> Arrays:
    """Return scikit-learn's `digits`.

    They are the test part of "Optical Recognition of Handwritten Digits" (UCI). The set comes
    with scikit-learn, so nothing is fetched, and has no test set of its own.
    """
    # Here and not above: scikit-learn takes a second to import, and other sources do without it.
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return Arrays(bunch.images, bunch.target)
