"""What `aen symmetries` prints: the candidates, what each does, and how many networks they make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rich.columns import Columns
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from autoequivariant.groups.closure.lattice import Enumeration
from autoequivariant.groups.closure.layer_actions import LayerActions
from autoequivariant.groups.domain import Domain, Grid
from autoequivariant.report.render.ascii_pictures import (
    draw,
    moved_picture,
    sample_picture,
    small_domain,
)


@dataclass(frozen=True)
class CandidateReport:
    """Candidates on the domains of a network, and the networks they make.

    Attributes:
        actions: the candidates and the domains.
        enumeration: the distinct networks, as far as they were counted.
    """

    actions: LayerActions
    enumeration: Enumeration

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values; `distinct_networks` is null where there are more than were
        counted.
        """
        whole = self.enumeration.complete
        return {
            "candidates": [str(s) for s in self.actions.candidates],
            "states": 2 ** len(self.actions.candidates),
            "distinct_networks": len(self.enumeration.closed_states) if whole else None,
            "layers": [str(domain) for domain in self.actions.domains],
            "warnings": list(self.actions.warnings),
        }


def print_candidates(console: Console, report: CandidateReport) -> None:
    """Print the candidates with what they do, and the counts."""
    domain = report.actions.domains[0]
    candidates = report.actions.candidates
    if not candidates:
        console.print(
            "No two columns look alike (mean and spread), so no exchange is a candidate: name "
            "some, such as negate_column:0, or give a file of your own."
        )
        return
    table = Table(
        title="Candidates", title_justify="left", title_style="bold", box=None, pad_edge=False
    )
    table.add_column("symmetry")
    table.add_column("what it does")
    table.add_column("order", justify="right")
    for symmetry, actions in zip(candidates, report.actions.permutations, strict=True):
        order = str(actions[0].order())
        table.add_row(escape(str(symmetry)), escape(symmetry.description), order)
    console.print(table)
    _print_pictures(console, domain, report)
    shapes = " -> ".join(str(d) for d in report.actions.domains)
    console.print(f"\nlayers: {shapes}")
    found = len(report.enumeration.closed_states)
    counted = f"{found:,}" if report.enumeration.complete else f"more than {found:,}"
    console.print(f"states: {2 ** len(candidates):,}")
    console.print(f"distinct networks: [bold]{counted}[/]")
    for warning in report.actions.warnings:
        console.print(f"[yellow]warning:[/] {escape(warning)}")


def _print_pictures(console: Console, domain: Domain, report: CandidateReport) -> None:
    candidates = report.actions.candidates
    small = small_domain(domain, candidates)
    size = "" if small == domain else f", on {small}"
    console.print(f"\n[bold]What each does{size}[/]")
    pictures = []
    if isinstance(small, Grid):
        width = max(small.width, *(len(str(s)) for s in candidates)) + 1
        pictures = [_picture("as it is", draw(sample_picture(small)), width)]
        pictures += [
            _picture(str(s), moved_picture(s.rescaled(domain, small), small), width)
            for s in candidates
        ]
        console.print(Columns(pictures, padding=(1, 1)))
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    for symmetry in candidates:
        picture = moved_picture(symmetry.rescaled(domain, small), small)
        table.add_row(escape(str(symmetry)), escape("\n".join(picture)))
    console.print(table)


def _picture(name: str, lines: list[str], width: int) -> Text:
    return Text("\n".join([name.ljust(width)[:width], *lines]), no_wrap=True)
