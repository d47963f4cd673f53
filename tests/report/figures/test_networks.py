"""A network as a point: where it lies, and what pointing at it says."""

import pytest

from autoequivariant.report.figures.networks import TRAINED, points, score_axis, step_line

from ..rows import ROWS


def test_a_point_for_each_network() -> None:
    trace = points("all", ROWS, lambda row: row.number, "accuracy", TRAINED)
    assert (trace.x, trace.y) == ((1, 2, 3, 4), (0.7, 0.8, 0.6, 0.5))


@pytest.mark.parametrize(
    ("place", "phrases", "others"),
    [
        (0, ["<b>none</b> · baseline", "number 1: 70.0% (65.0 to 75.0%)", "400 p"], ["pruned"]),
        (1, ["<b>network 2</b> · chosen"], ["baseline", "pruned"]),
        (3, ["<b>network 4</b>", "pruned after 3 epochs"], ["chosen"]),
    ],
)
def test_what_pointing_says(place: int, phrases: list[str], others: list[str]) -> None:
    text = points("all", ROWS, lambda row: row.number, "accuracy", TRAINED).hovertext[place]
    assert all(phrase in text for phrase in phrases)
    assert not any(phrase in text for phrase in others)


def test_the_axis_names_the_metric() -> None:
    assert score_axis(ROWS, "R²")["title"]["text"] == "validation R²"
    assert score_axis(ROWS, "accuracy")["tickformat"] == ".0%"


def test_a_line_of_steps() -> None:
    line = step_line("best", [1, 2], [0.5, 0.6], width=2).line
    assert (line.shape, line.width) == ("hv", 2)
