"""Representatives of orbits, by a tournament and by sorting."""

import itertools

import numpy as np
import pytest
import torch

from autoequivariant.groups.sorted_blocks import SortedBlocks
from autoequivariant.nn.symmetrize import representatives
from autoequivariant.nn.symmetrize.orbit import Orbit
from autoequivariant.nn.symmetrize.representatives import Sorting, to_representative

from .cases import CASES, acted

SQUARE = CASES["square, odd"]


def orbit() -> Orbit:
    return Orbit(SQUARE.elements(), SQUARE.shape)


@pytest.mark.parametrize("dtype", [torch.float64, torch.uint8, torch.bool])
@pytest.mark.parametrize(("keys", "first"), [(2**23, 64), (7, 64), (2**23, 1), (9999, 2)])
def test_all_elements_that_reach_the_largest_copy_are_found(
    keys: int, first: int, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many values are compared at once, and how many first."""
    monkeypatch.setattr(representatives, "_MOST_KEYS", keys)
    monkeypatch.setattr(representatives, "_FIRST_VALUES", first)
    x = torch.randint(0, 2, (300, *SQUARE.shape)).to(dtype)
    x[0] = 1
    reaches = to_representative(orbit(), x)
    copies = orbit().moved(x)
    for mask, own in zip(reaches, copies.tolist(), strict=True):
        assert mask.tolist() == [copy == max(own) for copy in own]
    assert reaches[0].all()
    assert reaches.sum(1).min() == 1


def test_missing_values_are_the_smallest() -> None:
    x = SQUARE.samples()
    x[3:, 0, 0, 1] = torch.nan
    x[5] = torch.nan
    largest = orbit().moved_by(x, to_representative(orbit(), x).int().argmax(1))
    for element in SQUARE.elements():
        moved = acted(element, x, False)
        again = orbit().moved_by(moved, to_representative(orbit(), moved).int().argmax(1))
        assert torch.equal(again.nan_to_num(-9.0), largest.nan_to_num(-9.0))


def test_blocks_are_sorted() -> None:
    """Against all orders of the blocks."""
    family, free = np.array([[1, 2], [4, 3], [5, 6]]), np.zeros(8, np.bool_)
    free[[1, 4, 5]] = True
    sorting = Sorting(SortedBlocks((family,), free), (2, 4))
    x = torch.randint(-2, 3, (200, 8)).double()
    found = sorting(x.view(-1, 2, 4)).flatten(1)
    for values, own in zip(found.tolist(), x.tolist(), strict=True):
        blocks = [[abs(own[a]), own[b]] for a, b in family.tolist()]
        expected = list(own)
        for (a, b), block in zip(family.tolist(), sorted(blocks, reverse=True), strict=True):
            expected[a], expected[b] = block
        assert values == expected


def test_sorted_blocks_do_not_depend_on_their_order() -> None:
    families = (np.array([[0, 1, 2], [3, 4, 5], [6, 7, 8]]), np.array([[9], [10]]))
    sorting = Sorting(SortedBlocks(families, np.zeros(11, np.bool_)), (11,))
    assert not sorting.state_dict()
    assert "group of 12 elements" in repr(sorting)
    x = torch.randint(0, 3, (30, 11))
    expected = sorting(x)
    for order in itertools.permutations(range(3)):
        moved = torch.cat([x[:, 3 * k : 3 * k + 3] for k in order] + [x[:, [10, 9]]], dim=1)
        assert torch.equal(sorting(moved), expected)
