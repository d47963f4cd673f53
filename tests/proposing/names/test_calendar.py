"""Hours, weekdays and months."""

import pytest

from autoequivariant.proposing.names.calendar import calendar_drafts
from autoequivariant.proposing.names.words import CALENDARS, names_of

from .moved import draft_moves

HOURS = [f"h{n}" for n in range(24)]
FOUND = [
    (list(CALENDARS[0]), {"mon": "tue", "sun": "mon"}),
    ([f"sales_{month.title()}" for month in CALENDARS[3]], {"sales_Dec": "sales_Jan"}),
    (list(CALENDARS[4]), {"december": "january"}),
    (HOURS, {"h0": "h1", "h23": "h0"}),
    ([f"load_hour_{n:02}" for n in range(24)], {"load_hour_23": "load_hour_00"}),
    ([f"{n}h" for n in range(1, 25)], {"24h": "1h"}),
    ([f"month_{n}" for n in range(1, 13)], {"month_12": "month_1"}),
    (
        [f"{day}_{field}" for field in ("rain", "wind") for day in CALENDARS[1]],
        {"sunday_rain": "monday_rain", "sunday_wind": "monday_wind"},
    ),
    ([*CALENDARS[0], "sun_spots"], {"sun": "mon"}),
]


@pytest.mark.parametrize(("columns", "expected"), FOUND)
def test_rings(columns: list[str], expected: dict[str, str]) -> None:
    (draft,), claimed = calendar_drafts(names_of([*columns, "temperature"]))
    found = draft_moves(draft, columns)
    assert expected.items() <= found.items()
    assert {columns.index(name) for name in found} == claimed


NOTHING = [
    list(CALENDARS[0][:-1]),
    [f"h{n}" for n in range(23)],
    [f"h{n}" for n in range(25)],
    [*HOURS, "h_0"],  # the same words
    [*(f"{day}_rain" for day in CALENDARS[0]), *(f"{day}_wind" for day in CALENDARS[0][:5])],
    [f"x{n}" for n in range(24)],
    ["may", "sun", "march"],
    ["h" + "9" * 150],
]


@pytest.mark.parametrize("columns", NOTHING)
def test_near_misses_suggest_nothing(columns: list[str]) -> None:
    assert calendar_drafts(names_of(columns)) == ([], set())
