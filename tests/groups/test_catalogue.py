"""Lists of candidates."""

import pytest

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.catalogue import (
    CANDIDATE_LISTS,
    candidate_list,
    default_candidates,
    default_step,
    paper_candidates,
)
from autoequivariant.groups.closure.hidden_domains import suggested_hidden_domain
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.custom.definition import DataSpec, Definition, candidate_of, resolve
from autoequivariant.groups.domain import Domain, Features, Grid, Pairs, Sequence, Volume
from autoequivariant.groups.permutation import Permutation

DOMAINS: list[Domain] = [
    *(Grid(side, side) for side in (2, 3, 4, 5, 8, 9, 12, 28, 31, 32)),
    *(Grid(*sides) for sides in ((3, 5), (4, 6), (4, 5), (8, 12), (1, 6), (6, 1), (1, 2), (1, 7))),
    *(Grid(side, side) for side in (10, 14, 25)),  # their steps do not fit on a coarser grid
    *(Volume(side, side, side) for side in (9, 14, 16)),
    *(Volume(*sides) for sides in ((4, 4, 4), (3, 3, 3), (2, 3, 4), (1, 4, 4), (1, 1, 2))),
    *(Sequence(length) for length in (2, 3, 10, 97, 100)),
    *(Features(count) for count in (1, 2, 5, 16, 17, 30)),
    *(Pairs(count) for count in (1, 2, 5, 16, 17)),
]


@pytest.mark.parametrize("domain", DOMAINS, ids=str)
def test_defaults_are_defined_distinct_and_move_something(domain: Domain) -> None:
    candidates = default_candidates(domain)
    assert len(set(candidates)) == len(candidates) > 0
    for symmetry in candidates:
        assert not symmetry.action(domain).is_identity


@pytest.mark.parametrize("domain", DOMAINS, ids=str)
def test_defaults_act_properly_on_the_suggested_hidden_domain(domain: Domain) -> None:
    candidates = default_candidates(domain)
    hidden = suggested_hidden_domain(candidates, domain)
    assert layer_actions(candidates, domain, (hidden,)).warnings == ()


def names(domain: Domain) -> str:
    return ",".join(map(str, default_candidates(domain)))


def test_an_even_square_has_the_papers_twelve() -> None:
    assert default_candidates(Grid(28, 28)) == paper_candidates(4)
    assert default_candidates(Grid(8, 8)) == paper_candidates(2)
    assert [str(s) for s in paper_candidates(1)][3:5] == ["translate_x:1", "translate_y:1"]


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        (Grid(5, 5), "rot90,hflip,vflip,translate_x:1,translate_y:1"),
        (Grid(3, 5), "rot180,hflip,vflip,translate_x:1,translate_y:1"),
        (Volume(1, 1, 2), "flip_x"),
        (Sequence(10), "reverse,shift:2,swap_halves"),
        (Sequence(7), "reverse,shift:1"),
        (Features(3), "swap:0-1,swap:1-2"),
        (Features(1), "negate"),
        (Features(17), "swap:0-1,shift:1"),
        (Features(30), "swap:0-1,shift:1"),
        (Pairs(1), "negate"),
        (Pairs(3), "swap:0-1,swap:1-2,transpose"),
        (Pairs(17), "swap:0-1,shift:1,transpose"),
    ],
    ids=str,
)
def test_default_lists(domain: Domain, expected: str) -> None:
    assert names(domain) == expected


def test_a_transpose_is_no_default_for_symmetric_matrices() -> None:
    found = default_candidates(Pairs(3), is_symmetric=True)
    assert [str(one) for one in found] == ["swap:0-1", "swap:1-2"]


def test_items_of_pairs_are_exchangeable_like_columns() -> None:
    assert candidate_list("exchangeable", Pairs(5)) == candidate_list("exchangeable", Features(5))
    with pytest.raises(SymmetryError, match="kind features, but the samples are pairs:5"):
        candidate_list("signs", Pairs(5))


@pytest.mark.parametrize("domain", [Grid(1, 1), Sequence(1), Volume(1, 1, 1)], ids=str)
def test_a_single_index_has_no_defaults(domain: Domain) -> None:
    with pytest.raises(SymmetryError, match=f"on {domain}: name candidates"):
        default_candidates(domain)


def test_the_other_strand_is_for_dna() -> None:
    assert [str(s) for s in default_candidates(Sequence(8), is_dna=True)] == [
        "reverse_complement",
        "reverse",
        "shift:2",
        "swap_halves",
    ]
    assert "reverse_complement" not in names(Sequence(8))


@pytest.mark.parametrize(
    ("side", "step"),
    [(8, 2), (16, 4), (20, 4), (32, 8), (15, 3), (9, 3), (5, 1), (14, 2), (1, None)],
)
def test_a_step_of_volumes_is_no_less_than_a_seventh(side: int, step: int | None) -> None:
    assert default_step(side, or_more=True) == step


@pytest.mark.parametrize(
    ("side", "step"),
    [(28, 4), (8, 2), (64, 8), (32, 4), (9, 1), (15, 3), (7, 1), (2, None), (1, None)],
)
def test_a_step_is_a_divisor_near_a_seventh(side: int, step: int | None) -> None:
    assert default_step(side) == step


LIST_DOMAINS = {
    "paper": Grid(28, 28),
    "square": Grid(5, 5),
    "board": Grid(3, 3),
    "cube": Volume(4, 4, 4),
    "sequence": Sequence(9),
    "dna": Sequence(9),
    "exchangeable": Features(5),
    "signs": Features(3),
}


def order_of(generators: list[Permutation]) -> int:
    """Count the group, element by element."""
    found = {Permutation.identity(generators[0].size)}
    waiting = list(found)
    while waiting:
        element = waiting.pop()
        for generator in generators:
            product = generator @ element
            if product not in found:
                found.add(product)
                waiting.append(product)
    return len(found)


@pytest.mark.parametrize("name", CANDIDATE_LISTS)
def test_ready_lists(name: str) -> None:
    domain = LIST_DOMAINS[name]
    assert candidate_of(name) == Definition(name)
    found = resolve([candidate_of(name)], DataSpec(domain, channels=4))
    assert found == candidate_list(name, domain)
    assert all(symmetry.is_defined_on(domain) for symmetry in found)
    other = Features(4) if domain.kind != "features" else Grid(4, 4)
    with pytest.raises(SymmetryError, match=f"The list {name} is for domains of kind"):
        candidate_list(name, other)


@pytest.mark.parametrize(
    ("name", "order", "count"),
    [("square", 8, 2), ("cube", 48, 3), ("exchangeable", 120, 4), ("signs", 8, 3), ("dna", 2, 2)],
)
def test_the_groups_that_they_generate(name: str, order: int, count: int) -> None:
    symmetries = candidate_list(name, LIST_DOMAINS[name])
    assert len(symmetries) == count
    assert order_of([s.action(LIST_DOMAINS[name]) for s in symmetries]) == order


@pytest.mark.parametrize("name", ["exchangeable", "signs"])
def test_a_list_of_too_many_candidates_is_refused(name: str) -> None:
    assert len(candidate_list(name, Features(10_000))) in (9_999, 10_000)
    with pytest.raises(SymmetryError, match="each of 10,001 columns, .* such as swap:0-1,shift:1"):
        candidate_list(name, Features(10_001))
