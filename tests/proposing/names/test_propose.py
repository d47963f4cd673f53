"""All that names suggest."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoequivariant.proposing.names.propose import MOST_PROPOSALS, names_proposals

from .moved import actions, moves

BOARD = [f"{letter}{number}" for letter in "abcdefg" for number in range(1, 7)]
CANCER = ["radius", "texture", "area"]


@pytest.mark.parametrize(
    ("columns", "outputs", "expected"),
    [
        (
            BOARD,
            ("lost", "won"),
            "mirror left-right, mirror top-bottom, turn by 180 degrees, records 1 <-> 2, "
            "ring of records 1...6",
        ),
        (
            [f"r{row}c{column}" for row, column in product(range(3), repeat=2)],
            ("lost", "won"),
            "mirror left-right, mirror top-bottom, turn by 90 degrees",
        ),
        (
            ["Left-Weight", "Left-Distance", "Right-Weight", "Right-Distance"],
            ("B", "L", "R"),
            "left <-> right; classes L/R, left <-> right",
        ),
        (
            [f"{letter}{number}" for letter in "xyz" for number in range(1, 7)],
            ("lost", "won"),
            "records 1 <-> 2, ring of records 1...6",
        ),
        ([f"h{n}" for n in range(24)], ("lost", "won"), "ring of h 0 to h 23"),
        (
            [f"p{n}" for n in (*range(-30, 0), *range(1, 31))],
            ("EI", "IE"),
            "reverse p-30...p30",
        ),
        (
            [*(f"mean {c}" for c in CANCER), *(f"{c} error" for c in CANCER)]
            + [f"worst {c}" for c in CANCER],
            ("malignant", "benign"),
            "",
        ),
        (["age", "sex", "bmi", "bp", *(f"s{n}" for n in range(1, 7))], ("y",), ""),
        ([f"feature_{n}" for n in range(1, 65)], ("y",), ""),
        ([], ("y",), ""),
    ],
)
def test_names_of_real_tables(columns: list[str], outputs: tuple[str, ...], expected: str) -> None:
    found = names_proposals(columns, (), outputs, len(outputs) > 1)
    assert ", ".join(str(one.candidate) for one in found) == expected
    if columns:
        actions(found, columns, outputs, len(outputs) > 1)


def test_a_board_beside_records_is_proposed_in_the_likelier_order() -> None:
    columns = [f"{letter}{number}" for letter in "abc" for number in (1, 2)]
    names = [str(one.candidate) for one in names_proposals(columns, (), ("u", "v"), True)]
    assert names[0] == "records 1 <-> 2"
    assert "mirror left-right" in names


def test_columns_of_other_values_are_not_exchanged() -> None:
    columns = ["x1", "y1", "x2", "y2"]
    same = (("u", "v"), (), ("u", "v"), ())
    (one,) = names_proposals(columns, same, ("u", "v"), True)
    assert moves(one, columns, categories=same)["x1"] == "x2"
    assert names_proposals(columns, (("u",), (), ("u", "v"), ()), ("u", "v"), True) == []


def test_samples_of_any_shape_show_one_hot_blocks() -> None:
    columns = ["c=a", "c=b", "c=c"]
    x = np.eye(3, dtype=np.uint8)[np.arange(60) % 3].reshape(60, 1, 3)
    assert len(names_proposals(columns, (), ("u", "v"), True, x)) == 2
    assert names_proposals(columns, (), ("u", "v"), True) == []
    assert names_proposals(columns, (), ("u", "v"), True, x[:0]) == []


PARTS = st.sampled_from(["left", "right", "a", "b", "x", "1", "2", "3", "mon", "p", "=", "_", "-"])
NAMES = st.lists(PARTS, max_size=5).map("".join) | st.text(max_size=8)


@given(st.lists(NAMES, min_size=1, max_size=40, unique=True), st.booleans())
def test_proposals_are_permutations_with_names_of_their_own(
    columns: list[str], has_samples: bool
) -> None:
    x = np.eye(len(columns)) if has_samples else None
    found = names_proposals(columns, (), ("1", "2", "left"), True, x)
    acting = actions(found, columns, ("1", "2", "left"))
    assert len(acting) == len(found) <= MOST_PROPOSALS
    assert len({(action, outputs) for action, outputs in acting.values()}) == len(found)
    for one in found:
        assert one.source == "names" and not one.saw_labels
        assert 0 < len(one.reason) <= 100 and one.reason.isprintable()
        assert len(str(one.candidate)) <= 40


MANY = 20_000
HOSTILE = {
    "numbered": [f"x{n}" for n in range(MANY)],
    "records": [f"p{n % (MANY // 2)}_{'uv'[n // (MANY // 2)]}" for n in range(MANY)],
    "groups": [f"{'q' * (n // 200)}g{n // 4}x_{n % 2}_{'cd'[n // 2 % 2]}" for n in range(MANY)],
    "long": ["ab1_" * 50 + str(n) for n in range(MANY)],
    "words": [f"left a b c d e f g h i j {n}" for n in range(MANY)],
    "digits": ["9" * 199 + chr(97 + n % 26) for n in range(MANY)],
    "board": [f"r{n // 200}c{n % 200}" for n in range(MANY)],
    "empty": [""] * MANY,
}


@pytest.mark.slow
@pytest.mark.parametrize("columns", HOSTILE.values(), ids=HOSTILE)
def test_the_work_on_many_names_is_bounded(columns: list[str]) -> None:
    found = names_proposals(columns, (), ("u", "v"), True)
    assert len(found) <= MOST_PROPOSALS
