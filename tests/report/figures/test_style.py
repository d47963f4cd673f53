"""Axes, colours and names of all figures."""

from collections.abc import Sequence

import plotly.graph_objects as go
import pytest

from autoequivariant.report.figures.style import (
    broken,
    colours,
    figure,
    limits,
    ticks,
    untagged,
)


@pytest.mark.parametrize(
    ("metric", "values", "expected"),
    [
        ("accuracy", (0.5, 0.9), ".0%"),
        ("accuracy", (0.90, 0.91), ".1%"),
        ("R²", (0.5, 0.9), ".2f"),
        ("R²", (0.90, 0.91), ".3f"),
    ],
)
def test_close_scores_have_one_more_digit(
    metric: str, values: Sequence[float], expected: str
) -> None:
    assert ticks(metric, values) == expected


def test_an_axis_of_accuracies_ends_at_one() -> None:
    assert limits("accuracy", (0.5, 1.0)) == pytest.approx((0.47, 1.01))
    assert limits("R²", (-1.0, 1.0)) == pytest.approx((-1.12, 1.12))
    assert limits("accuracy", (0.5, 0.5)) == pytest.approx((0.49, 0.51))


def test_close_scores_have_close_colours() -> None:
    assert colours((0.9, 0.901)) == pytest.approx((0.881, 0.901))
    assert colours((0.5, 0.9)) == (0.5, 0.9)


def test_a_name_is_no_markup() -> None:
    assert untagged("swap a <-> b") == "swap a &lt;-&gt; b"
    assert broken("swap a <-> b, swap c <-> d", 14) == "swap a &lt;-&gt; b,<br>swap c &lt;-&gt; d"
    assert broken("x" * 50) == "x" * 50
    assert broken("") == ""


def test_traces_without_points_are_left_out() -> None:
    full, empty = go.Scatter(x=[1], y=[2], name="full"), go.Scatter(x=[], y=[])
    assert [trace.name for trace in figure([full, empty], 100).data] == ["full"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a\u202e<b> $\\frac$ _x", "a\\u202e&lt;b&gt; $\\frac$ _x"),
        ("x" * 10_000, "x" * 10_000),
        ("swap a", "swap a"),
    ],
)
def test_names_are_text(name: str, expected: str) -> None:
    assert untagged(name) == expected
    assert broken(name, 10**6) == expected
