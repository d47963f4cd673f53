"""Pairs of sides."""

import pytest

from autoequivariant.proposing.names.sides import side_drafts
from autoequivariant.proposing.names.words import names_of

from .moved import draft_moves

FOUND = [
    ("left_x right_x left_y right_y age", {"left_x": "right_x", "left_y": "right_y"}),
    ("leftX rightX", {"leftX": "rightX"}),
    ("Left-Weight Left-Distance Right-Distance Right-Weight", {"Left-Weight": "Right-Weight"}),
    ("l_hip l_knee r_hip r_knee", {"l_hip": "r_hip", "l_knee": "r_knee"}),
    ("hip_L knee_L hip_R knee_R", {"hip_L": "hip_R"}),
    ("home_goals away_goals", {"home_goals": "away_goals"}),
    ("whiteElo blackElo", {"whiteElo": "blackElo"}),
    ("blueKills redKills blueGold redGold", {"blueKills": "redKills"}),
    ("a_age a_dose b_age b_dose", {"a_age": "b_age"}),
    ("left_foot_left_toe right_foot_right_toe", {"left_foot_left_toe": "right_foot_right_toe"}),
    ("player1_elo player2_elo age", {"player1_elo": "player2_elo"}),
    ("teamA_kills teamA_gold teamB_kills teamB_gold", {"teamA_gold": "teamB_gold"}),
    ("p1_age p1_dose p2_age p2_dose", {"p1_dose": "p2_dose"}),
    ("R_wins B_wins R_reach B_reach", {"B_wins": "R_wins"}),
    ("od_axis os_axis", {"os_axis": "od_axis"}),
    ("left middle right", {"left": "right"}),
]
NOTHING = [
    "before_x after_x before_y after_y",
    "left_x right_x left_y",  # without a partner
    "left_x right_x left_right_ratio",  # of both sides
    "left_x left.x right_x right.x",  # the same words
    "red green blue",
    "r_mean g_mean b_mean r_std g_std b_std",
    "player1_elo player2_elo player3_elo",
    "player1_elo player2_elo player2_age",
    "player1_elo player_1_elo player2_elo",
    "p1 p2",
    "p-2 p-1 p1 p2",
    "red_mean green_mean blue_mean",
    "white_pixels black_pixels grey_pixels",
    "a_age b_age",  # a single pair of letters
    "a_age a_dose b_age b_dose c_age c_dose",
    "x_a_age x_a_dose x_b_age x_b_dose",  # neither first nor last
    "l_hip r_hip",
    "first_x second_x",
    "leftover rightover",
]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_sides_are_exchanged_as_wholes(text: str, expected: dict[str, str]) -> None:
    columns = text.split()
    (draft,) = side_drafts(names_of(columns), ("u", "v", "w"), True)
    found = draft_moves(draft, columns)
    assert expected.items() <= found.items()
    assert all(found[end] == start for start, end in found.items())
    assert not {"age", "middle"} & found.keys()


@pytest.mark.parametrize("text", NOTHING)
def test_near_misses_suggest_nothing(text: str) -> None:
    assert side_drafts(names_of(text.split()), ("u", "v", "w"), True) == []


def test_classes_that_are_sides_are_exchanged_first() -> None:
    columns = ["Left-Weight", "Left-Distance", "Right-Weight", "Right-Distance"]
    drafts = side_drafts(names_of(columns), ("B", "L", "R"), True)
    assert [draft.outputs for draft in drafts] == [((1, 2),), ()]
    assert len({draft.name for draft in drafts}) == 2
