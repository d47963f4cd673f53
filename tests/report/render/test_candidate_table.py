"""What `aen symmetries` prints, and its JSON."""

import io

import pytest
from rich.console import Console

from autoequivariant.groups.catalogue import default_candidates
from autoequivariant.groups.closure.hidden_domains import suggested_hidden_domain
from autoequivariant.groups.closure.lattice import Lattice
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Domain, Sequence, parse_domain
from autoequivariant.report.render.candidate_table import CandidateReport, print_candidates


def report(domain: Domain, limit: int | None = None) -> CandidateReport:
    candidates = default_candidates(domain)
    hidden = suggested_hidden_domain(candidates, domain)
    actions = layer_actions(candidates, domain, (hidden,))
    return CandidateReport(actions, Lattice(actions).closed_states(limit))


def test_json() -> None:
    assert report(Sequence(12)).to_json() == {
        "candidates": ["reverse", "shift:2", "swap_halves"],
        "proposed": [],
        "states": 8,
        "distinct_networks": 6,
        "layers": ["sequence:12", "sequence:6"],
        "warnings": [],
    }
    assert report(Sequence(12), limit=5).to_json()["distinct_networks"] is None


@pytest.mark.parametrize(
    "shape", ["8x8", "28x28", "3x5", "2x2x2", "sequence:12", "features:5", "pairs:4"]
)
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
