"""Rows and columns are merged where classes of equal ones have one size."""

import numpy as np

from autoequivariant.nn.layers import shortcuts


def test_rows_are_merged_where_they_are_equal_in_classes_of_one_size() -> None:
    rows = np.array([[3, 1], [0, 2], [3, 1], [0, 2]], np.int32)
    assert sorted(shortcuts._equal_rows(rows).tolist()) == [[0, 2], [1, 3]]
    assert shortcuts._equal_rows(rows[:3]) is None
    assert shortcuts._equal_rows(rows[:2]).shape == (2, 1)
