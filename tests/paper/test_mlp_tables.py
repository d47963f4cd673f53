"""The tables of an MLP reproduction, from records whose numbers are known."""

from __future__ import annotations

import io
import re
from typing import Any

from rich.console import Console

from autoequivariant.paper.heat_map import heat_map_html
from autoequivariant.paper.mlp_tables import mlp_files, mlp_markdown, mlp_summary, section_name


def rows_of(markdown: str) -> list[list[list[str]]]:
    """The cells of each table, rules included."""
    blocks = re.findall(r"(?:^\|.*\|\n)+", markdown, re.MULTILINE)
    return [
        [[cell.strip() for cell in line[1:-1].split("|")] for line in block.splitlines()]
        for block in blocks
    ]


def test_the_tables_say_what_the_records_say(mlp_results: dict[str, Any]) -> None:
    everything, own, mixes = rows_of(mlp_markdown(mlp_results))
    assert everything[0] == ["network", "parameters", *map(str, range(13))]
    assert everything[2] == ["0 baseline", "10,000", *["80.0"] * 13]
    assert everything[4] == ["2 hflip", "9,998", "79.8", "79.8", "82.0", *["79.8"] * 10]
    assert len(everything) == len(own) + 1 == 15
    assert own[2][:1] + own[2][3:] == ["rot90", "+2.0", "1"]
    assert own[2][1] == "80.0% (77.4 to 82.4%)"
    assert mixes[2][:2] + mixes[2][3:6] == ["mix1", "baseline", "5,000", "70.0%", "70.0%"]
    assert mixes[2][2].startswith("none")
    assert mixes[4][:3] == ["mix1", "found", "hflip, vflip (+1)"]
    assert len(mixes) == 2 + 2 * 3
    for table in (everything, own, mixes):
        assert {len(row) for row in table} == {len(table[0])}


def test_without_mixed_settings(mlp_results: dict[str, Any]) -> None:
    text = mlp_markdown(mlp_results | {"mixes": []})
    assert len(rows_of(text)) == 2
    assert "Mixed" not in text


def test_the_summary_fits_80_columns(mlp_results: dict[str, Any]) -> None:
    console = Console(file=io.StringIO(), width=80)
    console.print(*mlp_summary(mlp_results), sep="\n")
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    printed = " ".join(text.split())
    assert "G-MNIST, single symmetries: on 12 of 12 data sets" in printed
    assert "on 12 no network beats it" in printed
    assert "hflip, vflip (+1)" in printed
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 80


def test_the_files(mlp_results: dict[str, Any]) -> None:
    assert mlp_files(mlp_results) == {
        "tables.md": mlp_markdown(mlp_results),
        "heatmap.html": heat_map_html(mlp_results),
    }


# --- several seeds --------------------------------------------------------------------------------


def test_tables_of_several_seeds_have_means_and_ranges(results_of_seeds: dict[str, Any]) -> None:
    everything, own, mixes = rows_of(mlp_markdown(results_of_seeds))
    assert everything[2][:3] == ["0 baseline", "10,000", "80.0 (80.0 to 80.0)"]
    assert everything[4][:4] == ["2 hflip", "9,998", *["78.3 (76.8 to 79.8)"] * 2]
    assert own[0][1:4] == [
        f"{title} (range of 2 seeds)" for title in ("baseline", "own symmetry", "difference")
    ]
    assert own[2] == [
        *("rot90", "80.0% (80.0 to 80.0%)", "80.5% (79.0 to 82.0%)", "+0.5 (-1.0 to +2.0)", "1")
    ]
    assert mixes[0][2:] == [
        *("symmetries, by seed", "parameters", "validation", "test", "range of 2 seeds")
    ]
    assert mixes[2][2:] == ["none (baseline)", "5,000", "70.0%", "70.0%", "70.0 to 70.0%"]
    assert mixes[4][1:] == [
        *("found", "hflip, vflip (+1); rot90", "6,000", "70.0%", "77.0%", "75.0 to 79.0%")
    ]


def test_a_range_of_seeds_is_not_called_a_confidence_interval(
    results_of_seeds: dict[str, Any],
) -> None:
    text = mlp_markdown(results_of_seeds)
    assert "seeds 0, 1." in text
    assert "the range is not a confidence interval" in text
    assert "mean and range of 2 seeds" in text
    assert "95%" not in text


def test_the_summary_of_several_seeds_fits_80_columns(results_of_seeds: dict[str, Any]) -> None:
    console = Console(file=io.StringIO(), width=80)
    console.print(*mlp_summary(results_of_seeds), sep="\n")
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    assert "mean of seeds 0, 1: on 12 of 12 data sets" in " ".join(text.split())
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 80


def test_the_name_of_a_section() -> None:
    assert section_name("mnist", "paper") == "mnist"
    assert section_name("mnist", "proper") == "mnist-proper"
