"""What a refusal says; that refusals and acceptances are right is for law 4."""

import pytest

from autoequivariant.groups.catalogue import paper_candidates
from autoequivariant.groups.closure.compatibility import incompatibility
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry


def reason(step: int, side: int, hidden: int) -> str | None:
    """Of the paper's twelve candidates on square grids."""
    source, target = Grid(side, side), Grid(hidden, hidden)
    here = [s.action(source) for s in paper_candidates(step)]
    there = [s.rescaled(source, target).action(target) for s in paper_candidates(step)]
    return incompatibility(here, there)


def test_orders_that_differ_are_named() -> None:
    found = reason(4, 28, 20)
    assert found == "generator 3 has order 7 on the input but order 5 on the hidden domain"


@pytest.mark.parametrize(
    ("step", "side", "hidden"), [(4, 28, 14), (2, 8, 4), (4, 28, 28), (2, 8, 8)]
)
def test_the_twelve_act_properly_on_coarser_grids(step: int, side: int, hidden: int) -> None:
    assert reason(step, side, hidden) is None


def test_a_product_that_breaks_the_law_is_found_where_all_orders_agree() -> None:
    """Twice the first shift is the second on the input; it has to be so on the hidden domain."""
    once, twice = Symmetry("translate_x", (2,)), Symmetry("translate_x", (4,))
    source = [once.action(Grid(1, 8)), twice.action(Grid(1, 8))]
    hidden = Symmetry("translate_x", (1,)).action(Grid(1, 4))
    assert incompatibility(source, [hidden, hidden**2]) is None
    refusal = incompatibility(source, [hidden, Permutation.identity(4)])
    assert (
        refusal
        == "some product of them moves nothing on the input but something on the hidden domain"
    )
