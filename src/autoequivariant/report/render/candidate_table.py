"""What `aen symmetries` prints: what each candidate does, and how many networks there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rich import table as rich_table
from rich.columns import Columns
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from autoequivariant.errors import printable
from autoequivariant.groups.closure.lattice import Enumeration
from autoequivariant.groups.closure.layer_actions import LayerActions
from autoequivariant.groups.custom.proposal import Proposal
from autoequivariant.groups.domain import Domain, Grid
from autoequivariant.report.findings.symmetries.proposals import proposal_notes
from autoequivariant.report.findings.table import Table, columns
from autoequivariant.report.render.ascii_pictures import (
    draw,
    moved_picture,
    sample_picture,
    small_domain,
)
from autoequivariant.report.render.tables import WIDTH, print_table


@dataclass(frozen=True)
class CandidateReport:
    """Candidates on the domains of a network.

    Attributes:
        actions: the candidates and the domains.
        enumeration: the closed states, as far as they were counted.
        proposals: what led to candidates that nobody listed.
        nothing: why there is no candidate, where there is none.
        warnings: what the user should know of the candidates.
    """

    actions: LayerActions
    enumeration: Enumeration
    proposals: tuple[Proposal, ...] = ()
    nothing: str = ""
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain values; `distinct_networks` is null if there are more than were counted."""
        whole = self.enumeration.complete
        return {
            "candidates": [str(s) for s in self.actions.candidates],
            "proposed": [
                {
                    "name": str(one.candidate),
                    "candidate": one.candidate.to_json(),
                    "proposed_from": one.source,
                    "reason": one.reason,
                    "saw_labels": one.saw_labels,
                }
                for one in self.proposals
                if one.candidate in self.actions.candidates
            ],
            "states": 2 ** len(self.actions.candidates),
            "distinct_networks": len(self.enumeration.closed_states) if whole else None,
            "layers": [str(domain) for domain in self.actions.domains],
            "warnings": list(self.warnings),
        }


def print_candidates(console: Console, report: CandidateReport) -> None:
    """Print what each candidate does, and how many networks there are."""
    domain = report.actions.domains[0]
    candidates = report.actions.candidates
    if not candidates:
        console.print(f"{nothing}." if (nothing := report.nothing) else "There is no candidate.")
        return
    rows = tuple(
        (str(symmetry), symmetry.description, str(actions[0].order()))
        for symmetry, actions in zip(candidates, report.actions.permutations, strict=True)
    )
    titles = columns(["symmetry", "what it does"], ["order"])
    print_table(console, Table("Candidates", titles, rows), is_wide=False)
    tried = [one for one in report.proposals if one.candidate in candidates]
    for note in proposal_notes([(str(p.candidate), p.source, p.reason) for p in tried]):
        console.print(Text(printable(note)), width=WIDTH)
    _print_pictures(console, domain, report)
    shapes = " -> ".join(str(d) for d in report.actions.domains)
    console.print(f"\nlayers: {shapes}")
    found = len(report.enumeration.closed_states)
    counted = f"{found:,}" if report.enumeration.complete else f"more than {found:,}"
    console.print(f"states: {2 ** len(candidates):,}")
    console.print(f"closed states: [bold]{counted}[/] (distinct networks)")
    for warning in report.warnings:
        console.print(f"[yellow]warning:[/] {escape(warning)}")


def _print_pictures(console: Console, domain: Domain, report: CandidateReport) -> None:
    candidates = report.actions.candidates
    small = small_domain(domain, candidates)
    size = "" if small == domain else f", on {small}"
    console.print(f"\n[bold]What each does{size}[/]")
    pictures = []
    if isinstance(small, Grid):
        width = max(small.width, *(len(str(s)) for s in candidates)) + 1
        pictures = [_picture("original", draw(sample_picture(small)), width)]
        pictures += [
            _picture(str(s), moved_picture(s.rescaled(domain, small), small), width)
            for s in candidates
        ]
        console.print(Columns(pictures, padding=(1, 1)))
        return
    table = rich_table.Table(box=None, pad_edge=False, show_header=False)
    for symmetry in candidates:
        picture = moved_picture(symmetry.rescaled(domain, small), small)
        table.add_row(escape(str(symmetry)), escape("\n".join(picture)))
    console.print(table)


def _picture(name: str, lines: list[str], width: int) -> Text:
    return Text("\n".join([name.ljust(width)[:width], *lines]), no_wrap=True)
