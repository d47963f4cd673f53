"""`aen symmetries`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from autoequivariant.cli.completion import complete_data
from autoequivariant.cli.console import make_console, say
from autoequivariant.cli.options import (
    Candidates,
    Drop,
    Kind,
    Layers,
    MemoryLimit,
    Preset,
    Propose,
    Seed,
    Source,
    Target,
    Task,
    parse_bytes,
    parse_candidates,
    parse_columns,
    parse_domains,
)
from autoequivariant.cli.refusals import NOTHING_WRITTEN, refusals
from autoequivariant.errors import SettingsError, shown
from autoequivariant.groups.closure.lattice import Lattice
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.closure.work import countable_states
from autoequivariant.groups.custom.definition import DataSpec
from autoequivariant.groups.domain import parse_domain

MOST_COUNTED = 1_000_000
LISTED = "mlp"
"""The kind of network whose candidates are listed."""


def symmetries(
    data: Annotated[
        str | None,
        typer.Argument(
            help="{data sets}; or a path, as in aen search.", autocompletion=complete_data
        ),
    ] = None,
    shape: Annotated[
        str | None,
        typer.Option(
            help="A shape instead of data: 28x28, 8x8x8, sequence:100, features:64 or pairs:23."
        ),
    ] = None,
    layers: Layers = None,
    preset: Preset = None,
    symmetries: Candidates = None,
    propose: Propose = None,
    kind: Kind = None,
    source: Source = None,
    target: Target = None,
    drop: Drop = None,
    task: Task = None,
    seed: Seed = 0,
    memory_limit: MemoryLimit = None,
    limit: Annotated[int, typer.Option(help="Largest number of closed states to count.")] = 2000,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print what each candidate symmetry does, and the number of states and closed states."""
    from autoequivariant.report.render.candidate_table import CandidateReport, print_candidates
    from autoequivariant.searching.experiment import read_samples
    from autoequivariant.searching.problem import network_kind
    from autoequivariant.searching.proposals import nothing_proposed, proposed_spec, to_be_told
    from autoequivariant.searching.settings.settings import SearchSettings
    from autoequivariant.training.families.mlp.kind import candidates_for, hidden_domains

    console = make_console()
    with refusals(NOTHING_WRITTEN):
        if not 1 <= limit <= MOST_COUNTED:
            raise SettingsError(f"--limit must be 1 to {MOST_COUNTED:,}; got {shown(limit)}.")
        settings = SearchSettings(
            data=data or "",
            source=source,
            target=parse_columns(target),
            drop=parse_columns(drop),
            task=task,
            kind=kind,
            symmetries=parse_candidates(symmetries),
            propose=propose,
            seed=seed,
            preset=preset,
            layers=parse_domains(layers),
            memory_limit=parse_bytes(memory_limit),
        )
        if data is not None and shape is None:
            spec, proposals = proposed_spec(read_samples(settings), settings)
        else:
            alone = shape if data is None else None  # both, or neither, are refused
            spec, proposals = _shape(alone, source, target, drop, task, propose), ()
        candidates = candidates_for(spec, settings)
        actions = layer_actions(
            candidates,
            spec.domain,
            hidden_domains(spec, candidates, settings),
            allow_improper=preset == "paper",
            channels=spec.channels,
            outputs=len(spec.outputs),
        )
        most = min(limit, countable_states(len(candidates), actions.sizes))
        states = Lattice(actions).closed_states(most)
        told = to_be_told(actions.warnings, proposals, settings)
        report = CandidateReport(actions, states, proposals, nothing_proposed(settings), told)
        if as_json:
            say(json.dumps(report.to_json(), indent=2))
            return
        print_candidates(console, report)
        network = network_kind(spec, settings).name
        if network != LISTED:
            console.print(
                f"[dim]These candidates are for --network {LISTED}. For data of this shape aen "
                f"search takes --network {network} by default, which has candidates of its own.[/]"
            )


def _shape(shape: str | None, *of_data: object) -> DataSpec:
    """Return a shape without data."""
    if shape is None:
        raise SettingsError(
            "Give either a data set or --shape, as in aen symmetries --shape 28x28."
        )
    source, target, drop, task, propose = of_data
    if source is not None:
        raise SettingsError("--source belongs to a published data set: give one, such as mnist.")
    if target is not None or drop is not None or task is not None:
        raise SettingsError(
            "--target, --drop and --task belong to a data set: give one, such as a .csv file."
        )
    if propose is not None:
        raise SettingsError("--propose looks at names and samples: give a data set, not --shape.")
    return DataSpec(parse_domain(shape))
