"""The tables and the heat map of a reproduction, from records whose numbers are known."""

from __future__ import annotations

import copy
import io
import re
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from autoequivariant.errors import SettingsError
from autoequivariant.evidence.intervals import wilson_interval
from autoequivariant.groups.catalogue import paper_candidates
from autoequivariant.paper.heat_map import HEAT_MAP, heat_map, heat_map_html
from autoequivariant.paper.mlp_reproduction import SINGLES
from autoequivariant.paper.mlp_tables import Singles, paste, print_reproduction, tables
from autoequivariant.paper.output_files import write_reproduction

NETWORKS = ("plain", *map(str, paper_candidates()))


def scored(correct: int, n_parameters: int) -> dict[str, Any]:
    interval = list(wilson_interval(correct, 1000))
    return {"n_parameters": n_parameters, "test_score": correct / 1000, "test_interval": interval}


def single(network: int, data: int) -> dict[str, Any]:
    """Plain is right 800 times of 1,000; a network 20 more where it fits, else 1 less a number."""
    correct = 800 if network == 0 else 820 if network == data else 800 - network
    scores = scored(correct, 10_000 - network)
    return {"data": SINGLES[data], "network": NETWORKS[network], **scores}


def mixed(name: str) -> dict[str, Any]:
    rows: list[tuple[str, list[str], int]] = [
        ("base", [], 700),
        ("best single", ["vflip"], 710),
        ("found", ["hflip", "vflip", "swap_left_right"], 750),
    ]
    return {
        "data": name,
        "networks": [
            {
                "network": network,
                "symmetries": names,
                "generators": names[:2],
                "validation_score": 0.7,
                **scored(correct, 5000),
            }
            for network, names, correct in rows
        ],
    }


@pytest.fixture
def results() -> dict[str, Any]:
    return {
        "dataset": "mnist",
        "train_size": 10_000,
        "epochs": 10,
        "test_size": 1000,
        "singles": [single(network, data) for data in range(13) for network in range(13)],
        "mixes": [mixed("mix1"), mixed("mix4")],
        "seed": 0,
    }


def rows_of(markdown: str) -> list[list[list[str]]]:
    """The cells of each table, rules left out."""
    blocks = re.findall(r"(?:^\|.*\|\n)+", markdown, re.MULTILINE)
    return [
        [[cell.strip() for cell in line[1:-1].split("|")] for line in block.splitlines()]
        for block in blocks
    ]


def test_singles_know_gains_and_places(results: dict[str, Any]) -> None:
    singles = Singles.of(results)
    assert (singles.networks, singles.data) == (NETWORKS, SINGLES)
    assert singles.pairs[3] == ("translate_x:4", "translate_x")
    assert singles.gain("hflip", "hflip") == pytest.approx(0.02)
    assert singles.gain("hflip", "none") == pytest.approx(-0.002)
    assert singles.gain("plain", "none") == 0
    assert [singles.place(n, "vflip") for n in ("vflip", "plain", "rot90")] == [1, 2, 3]
    assert 0.02 < singles.margin < 0.03


def test_the_tables_say_what_the_records_say(results: dict[str, Any]) -> None:
    everything, own, mixes = rows_of(tables(results))
    assert everything[0] == ["network", "n_parameters", *map(str, range(13))]
    assert everything[2] == ["0 plain", "10,000", *["80.0"] * 13]
    assert everything[4] == ["2 hflip", "9,998", "79.8", "79.8", "82.0", *["79.8"] * 10]
    assert len(everything) == len(own) + 1 == 15
    assert own[2][:1] + own[2][3:] == ["rot90", "+2.0", "1"]
    assert own[2][1] == "80.0% (77.4 to 82.4%)"
    assert mixes[2][:6] == ["mix1", "base", "none (baseline)", "5,000", "70.0%", "70.0%"]
    assert mixes[4][:3] == ["mix1", "found", "hflip, vflip (+1)"]
    assert len(mixes) == 2 + 2 * 3
    for table in (everything, own, mixes):
        assert {len(row) for row in table} == {len(table[0])}


def test_without_mixed_settings(results: dict[str, Any]) -> None:
    text = tables(results | {"mixes": []})
    assert len(rows_of(text)) == 2
    assert "Mixed" not in text


def test_pasting_replaces_what_was_there_and_nothing_else() -> None:
    page = "a\n<!-- tables: mnist -->\nold\n<!-- end: mnist -->\nb\n"
    once = paste(page, "mnist", "new\n")
    assert once == "a\n<!-- tables: mnist -->\n\nnew\n\n<!-- end: mnist -->\nb\n"
    assert paste(once, "mnist", "new\n") == once


@pytest.mark.parametrize("page", ["", "<!-- tables: mnist -->\n", "<!-- end: mnist -->\n"])
def test_a_page_without_markers_is_refused(page: str) -> None:
    with pytest.raises(SettingsError, match="no place for the tables of mnist: add the lines"):
        paste(page, "mnist", "new\n")


def test_what_is_printed_fits_80_columns(results: dict[str, Any], tmp_path: Path) -> None:
    console = Console(file=io.StringIO(), width=80)
    print_reproduction(console, results, [tmp_path / "results.json", tmp_path / "tables.md"])
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    printed = " ".join(text.split())
    assert "G-MNIST, single symmetries: on 12 of 12 data sets" in printed
    assert "on 12 no network beats it" in printed
    assert "hflip, vflip (+1)" in printed
    assert "results.json, tables.md" in printed
    lines = text.split("written to")[0].splitlines()  # a path may be any length
    assert max(len(line.rstrip()) for line in lines) <= 80


def test_the_heat_map_shows_differences_from_plain(results: dict[str, Any]) -> None:
    (trace,) = heat_map(results).data
    assert (trace.x, trace.y) == (SINGLES, NETWORKS)
    assert trace.text[2][2] == "82.0"
    assert trace.z[2][2] == pytest.approx(2.0)
    assert trace.z[2][3] == pytest.approx(-0.2)
    assert set(trace.z[0]) == {0}
    assert (trace.zmin, trace.zmax) == pytest.approx((-2.0, 2.0))
    assert "82.0% (79.5 to 84.3%)" in trace.customdata[2][2]


def test_a_loss_does_not_hide_gains(results: dict[str, Any]) -> None:
    far = copy.deepcopy(results)
    far["singles"][5]["test_score"] = 0.1
    assert heat_map(far).data[0].zmin == heat_map(results).data[0].zmin


def test_the_heat_map_is_one_file_that_loads_nothing(results: dict[str, Any]) -> None:
    page = heat_map_html(results)
    assert page == heat_map_html(results)
    assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=\"http", page)
    assert "swap_left_right_bottom" in page


def test_the_files_are_written(results: dict[str, Any], tmp_path: Path) -> None:
    written = write_reproduction(results, tmp_path)
    assert [path.name for path in written] == ["results.json", "tables.md", HEAT_MAP]
    assert (tmp_path / "tables.md").read_text() == tables(results)
    assert (tmp_path / HEAT_MAP).read_text() == heat_map_html(results)
