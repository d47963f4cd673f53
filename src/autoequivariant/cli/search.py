"""`aen search`."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Annotated

import typer

from autoequivariant.cli.completion import complete_samplers
from autoequivariant.cli.console import make_console, silence_optuna
from autoequivariant.cli.options import (
    Backbone,
    Candidates,
    Channels,
    Coding,
    CpusPerChild,
    Data,
    Device,
    Drop,
    Executor,
    Final,
    FitSize,
    FitTime,
    GpusPerChild,
    Kind,
    Layers,
    Network,
    Plant,
    Preset,
    Propose,
    RayAddress,
    Seed,
    Source,
    Storage,
    Target,
    Task,
    Timeout,
    TrainingMemoryLimit,
    parse_bytes,
    parse_candidates,
    parse_columns,
    parse_domains,
    parse_names,
    parse_numbers,
)
from autoequivariant.cli.refusals import refusals
from autoequivariant.signals import exit_status


def search(
    data: Data,
    source: Source = None,
    target: Target = None,
    drop: Drop = None,
    task: Task = None,
    symmetries: Candidates = None,
    propose: Propose = None,
    plant: Plant = "",
    sampler: Annotated[
        str,
        typer.Option(
            help="{samplers}. auto: lattice, or exhaustive for up to 32 networks.",
            autocompletion=complete_samplers,
        ),
    ] = "auto",
    objective: Annotated[
        str, typer.Option(help="score; or score,parameters for the Pareto front of both.")
    ] = "score",
    widths: Annotated[
        str | None,
        typer.Option(help="Numbers of channels to search with score,parameters, as in 1,2,4,8."),
    ] = None,
    network: Network = "auto",
    augmentations: Annotated[
        str | None,
        typer.Option(
            help="CNN augmentations to search: rotation,hflip,vflip,translation,scale,shear or "
            "none. Default: all."
        ),
    ] = None,
    size: Annotated[
        str | None, typer.Option(help="CNN sizes to search: small, medium, large. Default: small.")
    ] = None,
    partial: Annotated[
        bool,
        typer.Option(
            "--partial",
            help="CNNs: also try to keep each symmetry in the layers up to a level only.",
        ),
    ] = False,
    backbone: Backbone = None,
    pruner: Annotated[
        str | None,
        typer.Option(help="Stops poor CNNs early: none, median or quartile. Default: median."),
    ] = None,
    budget: Annotated[int, typer.Option(help="Largest number of networks to train.")] = 250,
    timeout: Timeout = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            help="Training epochs. Default: about 400 steps (CNNs: recipe); 4 with --preset paper."
        ),
    ] = None,
    train_size: Annotated[
        int | None, typer.Option(help="Training samples. Default: 4000, or all there are.")
    ] = None,
    validation_size: Annotated[
        int | None, typer.Option(help="Validation samples. Default: 1000, or a quarter.")
    ] = None,
    seed: Seed = 0,
    device: Device = "cpu",
    executor: Executor = "local",
    ray_address: RayAddress = None,
    cpus_per_child: CpusPerChild = 1.0,
    gpus_per_child: GpusPerChild = 0.0,
    deterministic: Annotated[
        bool | None,
        typer.Option(
            "--deterministic/--no-deterministic",
            help="Propose networks in rounds, so that the answer does not depend on the number of "
            "workers; or one whenever a worker is free. Default: rounds for up to 16 workers.",
        ),
    ] = None,
    storage: Storage = None,
    fit: Annotated[
        str | None,
        typer.Option(
            help="How the network that you get is trained: quick, by the recipe on all samples; "
            "full, longer, wider and with another decay as long as validation improves; none, as "
            "in the search. Default: quick."
        ),
    ] = None,
    fit_time: FitTime = None,
    fit_size: FitSize = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the run. Default: runs/NAME.")] = None,
    preset: Preset = None,
    layers: Layers = None,
    channels: Channels = None,
    final: Final = None,
    coding: Coding = None,
    kind: Kind = None,
    rivals: Annotated[
        bool,
        typer.Option(
            help="Whether to compare the chosen network with the baseline trained with "
            "augmentation or averaged, and with scikit-learn."
        ),
    ] = True,
    memory_limit: TrainingMemoryLimit = None,
    tests: Annotated[
        bool,
        typer.Option(
            "--tests/--no-tests", help="Ask the data about every candidate before training."
        ),
    ] = True,
    smallest: Annotated[
        bool,
        typer.Option(
            "--smallest",
            help="Build in what is undecided and merely harmless, too: fewest parameters.",
        ),
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Also print the leading networks and the finalists.")
    ] = False,
) -> None:
    """Search for the symmetries of DATA, and train the network that has exactly those.

    Ctrl-C ends the search with the best network so far; rerun the command to resume.
    """
    # Imported here, because torch takes seconds: too long for --help or a misspelt option.
    from autoequivariant.report.render.progress_bar import ProgressBar
    from autoequivariant.report.render.search_text import print_data, print_outcome, print_problem
    from autoequivariant.searching.run import search as run_search
    from autoequivariant.searching.settings.duration import parse_duration
    from autoequivariant.searching.settings.settings import SearchSettings
    from autoequivariant.training.executors.options import ExecutorOptions

    silence_optuna()
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
            propose=propose,
            plant=parse_candidates(plant) or (),
            preset=preset,
            network=network,
            augmentations=parse_names(augmentations),
            sizes=parse_names(size),
            partial=partial,
            backbone=backbone,
            pruner=pruner,
            layers=parse_domains(layers),
            channels=channels,
            final=final,
            coding=coding,
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
            executor=ExecutorOptions(executor, ray_address, cpus_per_child, gpus_per_child),
            memory_limit=parse_bytes(memory_limit),
            storage=storage,
            tests=tests,
            fit=fit,
            fit_time=None if fit_time is None else parse_duration(fit_time, "--fit-time"),
            fit_size=fit_size,
            smallest=smallest,
            deterministic=deterministic,
        )
        with ProgressBar(console) as progress:
            outcome = run_search(
                settings,
                out,
                progress,
                functools.partial(print_problem, console, verbose=verbose, is_begun=True),
                rivals=rivals,
                begin=functools.partial(print_data, console),
            )
        print_outcome(console, outcome, verbose)
    if outcome.results.status == "interrupted":
        raise typer.Exit(exit_status())
