"""`aen symmetries`."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console

from autoequivariant.cli.completion import complete_data
from autoequivariant.cli.options import (
    Candidates,
    Kind,
    Layers,
    Preset,
    Source,
    parse_candidates,
    parse_domains,
)
from autoequivariant.cli.refusals import refusals
from autoequivariant.errors import SettingsError
from autoequivariant.groups import Lattice, Symmetry, layer_actions, parse_domain

MOST_COUNTED = 1_000_000


def symmetries(
    data: Annotated[
        str | None,
        typer.Argument(help="A data set, to take the shape from.", autocompletion=complete_data),
    ] = None,
    shape: Annotated[
        str | None, typer.Option(help="28x28, 8x8x8, sequence:100 or features:64.")
    ] = None,
    layers: Layers = None,
    preset: Preset = None,
    symmetries: Candidates = None,
    kind: Kind = None,
    source: Source = None,
    limit: Annotated[int, typer.Option(help="Count at most so many distinct networks.")] = 2000,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print the candidates, what each does, and how many distinct networks they make."""
    from autoequivariant.data import read
    from autoequivariant.report import CandidateReport, print_candidates
    from autoequivariant.search import (
        SearchSettings,
        candidates_for,
        hidden_domains,
        kind_of_network,
    )

    console = Console(highlight=False)
    with refusals():
        if (data is None) == (shape is None):
            raise SettingsError(
                "Give either a data set or --shape, such as aen symmetries --shape 28x28."
            )
        if not 1 <= limit <= MOST_COUNTED:
            raise SettingsError(f"--limit must be 1 to {MOST_COUNTED:,}, not {limit:,}.")
        if data is None and source is not None:
            raise SettingsError("--source belongs to a data set by name: give one, such as mnist.")
        domain = parse_domain(str(shape)) if data is None else read(data, kind, source).domain
        settings = SearchSettings(
            data=data or "",
            symmetries=parse_candidates(symmetries),
            preset=preset,
            layers=parse_domains(layers),
        )
        candidates: tuple[Symmetry, ...] = candidates_for(domain, settings)
        hidden = hidden_domains(domain, candidates, settings)
        actions = layer_actions(candidates, domain, hidden, allow_improper=preset == "paper")
        report = CandidateReport(actions, Lattice(actions).networks(limit))
        if as_json:
            print(json.dumps(report.to_json(), indent=2))
        else:
            print_candidates(console, report)
            if kind_of_network(domain, settings) == "cnn":
                console.print(
                    "[dim]These are for MLPs (--network mlp). For images of this size aen search "
                    "takes group CNNs, with turns and mirrors alone: see --network there.[/]"
                )
