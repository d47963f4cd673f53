"""What `aen symmetries` prints, and its JSON."""

import io

import pytest
from rich.console import Console

from autoequivariant.groups.catalogue import default_candidates
from autoequivariant.groups.closure.hidden_domains import suggested_hidden_domain
from autoequivariant.groups.closure.lattice import Lattice
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Domain, Grid, Sequence, parse_domain
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.report.render.ascii_pictures import (
    draw,
    moved_picture,
    sample_picture,
    small_domain,
)
from autoequivariant.report.render.candidate_table import CandidateReport, print_candidates


def report(domain: Domain, limit: int | None = None) -> CandidateReport:
    candidates = default_candidates(domain)
    hidden = suggested_hidden_domain(candidates, domain)
    actions = layer_actions(candidates, domain, (hidden,))
    return CandidateReport(actions, Lattice(actions).closed_states(limit))


def test_json() -> None:
    assert report(Sequence(12)).to_json() == {
        "candidates": ["reverse", "shift:2", "swap_halves"],
        "states": 8,
        "distinct_networks": 6,
        "layers": ["sequence:12", "sequence:6"],
        "warnings": [],
    }
    assert report(Sequence(12), limit=5).to_json()["distinct_networks"] is None


@pytest.mark.parametrize("shape", ["8x8", "28x28", "3x5", "2x2x2", "sequence:12", "features:5"])
def test_every_candidate_is_printed_with_what_it_does(shape: str) -> None:
    found = report(parse_domain(shape))
    console = Console(file=io.StringIO(), width=80, highlight=False)
    print_candidates(console, found)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    for symmetry in found.actions.candidates:
        assert str(symmetry) in text
        assert symmetry.description in text
    assert f"closed states: {len(found.enumeration.closed_states)}" in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_pictures_move() -> None:
    grid = Grid(8, 8)
    letter = draw(sample_picture(grid))
    assert letter == ["·▄▄▄▄▄··", "·█······", "·█▀▀▀···", "·▀·····▀"]
    moved = {str(s): moved_picture(s, grid) for s in default_candidates(grid)}
    assert moved["hflip"] == [line[::-1] for line in letter]
    assert moved["swap_left_right"] == [line[4:] + line[:4] for line in letter]
    assert moved["translate_x:2"] == [line[-2:] + line[:-2] for line in letter]
    assert moved["swap_top_bottom"] == letter[2:] + letter[:2]
    assert len({tuple(lines) for lines in moved.values()} | {tuple(letter)}) == len(moved) + 1


def test_orders_of_a_sequence() -> None:
    [shift, reverse] = parse_symmetries("shift:1,reverse")
    assert moved_picture(shift, Sequence(4)) == ["3 0 1 2"]
    assert moved_picture(reverse, Sequence(4)) == ["3 2 1 0"]


@pytest.mark.parametrize(
    ("domain", "names", "expected"),
    [
        (Grid(28, 28), "hflip,translate_x:4", Grid(7, 7)),
        (Grid(28, 28), "swap_left_right", Grid(14, 14)),
        (Grid(8, 8), "hflip", Grid(8, 8)),
        (Grid(3, 5), "hflip", Grid(3, 5)),
    ],
)
def test_small_domain(domain: Grid, names: str, expected: Grid) -> None:
    assert small_domain(domain, parse_symmetries(names)) == expected
