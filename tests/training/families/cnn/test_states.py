"""States of a search with partial symmetries: which are weaker, and which a neighbour may add."""

from autoequivariant.groups.domain import Grid
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.nn.cnn.architecture import CNNArchitecture
from autoequivariant.training.families.cnn.states import CNNStates

NAMES = "rot90,hflip,rot90@3,rot90@2,rot90@1,rot90@0,hflip@3,hflip@1"


def states() -> CNNStates:
    return CNNStates(CNNArchitecture(1, Grid(28, 28), 2), parse_symmetries(NAMES), ("hflip",))


def test_the_next_weaker() -> None:
    found = states()
    names = [found.weaker(k) for k in range(len(found.names))]
    assert names == [2, 6, 3, 4, 5, None, 7, None, None]


def test_a_neighbour_adds_few_levels() -> None:
    found = states()
    whole_and_augmentation = (0, 1, 8)
    # Of each symmetry the last level and the middle one.
    assert found.to_add(()) == (0, 1, 2, 4, 6, 7, 8)
    # Then one level at a time.
    assert found.to_add(found.closure([4])) == (0, 1, 3, 6, 7, 8)
    assert found.to_add(found.closure([2])) == (0, 1, 6, 7, 8)
    assert set(whole_and_augmentation) < set(found.to_add(found.closure([7])))
    assert 6 in found.to_add(found.closure([7]))


def test_an_augmentation_is_implied_by_whole_symmetries_only() -> None:
    found = states()
    assert 8 not in found.closure([1, 8])
    assert 8 in found.closure([6, 8])


def test_closed_states_are_chains() -> None:
    found = states().closed_states(10_000)
    assert found.complete
    assert len({one.members for one in found.closed_states}) == len(found.closed_states)
    few = states().closed_states(20)
    assert not few.complete
    assert few.closed_states == found.closed_states[:20]
    members = states().closure([0])
    assert states().smallest_generators(members) == (0,)
