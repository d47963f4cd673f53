"""The sample with the largest error, as figures."""

from typing import Any

import numpy as np
import pytest

from autoequivariant.report.figures.worst import outputs_figure, samples_figure


@pytest.mark.parametrize(
    ("kind", "shape", "trace", "count"),
    [
        ("grid", (1, 5, 7), "heatmap", 1),
        ("grid", (3, 5, 7), "heatmap", 1),
        ("volume", (1, 4, 5, 6), "heatmap", 1),
        ("pairs", (1, 4, 4), "heatmap", 1),
        ("sequence", (2, 9), "scatter", 2),
        ("features", (1, 4), "bar", 1),
    ],
)
def test_both_samples_are_drawn(kind: str, shape: Any, trace: str, count: int) -> None:
    before = np.random.default_rng(0).normal(size=shape)
    found = samples_figure(kind, before, before[..., ::-1], ("a", "b", "c", "d"))
    assert [one.type for one in found.data] == 2 * count * [trace]
    left, right = found.data[0], found.data[count]
    assert (left.xaxis, right.xaxis) == ("x", "x2")
    if trace == "heatmap":
        assert np.allclose(np.array(left.z)[:, ::-1], right.z)
        assert (left.zmin, left.zmax) == (right.zmin, right.zmax)
    else:
        assert np.allclose(np.array(left.y)[::-1], right.y)


def test_large_pictures_and_long_tables_are_shortened() -> None:
    picture = samples_figure("grid", np.zeros((1, 500, 300)), np.zeros((1, 500, 300)))
    assert len(picture.data[0].z) <= 128 and picture.data[0].y[-1] >= 496
    table = samples_figure("features", np.zeros((1, 900)), np.zeros((1, 900)))
    assert len(table.data[0].y) == 60
    many = outputs_figure([str(k) for k in range(500)], np.arange(500.0), np.zeros(500))
    assert many.data[0].hovertext[-1] == "499" and len(many.data[0].y) == 60


def test_names_are_no_markup() -> None:
    found = outputs_figure(["<b>", "a very long name of a class"], np.zeros(2), np.ones(2))
    assert found.data[0].hovertext[0] == "&lt;b&gt;"
    assert found.data[0].hovertext[1].endswith("…")
