"""`aen symmetries`: counts, pictures and refusals."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from .command import aen


def symmetries(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(aen("symmetries", *arguments, "--json"))
    return found


COUNTS = [
    ("--shape 28x28 --layers 20x20,20x20 --preset paper", 12, 4096, 216),
    ("--shape 28x28 --preset paper", 12, 4096, 216),
    ("--shape 28x28 --layers 14x14,14x14", 12, 4096, 215),
    ("--shape 8x8 --layers 4x4", 12, 4096, 148),
    ("digits", 12, 4096, 148),
    ("tic_tac_toe --symmetries rot90,hflip", 2, 4, 4),
    ("motif --symmetries reverse,negate", 2, 4, 4),
    ("friedman1 --symmetries swap:0-1", 1, 2, 2),
    ("--shape 3x5 --symmetries hflip,vflip", 2, 4, 4),
    ("--shape sequence:12", 3, 8, 6),
    ("--shape sequence:12 --symmetries reverse,shift:3", 2, 4, 4),
    ("--shape features:4", 3, 8, 8),
    ("--shape 4x4x4 --symmetries flip_x,flip_y,flip_z", 3, 8, 8),
]


@pytest.mark.slow
@pytest.mark.parametrize(("arguments", "candidates", "states", "networks"), COUNTS)
def test_counts(arguments: str, candidates: int, states: int, networks: int) -> None:
    found = symmetries(*arguments.split())
    assert len(found["candidates"]) == candidates
    assert (found["states"], found["distinct_networks"]) == (states, networks)


@pytest.mark.slow
def test_the_papers_candidates_by_name_and_a_warning() -> None:
    found = symmetries("--shape", "28x28", "--layers", "20x20,20x20", "--preset", "paper")
    assert found["candidates"] == [
        "rot90",
        "hflip",
        "vflip",
        "translate_x:4",
        "translate_y:4",
        "cycle_quadrants",
        "swap_left_right",
        "swap_top_bottom",
        "swap_top_bottom_left",
        "swap_top_bottom_right",
        "swap_left_right_top",
        "swap_left_right_bottom",
    ]
    assert "order 7" in found["warnings"][0]
    printed = aen("symmetries", "--shape", "28x28", "--preset", "paper")
    for phrase in (*found["candidates"], "4,096", "216", "order 7", "█"):
        assert phrase in printed


@pytest.mark.slow
@pytest.mark.parametrize(
    "shape", ["28x28", "8x8", "3x5", "1x4", "4x4x4", "sequence:9", "features:5", "100x100"]
)
def test_what_is_printed_fits_80_columns(shape: str) -> None:
    lines = aen("symmetries", "--shape", shape).splitlines()
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in "".join(lines)


def test_a_limit_says_that_there_are_more() -> None:
    assert symmetries("--shape", "8x8", "--limit", "147")["distinct_networks"] is None
    assert symmetries("--shape", "8x8", "--limit", "148")["distinct_networks"] == 148
    assert "more than 147" in aen("symmetries", "--shape", "8x8", "--limit", "147")


def test_a_data_set_gives_the_shape(tmp_path: Path, shared_data: Path) -> None:
    assert symmetries(str(shared_data / "mnist"))["layers"][0] == "28x28"
    np.savez(tmp_path / "s.npz", x_train=np.zeros((4, 9)), y_train=[0, 1, 0, 1])
    assert symmetries(f"{tmp_path}/s.npz")["layers"][0] == "features:9"
    assert symmetries(f"{tmp_path}/s.npz", "--kind", "sequence")["layers"][0] == "sequence:9"


REFUSED = [
    ("--shape 3x5 --symmetries rot90", ["rot90 is not defined on 3x5"]),
    ("--shape 3x4 --symmetries swap_top_bottom", ["swap_top_bottom is not defined on 3x4"]),
    ("--shape 28x28 --symmetries rot09", ["'rot09'", "did you mean rot90"]),
    ("--shape 28x28 --symmetries xyzzy", ["'xyzzy'", "the names are rot90"]),
    (
        "--shape 28x28 --layers 20x20,20x20",
        ["translate_x:4", "order 7 on 28x28", "order 5 on 20x20", "14x14"],
    ),
    ("--shape 32x32 --preset paper", ["--preset paper needs images of 28x28"]),
    ("--shape 28x28 --preset papre", ["--preset must be one of paper"]),
    ("--shape 28", ["Shape '28' is not understood"]),
    ("--shape 0x3", ["1 or more; got 0"]),
    ("--shape 100000x100000", ["more than 16,777,216 indices"]),
    ("--shape 8x8 --layers 99999x99999", ["more than 16,777,216 indices"]),
    ("--shape 8x8 --limit 0", ["--limit must be 1 to 1,000,000; got 0"]),
    ("--shape 8x8 --limit 99999999999999999999", ["--limit must be"]),
    ("--shape 1x1", ["1x1"]),
    ("digits --shape 8x8", ["Give either a data set or --shape"]),
    ("", ["Give either a data set or --shape"]),
    ("nothere", ["nothere"]),
]


@pytest.mark.parametrize(("arguments", "phrases"), REFUSED)
def test_refused(arguments: str, phrases: list[str]) -> None:
    complaint = aen("symmetries", *arguments.split(), code=2)
    assert complaint.startswith("aen: ")
    assert complaint.count("\n") == 1
    for phrase in phrases:
        assert phrase in complaint
