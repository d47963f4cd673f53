"""Closed states of whole and partial symmetries, against the chains of all sets of candidates."""

from itertools import combinations

import pytest

from autoequivariant.groups.domain import Domain, Grid, Sequence
from autoequivariant.groups.point_group.chain import GroupChain
from autoequivariant.groups.point_group.subgroup_chains import SubgroupChains
from autoequivariant.groups.point_group.subgroups import Subgroups
from autoequivariant.groups.symmetry import Symmetry, parse_symmetries

SQUARE = Grid(8, 8)
CASES: list[tuple[str, Domain]] = [
    ("rot90,hflip,rot90@2,rot90@0,hflip@1", SQUARE),
    ("rot180,rot90@1,rot90@0,translate_x:1,translate_x:1@1", SQUARE),
    ("reverse@2,reverse@1,reverse@0,shift:1@1", Sequence(12)),
]


def closed_slowly(
    candidates: tuple[Symmetry, ...], domain: Domain, some: tuple[int, ...]
) -> frozenset[int]:
    """The candidates that leave the chain unchanged when they are added."""
    chosen = [candidates[k] for k in some]
    chain = GroupChain.generated(chosen, domain)
    return frozenset(
        k
        for k, candidate in enumerate(candidates)
        if GroupChain.generated([*chosen, candidate], domain) == chain
    )


@pytest.mark.parametrize(("text", "domain"), CASES)
def test_closures_chains_and_closed_states(text: str, domain: Domain) -> None:
    candidates = parse_symmetries(text)
    made, slowly = SubgroupChains(candidates, domain), {}
    for count in range(len(candidates) + 1):
        for some in combinations(range(len(candidates)), count):
            closed = made.closure(some)
            assert closed == closed_slowly(candidates, domain, some)
            chain = GroupChain.generated([candidates[k] for k in some], domain)
            assert made.chain(some) == made.chain(closed) == chain
            assert made.group(some) == chain.whole
            slowly.setdefault(closed, some)
    assert made.closed_states() == slowly
    for closed, some in slowly.items():
        generators = made.generators(closed)
        assert made.closure(generators) == closed
        assert len(generators) <= len(some) + 1
    without = made.closed_states(excluded=frozenset({0}))
    assert without == {closed: some for closed, some in slowly.items() if 0 not in closed}
    few = made.closed_states(limit=3)
    assert 3 < len(few) <= len(slowly) and list(few)[:4] == list(slowly)[:4]


def test_whole_candidates_are_those_of_subgroups() -> None:
    candidates = parse_symmetries("rot90,rot180,hflip,vflip,transpose,translate_x:1")
    made, plain = SubgroupChains(candidates, SQUARE), Subgroups(candidates, SQUARE)
    assert not made.has_levels
    assert list(made.closed_states().items()) == list(plain.closed_states().items())
    for state in plain.closed_states():
        assert made.group(state) == plain.group(state)
        assert made.chain(state) == GroupChain(plain.group(state))


def test_a_whole_symmetry_has_all_levels() -> None:
    made = SubgroupChains(parse_symmetries("rot90,rot180,rot90@2,rot90@1,rot180@1"), SQUARE)
    assert made.has_levels
    assert made.closure([0]) == {0, 1, 2, 3, 4}
    assert made.closure([2]) == {2, 3, 4}
    assert made.closure([1, 3]) == {1, 3, 4}
