"""Homomorphic images on the paper's candidates; random groups are for law 4."""

import pytest

from autoequivariant.errors import ActionError
from autoequivariant.groups.catalogue import paper_candidates
from autoequivariant.groups.closure import compatibility
from autoequivariant.groups.closure.compatibility import is_homomorphic_image
from autoequivariant.groups.domain import Features, Grid
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry


def is_sound(step: int, side: int, hidden: int) -> bool:
    """The paper's twelve candidates on square grids."""
    source, target = Grid(side, side), Grid(hidden, hidden)
    here = [s.action(source) for s in paper_candidates(step)]
    there = [s.rescaled(source, target).action(target) for s in paper_candidates(step)]
    return is_homomorphic_image(here, there)


def test_an_order_that_does_not_divide_that_on_the_input_is_refused() -> None:
    assert not is_sound(4, 28, 20)  # order 7 on the input, 5 on the hidden domain


@pytest.mark.parametrize(
    ("step", "side", "hidden"), [(4, 28, 14), (2, 8, 4), (4, 28, 28), (2, 8, 8)]
)
def test_the_twelve_act_properly_on_coarser_grids(step: int, side: int, hidden: int) -> None:
    assert is_sound(step, side, hidden)


def test_a_product_that_breaks_the_law_is_found_where_all_orders_agree() -> None:
    """Twice the first shift is the second on the input; it has to be so on the hidden domain."""
    once, twice = Symmetry("translate_x", (2,)), Symmetry("translate_x", (4,))
    source = [once.action(Grid(1, 8)), twice.action(Grid(1, 8))]
    hidden = Symmetry("translate_x", (1,)).action(Grid(1, 4))
    assert is_homomorphic_image(source, [hidden, hidden**2])
    assert not is_homomorphic_image(source, [hidden, Permutation.identity(4)])


def parity(columns: int) -> tuple[list[Permutation], list[Permutation]]:
    """All permutations of columns, from two generators, and their signs as swaps of two outputs."""
    moves = [Symmetry("swap", (0, 1)), Symmetry("shift", (1,))]
    inputs = [move.action(Features(columns)) for move in moves]
    return inputs, [Permutation([1, 0]), Permutation([1, 0] if columns % 2 == 0 else [0, 1])]


@pytest.mark.parametrize("columns", [4, 5, 20])
def test_the_parity_of_a_permutation_is_an_image_of_it(columns: int) -> None:
    inputs, outputs = parity(columns)
    assert is_homomorphic_image(inputs, outputs)
    assert not is_homomorphic_image(inputs, outputs[::-1]) or columns % 2 == 0


def test_a_group_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compatibility, "_MOST_ENTRIES", 20 * 21 * 22 // 2)
    assert is_homomorphic_image(*parity(20))
    with pytest.raises(ActionError, match="too large .* name fewer candidates"):
        is_homomorphic_image(*parity(30))
