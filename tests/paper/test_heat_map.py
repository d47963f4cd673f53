import copy
import re
from typing import Any

import pytest

from autoequivariant.paper.g_mnist import SINGLES
from autoequivariant.paper.heat_map import heat_map, heat_map_html


def test_it_shows_differences_from_the_baseline(mlp_results: dict[str, Any]) -> None:
    (trace,) = heat_map(mlp_results).data
    assert trace.x == SINGLES
    assert trace.y[:4] == ("baseline", "rot90", "hflip", "vflip")
    assert trace.text[2][2] == "82.0"
    assert trace.z[2][2] == pytest.approx(2.0)
    assert trace.z[2][3] == pytest.approx(-0.2)
    assert set(trace.z[0]) == {0}
    assert (trace.zmin, trace.zmax) == pytest.approx((-2.0, 2.0))
    assert "82.0% (79.5 to 84.3%)" in trace.customdata[2][2]
    assert "epochs, seed 0;" in heat_map(mlp_results).layout.title.text


def test_a_loss_does_not_hide_gains(mlp_results: dict[str, Any]) -> None:
    far = copy.deepcopy(mlp_results)
    far["singles"][5]["test_score"] = 0.1
    assert heat_map(far).data[0].zmin == heat_map(mlp_results).data[0].zmin


def test_the_page_is_one_file_that_loads_nothing(mlp_results: dict[str, Any]) -> None:
    page = heat_map_html(mlp_results)
    assert page == heat_map_html(mlp_results)
    assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=\"http", page)
    assert "swap_left_right_bottom" in page


def test_it_shows_means_of_several_seeds(results_of_seeds: dict[str, Any]) -> None:
    figure = heat_map(results_of_seeds)
    assert figure.data[0].text[2][2] == "80.5"
    assert "80.5% (range 79.0 to 82.0%)" in figure.data[0].customdata[2][2]
    assert "mean of seeds 0, 1;" in figure.layout.title.text
