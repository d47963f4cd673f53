"""Proposals where not all states are listed: new, closed, of all widths, none excluded."""

from functools import cache

import pytest

from autoequivariant.searching.samplers.thompson import Thompson
from autoequivariant.searching.space import Space
from autoequivariant.training.child import Child

from .lattice_search import Search, by_hash, few, gains

Scored = dict[Child, float]


@cache
def unlisted(excluded: tuple[int, ...] = (), widths: tuple[int, ...] = ()) -> Space:
    return Space(few().family, 5, widths, excluded)


def screened(space: Space) -> Scored:
    return {child: by_hash(child) for child in space.first}


@pytest.mark.parametrize("widths", [(), (1, 2, 4)])
@pytest.mark.parametrize("excluded", [(), (0,)])
def test_what_is_proposed_is_new_closed_and_allowed(
    excluded: tuple[int, ...], widths: tuple[int, ...]
) -> None:
    space = unlisted(excluded, widths)
    scored = screened(space)
    for _ in range(6):
        child = Thompson(space, 1000, 0).propose(scored, [])
        if child is None:
            break
        assert child not in scored
        assert child == space.child(child.members, child.width)
        assert not set(child.members) & set(excluded)
        scored[child] = by_hash(child)
    assert excluded or len(scored) > len(space.first)
    if widths:
        assert len({child.width for child in scored}) > 1


def test_running_networks_are_not_proposed() -> None:
    space = unlisted()
    scored = screened(space)
    first = Thompson(space, 1000, 0).propose(scored, [])
    assert first is not None
    second = Thompson(space, 1000, 0).propose(scored, [first])
    assert second not in {*scored, first}


def test_the_seed_decides() -> None:
    space = unlisted()
    scored = screened(space)
    one, same = (Thompson(space, 1000, 3).expected_gain(scored, []) for _ in range(2))
    assert one == same
    assert one != Thompson(space, 1000, 4).expected_gain(scored, [])


def test_the_expected_gain_falls() -> None:
    space = unlisted()
    run = Search(space, gains(few(), (0, 2), noise=0.0))
    run.go_on(len(space.first))
    before = run.sampler.largest_improvement(run.study)
    run.go_on(8)
    assert run.sampler.largest_improvement(run.study) < before
    assert run.sampler.least_improvement(run.study) > 0.0002


def test_every_state_is_proposed_in_the_end() -> None:
    """What no ascent leads to, too."""
    space = unlisted()
    run = Search(space, by_hash)
    run.go_on(len(few().children))
    assert {child.members for child in run.asked} == {child.members for child in few().children}
