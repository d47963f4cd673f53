"""Default names of custom symmetries."""

from typing import Any

import pytest

from autoequivariant.groups.custom.definition import candidate_of

LONG = tuple(f"mean_temperature_in_degrees_of_the_{room}_indoors" for room in ("hall", "attic"))


@pytest.mark.parametrize(
    ("mapping", "name"),
    [
        ({"image": list(range(40))}, "image 0 1 2 3 ... 39"),
        (
            {"ring": [f"column_{i}" for i in range(9)]},
            "ring column_0 column_1 column_2 column_3 ... column_8",
        ),
        ({"ring": "a " * 40, "negate": ""}, "ring a a a a ... a; negate "),
        (
            {"swap": f"{LONG[0]} <-> {LONG[1]}"},
            "swap mean_temperatur...e_hall_indoors <-> mean_temperatur..._attic_indoors",
        ),
        (
            {"swap": "mean of the temperature of the hall <-> mean of the temperature outside"},
            "swap mean of the tem...re of the hall <-> mean of the temperature outside",
        ),
        ({"cycles": [[0, 1], [2, 3]]}, "cycles (0 1) (2 3)"),
        ({"swap": "a\x1b[31m <-> b"}, "swap a\\x1b[31m <-> b"),
        (
            {"negate": "a", "outputs": {"swap": "win <-> loss"}},
            "negate a; outputs swap win <-> loss",
        ),
    ],
)
def test_names_that_say_what_is_done(mapping: dict[str, Any], name: str) -> None:
    assert str(candidate_of(mapping)) == name
