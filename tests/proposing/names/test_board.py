"""Boards and grids."""

import random
from itertools import product

import pytest

from autoequivariant.proposing.names.board import board_drafts, boards
from autoequivariant.proposing.names.words import names_of

from .moved import draft_moves

TURNS = ["mirror left-right", "mirror top-bottom", "turn by 90 degrees"]


def written(template: str, rows: int, columns: int, start: int = 0) -> list[str]:
    """Names of places, of which {r} is the row, {c} the column and {l} the column's letter."""
    return [
        template.format(r=row + start, c=column + start, l="abcdefghijk"[column])
        for row, column in product(range(rows), range(columns))
    ]


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize(
    "template",
    [
        *("{l}{r}", "sq_{l}{r}", "{l}_{r}_piece", "r{r}c{c}", "row{r}_col{c}", "x{c}_y{r}"),
        *(
            "y{r}x{c}",
            "cell_{r}_{c}",
            "{r}_{c}",
            "{r}x{c}",
            "cell {r} by {c}",
            "Row {r} Column {c}",
        ),
        *("pixel[{r}][{c}]", "i{r}j{c}", "p_r{r}_c{c}_value"),
    ],
)
def test_mirrors_and_turns_of_a_board(template: str, start: int) -> None:
    rows, sides = 3, 4
    columns = written(template, rows, sides, start)
    shuffled = random.Random(0).sample(columns, len(columns))
    (board,) = boards(names_of(shuffled))
    across, down, turn = board_drafts(board, shuffled)
    at = {name: divmod(number, sides) for number, name in enumerate(columns)}
    name_at = {place: name for name, place in at.items()}

    def image(name: str, flips_rows: bool, flips_columns: bool) -> str:
        row, column = at[name]
        row = rows - 1 - row if flips_rows else row
        return name_at[row, sides - 1 - column if flips_columns else column]

    for draft, flips in ((across, (False, True)), (down, (True, False)), (turn, (True, True))):
        expected = {name: image(name, *flips) for name in columns}
        moved = {start: end for start, end in expected.items() if start != end}
        assert draft_moves(draft, shuffled) == moved
    assert [d.name for d in (across, down, turn)] == [*TURNS[:2], "turn by 180 degrees"]


def test_a_square_is_turned_by_90_degrees() -> None:
    columns = written("r{r}c{c}", 3, 3)
    drafts = board_drafts(boards(names_of(columns))[0], columns)
    assert [draft.name for draft in drafts] == TURNS
    turn = draft_moves(drafts[2], columns)
    assert [turn["r0c0"], turn["r0c2"], turn["r0c1"]] == ["r2c0", "r0c0", "r1c0"]
    assert "r1c1" not in turn


@pytest.mark.parametrize(
    ("heights", "widths"),
    [
        (("top", "middle", "bottom"), ("left", "middle", "right")),
        (("upper", "center", "lower"), ("left", "center", "right")),
        (("top", "bottom"), ("left", "right")),
        (("top", "bottom"), ("left", "mid", "right")),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_a_board_in_words(heights: tuple[str, ...], widths: tuple[str, ...], order: int) -> None:
    columns = ["-".join((*((h, w)[::order]), "square")) for h, w in product(heights, widths)]
    (board,) = boards(names_of(columns))
    expected = [range(row * len(widths), (row + 1) * len(widths)) for row in range(len(heights))]
    assert board.layers[0].tolist() == [list(row) for row in expected]
    assert not board.has_letters


def test_the_middle_of_a_board_may_be_a_single_word() -> None:
    columns = "top-left top-middle top-right middle-left center middle-right".split()
    columns += "bottom-left bottom-middle bottom-right".split()
    (board,) = boards(names_of(columns))
    assert board.layers.tolist() == [[[0, 1, 2], [3, 4, 5], [6, 7, 8]]]


def test_fields_of_a_place_move_together() -> None:
    columns = written("{l}{r}_piece", 3, 3) + written("{l}{r}_colour", 3, 3)
    (board,) = boards(names_of(columns))
    moved = draft_moves(board_drafts(board, columns)[0], columns)
    assert (moved["a0_piece"], moved["a0_colour"]) == ("c0_piece", "c0_colour")


@pytest.mark.parametrize(
    ("rows", "sides", "is_natural"), [(3, 3, True), (6, 7, True), (6, 2, False), (2, 6, False)]
)
def test_a_narrow_board_with_letters_is_rather_records(
    rows: int, sides: int, is_natural: bool
) -> None:
    (board,) = boards(names_of(written("{l}{r}", rows, sides)))
    assert (board.has_letters, board.is_natural) == (True, is_natural)


NOTHING = [
    written("r{r}c{c}", 3, 3)[:-1],  # one is missing
    [*written("r{r}c{c}", 3, 3), "r3c0"],  # one too many
    [*written("r{r}c{c}", 3, 3), "R_0_C_0"],  # the same place twice
    [*written("{l}{r}", 3, 3), "A1"],
    written("r{r}c{c}", 2, 2),  # too small
    written("r{r}c{c}", 1, 9),
    written("p{r}_q{c}", 3, 3),  # neither rows nor columns
    written("r{r}_and_c{c}", 3, 3),
    [f"x{n}" for n in range(64)],
    [f"{letter}{n}" for letter in "xyz" for n in range(6)],  # records
    [f"{letter}{n}" for letter in "abd" for n in range(6)],  # a gap
    [f"{letter}{n}" for letter in "abc" for n in (1, 2, 4)],
    [f"c{a}_{b}_{c}" for a, b, c in product(range(2), range(3), range(3))],  # a volume
    ["top", "middle", "bottom", "left", "right"],
]


@pytest.mark.parametrize("columns", NOTHING)
def test_near_misses_are_no_boards(columns: list[str]) -> None:
    assert boards(names_of(columns)) == []
