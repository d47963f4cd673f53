"""`aen symmetries`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from autoequivariant.cli.completion import complete_data
from autoequivariant.cli.console import make_console
from autoequivariant.cli.options import (
    Candidates,
    Drop,
    Kind,
    Layers,
    Preset,
    Source,
    Target,
    Task,
    parse_candidates,
    parse_columns,
    parse_domains,
)
from autoequivariant.cli.refusals import refusals
from autoequivariant.errors import SettingsError
from autoequivariant.groups.closure.lattice import Lattice
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.custom.definition import DataSpec
from autoequivariant.groups.domain import parse_domain

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
    target: Target = None,
    drop: Drop = None,
    task: Task = None,
    limit: Annotated[int, typer.Option(help="Count at most so many distinct networks.")] = 2000,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print the candidates, what each does, and how many distinct networks they make."""
    from autoequivariant.data.registry import read
    from autoequivariant.report.render.candidate_table import CandidateReport, print_candidates
    from autoequivariant.searching.data_spec import data_spec
    from autoequivariant.searching.problem import kind_of_network
    from autoequivariant.searching.settings.settings import SearchSettings
    from autoequivariant.training.families.mlp.kind import candidates_for, hidden_domains

    console = make_console()
    with refusals():
        if (data is None) == (shape is None):
            raise SettingsError(
                "Give either a data set or --shape, such as aen symmetries --shape 28x28."
            )
        if not 1 <= limit <= MOST_COUNTED:
            raise SettingsError(f"--limit must be 1 to {MOST_COUNTED:,}, not {limit:,}.")
        if data is None and source is not None:
            raise SettingsError("--source belongs to a data set by name: give one, such as mnist.")
        columns, dropped = parse_columns(target), parse_columns(drop)
        if data is None and (columns is not None or dropped is not None or task is not None):
            raise SettingsError(
                "--target, --drop and --task belong to a data set: give one, such as a .csv file."
            )
        if data is None:
            spec = DataSpec(parse_domain(str(shape)))
        else:
            spec = data_spec(read(data, kind, source, columns, task, dropped))
        settings = SearchSettings(
            data=data or "",
            symmetries=parse_candidates(symmetries),
            preset=preset,
            layers=parse_domains(layers),
        )
        candidates = candidates_for(spec, settings)
        hidden = hidden_domains(spec, candidates, settings)
        actions = layer_actions(
            candidates,
            spec.domain,
            hidden,
            allow_improper=preset == "paper",
            channels=spec.channels,
            outputs=len(spec.outputs),
        )
        report = CandidateReport(actions, Lattice(actions).closed_states(limit))
        if as_json:
            print(json.dumps(report.to_json(), indent=2))
        else:
            print_candidates(console, report)
            if kind_of_network(spec, settings) == "cnn":
                console.print(
                    "[dim]These are for MLPs (--network mlp). For images of this size aen search "
                    "takes group CNNs, with turns and mirrors alone: see --network there.[/]"
                )
