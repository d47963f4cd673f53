"""Exchanges of columns of a table with similar distributions."""

import numpy as np
import pytest

from autoequivariant.groups.custom.definition import DataSpec, resolve
from autoequivariant.groups.domain import Features
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.proposing.similar_columns import (
    exchanges_of_similar_columns,
    similar_columns,
)


def exchanges(groups: list[range | tuple[int, ...]], spec: DataSpec) -> tuple[Symmetry, ...]:
    """The symmetries that are proposed."""
    proposals = exchanges_of_similar_columns([tuple(group) for group in groups], spec.columns)
    assert {(one.source, one.saw_labels) for one in proposals} <= {("data", False)}
    return resolve([one.candidate for one in proposals], spec)


def test_the_default_candidates_of_long_names() -> None:
    columns = tuple(f"{'measured_by_sensor_number_' * 3}{i}" for i in range(5))
    assert len(exchanges([range(5)], DataSpec(Features(5), columns))) == 4
    many = tuple(f"{'measured_by_sensor_' * 4}{i % 2}_{'of_this_kind_' * 4}{i}" for i in range(40))
    groups: list[range | tuple[int, ...]] = [range(0, 20), range(20, 40)]
    assert len(exchanges(groups, DataSpec(Features(40), many))) == 4


CASES: list[tuple[tuple[str, ...], list[range | tuple[int, ...]], str]] = [
    ((), [], ""),
    ((), [(0, 2, 3)], "swap:0-2,swap:2-3"),
    (("a", "b", "c"), [(0, 1)], "swap a <-> b"),
    (("a", "b, c", "d"), [(0, 1)], "swap a <-> b c"),
    (("a", "b > c", "d"), [(0, 1)], "swap:0-1"),  # the notation cannot express this name
    ((), [range(16)], ",".join(f"swap:{k}-{k + 1}" for k in range(15))),
    # more than 15 swaps: a swap and a ring
    ((), [range(17)], f"swap:0-1,ring {' '.join(map(str, range(17)))}"),
]


@pytest.mark.parametrize(("columns", "groups", "expected"), CASES)
def test_swaps_of_neighbours(
    columns: tuple[str, ...], groups: list[range | tuple[int, ...]], expected: str
) -> None:
    found = exchanges(groups, DataSpec(Features(len(columns) or 18), columns))
    assert ",".join(map(str, found)) == expected


def test_many_columns_get_a_swap_and_a_ring_for_each_group() -> None:
    found = exchanges([range(17), (18, 19)], DataSpec(Features(20)))
    ring = " ".join(map(str, range(17)))
    assert [str(s) for s in found] == ["swap:0-1", f"ring {ring}", "swap:18-19"]
    assert found[1].action(Features(20)).image.tolist() == [*range(1, 17), 0, 17, 18, 19]


def test_the_reason_counts_the_columns() -> None:
    reasons = [one.reason for one in exchanges_of_similar_columns([(0, 2, 3), (1, 4)])]
    assert reasons == [
        *["3 columns with similar distributions"] * 2,
        "2 columns with similar distributions",
    ]


NORMAL = np.random.default_rng(0).normal(size=(500, 6))


def test_columns_of_one_scale_are_one_group() -> None:
    assert similar_columns(NORMAL) == ((0, 1, 2, 3, 4, 5),)
    assert similar_columns(NORMAL[:, :1]) == ()


def test_means_and_spreads_tell_columns_apart() -> None:
    moved = NORMAL * [1, 1, 1, 9, 9, 1] + [0, 0, 0, 0, 0, 5]
    assert similar_columns(moved) == ((0, 1, 2), (3, 4))
    assert similar_columns(moved.reshape(500, 1, 6)) == ((0, 1, 2), (3, 4))


def test_constant_columns_belong_to_no_group() -> None:
    assert similar_columns(NORMAL * [1, 0, 0, 1, 1, 1]) == ((0, 3, 4, 5),)


LETTERS, COLOURS = ("A", "C", "G"), ("blue", "red")


def test_columns_of_one_alphabet_and_similar_frequencies_are_one_group() -> None:
    rng = np.random.default_rng(0)
    often, seldom = [0.6, 0.3, 0.1], [0.1, 0.3, 0.6]
    x = np.stack([rng.choice(3, 500, p=p) for p in (often, often, seldom, often, seldom)], axis=1)
    x = np.concatenate([x, rng.integers(0, 2, (500, 2)), NORMAL[:, :2], np.ones((500, 2))], axis=1)
    categories = (*[LETTERS] * 5, *[COLOURS] * 2, (), (), LETTERS, LETTERS)
    assert similar_columns(x, categories) == ((0, 1, 3), (2, 4), (5, 6), (7, 8))
    assert similar_columns(x, (*[LETTERS] * 2, ("A", "D"), *categories[3:]))[0] == (0, 1, 3)
