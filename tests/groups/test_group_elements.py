"""All elements of groups of known order."""

import pytest

from autoequivariant.groups.group_elements import group_elements
from autoequivariant.groups.permutation import Permutation

IDENTITY = Permutation.identity(3)
CYCLE, SWAP = Permutation([1, 2, 0]), Permutation([1, 0, 2])
QUARTER_TURN = Permutation([1, 0, 2], [1, -1, 1])


@pytest.mark.parametrize(
    ("generators", "order"),
    [((SWAP,), 2), ((CYCLE,), 3), ((CYCLE, SWAP), 6), ((QUARTER_TURN, CYCLE), 24), ((), 1)],
)
def test_all_elements_of_a_group(generators: tuple[Permutation, ...], order: int) -> None:
    found = group_elements(generators, IDENTITY, order)
    assert found is not None
    assert len(set(found)) == len(found) == order
    assert found[0] == IDENTITY
    assert all(one.inverse() in found for one in found)
    assert group_elements(generators, IDENTITY, order - 1) is None
