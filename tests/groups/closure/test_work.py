"""Layers and candidates whose closures would take minutes are refused; slightly fewer are not."""

import pytest

from autoequivariant.errors import SettingsError
from autoequivariant.groups.closure.work import check_work, countable_states

LIMITS = [
    (1, (2**14, 2**14), (2**14, 2**14 + 1), "268,451,840 parameters before sharing, more than"),
    (1, (2**20, 2**8, 2**20), (2**20, 2**8, 2**20 + 1), "use smaller --layers"),
    (2**10, (2**10, 2**10), (2**10, 2**10 + 1), "1,024 candidates on layers with 1,049,600 pairs"),
    (10_000, (1,) * 10, (1,) * 11, "name fewer candidates"),
]


@pytest.mark.parametrize(("candidates", "accepted", "refused", "phrase"), LIMITS)
def test_limits(
    candidates: int, accepted: tuple[int, ...], refused: tuple[int, ...], phrase: str
) -> None:
    check_work(candidates, accepted)
    with pytest.raises(SettingsError, match=phrase):
        check_work(candidates, refused)


def test_signs_count_each_point_twice() -> None:
    check_work(2**8, (2**10, 2**10), is_signed=True)
    check_work(2**8 + 1, (2**10, 2**10))
    with pytest.raises(SettingsError, match="name fewer candidates"):
        check_work(2**8 + 1, (2**10, 2**10), is_signed=True)


@pytest.mark.parametrize(
    ("candidates", "sizes", "fewest", "most"),
    [
        (12, (784, 196, 196), 5000, None),  # images of 28x28
        (299, (300, 300, 300), 2000, None),  # swaps of all neighbouring columns
        (10_000, (64, 16), 100, 1000),
        (4, (2**14, 2**14), 1, 10),
        (0, (4, 4), 1000, None),
    ],
)
def test_fewer_states_are_counted_where_each_takes_long(
    candidates: int, sizes: tuple[int, ...], fewest: int, most: int | None
) -> None:
    found = countable_states(candidates, sizes)
    assert fewest <= found and (most is None or found <= most)
