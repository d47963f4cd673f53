"""Candidates of a table: exchanges of columns with similar distributions."""

import pytest

from autoequivariant.groups.column_exchanges import exchange_candidates
from autoequivariant.groups.custom.definition import DataSpec
from autoequivariant.groups.domain import Features


def test_the_default_candidates_of_long_names() -> None:
    columns = tuple(f"{'measured_by_sensor_number_' * 3}{i}" for i in range(5))
    found = exchange_candidates(DataSpec(Features(5), columns), [range(5)])
    assert len(found) == 4
    many = tuple(f"{'measured_by_sensor_' * 4}{i % 2}_{'of_this_kind_' * 4}{i}" for i in range(40))
    groups = [range(0, 20), range(20, 40)]
    assert len(exchange_candidates(DataSpec(Features(40), many), groups)) == 4


CASES: list[tuple[tuple[str, ...], list[list[int]], str]] = [
    ((), [], ""),
    ((), [[0, 2, 3]], "swap:0-2,swap:2-3"),
    (("a", "b", "c"), [[0, 1]], "swap a <-> b"),
    (("a", "b, c", "d"), [[0, 1]], "swap:0-1"),  # the notation cannot express this name
]


@pytest.mark.parametrize(("columns", "groups", "expected"), CASES)
def test_swaps_of_neighbours(
    columns: tuple[str, ...], groups: list[list[int]], expected: str
) -> None:
    found = exchange_candidates(DataSpec(Features(len(columns) or 4), columns), groups)
    assert ",".join(map(str, found)) == expected


def test_many_columns_get_a_swap_and_a_ring_for_each_group() -> None:
    found = exchange_candidates(DataSpec(Features(20)), [range(17), (18, 19)])
    ring = " ".join(map(str, range(17)))
    assert [str(s) for s in found] == ["swap:0-1", f"ring {ring}", "swap:18-19"]
    assert found[1].action(Features(20)).image.tolist() == [*range(1, 17), 0, 17, 18, 19]
