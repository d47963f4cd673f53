"""Positions about a centre."""

import pytest

from autoequivariant.proposing.names.positions import position_drafts

from .moved import draft_moves


def places(reach: int, begin: str = "p", end: str = "", centre: bool = False) -> list[str]:
    numbers = [n for n in range(-reach, reach + 1) if n or centre]
    return [f"{begin}{n}{end}" for n in numbers]


FOUND = [
    (places(30), {"p-30": "p30", "p1": "p-1"}),
    (places(2, "t_", centre=True), {"t_-2": "t_2"}),
    (places(3, "", "ms"), {"-3ms": "3ms"}),
    (["p-2", "p-1", "p+1", "p+2"], {"p-2": "p+2"}),
    (places(2, "u") + places(2, "v"), {"u-2": "u2", "v-1": "v1"}),
]


@pytest.mark.parametrize(("columns", "expected"), FOUND)
def test_positions_are_reversed(columns: list[str], expected: dict[str, str]) -> None:
    (draft,) = position_drafts([*columns, "age"])
    moved = draft_moves(draft, columns)
    assert expected.items() <= moved.items()
    assert len(moved) == sum(name not in ("t_0",) for name in columns)


@pytest.mark.parametrize(
    "columns",
    [
        places(1),
        places(30)[1:],
        [*places(3), "p+1"],  # the same position twice
        [f"p-{n}" for n in range(1, 30)],
        [f"p{n}" for n in range(1, 30)],
        ["p-" + "9" * 5000, "p" + "9" * 5000],
    ],
)
def test_near_misses_suggest_nothing(columns: list[str]) -> None:
    assert position_drafts(columns) == []
