"""Pictures in a grid have gaps between them, and none around them."""

import numpy as np
import pytest

from autoequivariant.nn.sharing_map import GAP, tiled

_ = GAP
A, B = np.array([[1, 2]]), np.array([[3, 4]])


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([[A]], [[1, 2]]),
        ([[A, B]], [[1, 2, _, 3, 4]]),
        ([[A], [B]], [[1, 2], [_, _], [3, 4]]),
        ([[A, B], [B, A]], [[1, 2, _, 3, 4], [_] * 5, [3, 4, _, 1, 2]]),
    ],
)
def test_tiled(rows: list[list[np.ndarray]], expected: list[list[int]]) -> None:
    assert tiled(rows).tolist() == expected
