import numpy as np
from sklearn.datasets import load_digits

from autoequivariant.data.published.digits import Digits
from autoequivariant.data.source import ReadOptions


def test_digits():
    bunch = load_digits()
    arrays = Digits().read("digits", ReadOptions())
    assert arrays.x.shape == (1797, 8, 8)
    assert (arrays.x.min(), arrays.x.max()) == (0, 16)
    assert np.array_equal(arrays.x, bunch.images)
    assert np.array_equal(arrays.y, bunch.target)
    assert arrays.x_test is None
