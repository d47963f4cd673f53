"""Homomorphic images on the paper's candidates; random groups are for law 4."""

import pytest

from autoequivariant.groups.catalogue import paper_candidates
from autoequivariant.groups.closure.compatibility import is_homomorphic_image
from autoequivariant.groups.domain import Grid
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
