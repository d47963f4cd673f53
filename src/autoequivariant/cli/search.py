"""`aen search`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from autoequivariant.cli.completion import complete_samplers, complete_symmetries
from autoequivariant.cli.console import make_console
from autoequivariant.cli.options import (
    Candidates,
    Data,
    Drop,
    Kind,
    Layers,
    Preset,
    Source,
    Target,
    Task,
    parse_bytes,
    parse_candidates,
    parse_columns,
    parse_domains,
    parse_names,
    parse_numbers,
)
from autoequivariant.cli.refusals import INTERRUPTED, refusals
from autoequivariant.searching.samplers.registry import FEWEST_TO_MODEL, sampler_names


def search(
    data: Data,
    source: Source = None,
    target: Target = None,
    drop: Drop = None,
    task: Task = None,
    symmetries: Candidates = None,
    plant: Annotated[
        str,
        typer.Option(
            help="Symmetries to plant in the data first.", autocompletion=complete_symmetries
        ),
    ] = "",
    sampler: Annotated[
        str,
        typer.Option(
            help=f"{', '.join(sampler_names())}. auto: lattice, or exhaustive for up to "
            f"{FEWEST_TO_MODEL} networks.",
            autocompletion=complete_samplers,
        ),
    ] = "auto",
    objective: Annotated[
        str, typer.Option(help="accuracy, or score,parameters for the best of each size.")
    ] = "score",
    widths: Annotated[
        str | None,
        typer.Option(help="With score,parameters: channels to search over, as in 1,2,4,8."),
    ] = None,
    network: Annotated[
        str,
        typer.Option(help="mlp, cnn, or auto: cnn for images of 16 pixels a side or more."),
    ] = "auto",
    augmentations: Annotated[
        str | None,
        typer.Option(
            help="Of a cnn, to search over: rotation,hflip,vflip,translation,scale,shear or none. "
            "Default: all."
        ),
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(help="Of a cnn, to search over: small, medium, large. Default: small."),
    ] = None,
    backbone: Annotated[
        str | None, typer.Option(help="Of a cnn: paper or residual. Default: paper.")
    ] = None,
    pruner: Annotated[
        str | None,
        typer.Option(help="Gives up poor cnns early: none, median, quartile. Default: median."),
    ] = None,
    budget: Annotated[int, typer.Option(help="Most distinct networks to train.")] = 250,
    timeout: Annotated[
        str | None, typer.Option(help="Stop in time with the best so far: 90s, 10m.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(help="Default: about 400 steps; 4 for the paper.")
    ] = None,
    train_size: Annotated[int | None, typer.Option(help="Default: 4000, or what there is.")] = None,
    validation_size: Annotated[
        int | None, typer.Option(help="Default: 1000, or a quarter.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    out: Annotated[Path | None, typer.Option(help="The run's folder. Default: runs/NAME.")] = None,
    preset: Preset = None,
    layers: Layers = None,
    channels: Annotated[int | None, typer.Option(help="Channels of each hidden layer.")] = None,
    final: Annotated[
        str | None,
        typer.Option(help="invariant or dense. Default: invariant; dense for the paper."),
    ] = None,
    kind: Kind = None,
    memory_limit: Annotated[
        float | None, typer.Option(help="GiB that training may take. Default: a quarter of all.")
    ] = None,
) -> None:
    """Search for the symmetries of DATA, and train the network that has them.

    The same command again goes on where it was; Ctrl-C ends it with the best so far.
    """
    # torch takes seconds to import: not for --help, nor for a misspelt option.
    import optuna

    from autoequivariant.report.render.progress_bar import ProgressBar
    from autoequivariant.report.render.search_text import print_outcome, print_problem
    from autoequivariant.searching.run import search as run_search
    from autoequivariant.searching.settings.settings import SearchSettings, parse_duration

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    console = make_console()
    with refusals():
        settings = SearchSettings(
            data=data,
            source=source,
            target=parse_columns(target),
            drop=parse_columns(drop),
            task=task,
            kind=kind,
            symmetries=parse_candidates(symmetries),
            plant=parse_candidates(plant) or (),
            preset=preset,
            network=network,
            augmentations=parse_names(augmentations),
            sizes=parse_names(size),
            backbone=backbone,
            pruner=pruner,
            layers=parse_domains(layers),
            channels=channels,
            final=final,
            sampler=sampler,
            objective=objective,
            widths=parse_numbers(widths),
            budget=budget,
            timeout=None if timeout is None else parse_duration(timeout),
            epochs=epochs,
            train_size=train_size,
            validation_size=validation_size,
            seed=seed,
            device=device,
            memory_limit=parse_bytes(memory_limit),
        )
        with ProgressBar(console) as progress:
            outcome = run_search(settings, out, progress, partial(print_problem, console))
        print_outcome(console, outcome)
    if outcome.status == "interrupted":
        raise typer.Exit(INTERRUPTED)
