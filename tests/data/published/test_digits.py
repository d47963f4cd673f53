import numpy as np

from autoequivariant.data.published.digits import Digits
from autoequivariant.data.source import ReadOptions


def test_digits():
    arrays = Digits().read("digits", ReadOptions())
    assert arrays.x.shape == (1797, 8, 8)
    assert (arrays.x.min(), arrays.x.max()) == (0, 16)
    assert np.array_equal(np.unique(arrays.y), np.arange(10))
    assert arrays.x_test is None
