"""`aen fit`."""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from autoequivariant.cli.completion import complete_symmetries
from autoequivariant.cli.console import make_console, silence_optuna
from autoequivariant.cli.options import (
    Backbone,
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
)
from autoequivariant.cli.refusals import refusals


def fit(
    data: Data,
    symmetries: Annotated[
        str,
        typer.Option(
            help="Symmetries that the network has, as in rot90,hflip; ready lists, as in square; "
            "or a YAML file with custom symmetries.",
            autocompletion=complete_symmetries,
        ),
    ] = "none",
    augmentations: Annotated[
        str | None,
        typer.Option(
            help="Augmentations that the CNN is trained with: "
            "rotation,hflip,vflip,translation,scale,shear. Default: none."
        ),
    ] = None,
    source: Source = None,
    target: Target = None,
    drop: Drop = None,
    task: Task = None,
    kind: Kind = None,
    plant: Plant = "",
    network: Network = "auto",
    size: Annotated[
        str | None, typer.Option(help="CNN size: small, medium or large. Default: small.")
    ] = None,
    backbone: Backbone = None,
    layers: Layers = None,
    channels: Channels = None,
    final: Final = None,
    coding: Coding = None,
    fit: Annotated[
        str,
        typer.Option(
            help="quick: train by the recipe; full: as long as validation improves. Both train on "
            "all samples but those for test."
        ),
    ] = "quick",
    fit_time: FitTime = None,
    fit_size: FitSize = None,
    epochs: Annotated[
        int | None, typer.Option(help="Training epochs. Default: by the recipe.")
    ] = None,
    timeout: Timeout = None,
    seed: Seed = 0,
    device: Device = "cpu",
    executor: Executor = "local",
    ray_address: RayAddress = None,
    cpus_per_child: CpusPerChild = 1.0,
    gpus_per_child: GpusPerChild = 0.0,
    storage: Storage = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the fit. Default: runs/fit-NAME.")
    ] = None,
    memory_limit: TrainingMemoryLimit = None,
) -> None:
    """Train the network that has exactly the symmetries you give, and its baseline, on DATA.

    Nothing is tested or searched. Rerun the command to resume after Ctrl-C.
    """
    # Imported here, because torch takes seconds: too long for --help or a misspelt option.
    from autoequivariant.report.findings.rerun import command_of
    from autoequivariant.report.render.fit_text import print_fit, print_fitted
    from autoequivariant.report.render.progress_bar import ProgressBar
    from autoequivariant.searching.fit.given import fit as run_fit
    from autoequivariant.searching.settings.duration import parse_duration
    from autoequivariant.searching.settings.settings import SearchSettings
    from autoequivariant.training.executors.options import ExecutorOptions

    silence_optuna()
    console = make_console()
    with refusals():
        settings = SearchSettings(
            data=data,
            given=True,
            tests=False,
            source=source,
            target=parse_columns(target),
            drop=parse_columns(drop),
            task=task,
            kind=kind,
            symmetries=parse_candidates(symmetries),
            augmentations=parse_names(augmentations),
            plant=parse_candidates(plant) or (),
            network=network,
            sizes=parse_names(size),
            backbone=backbone,
            layers=parse_domains(layers),
            channels=channels,
            final=final,
            coding=coding,
            fit=fit,
            fit_time=None if fit_time is None else parse_duration(fit_time, "--fit-time"),
            fit_size=fit_size,
            epochs=epochs,
            timeout=None if timeout is None else parse_duration(timeout),
            seed=seed,
            device=device,
            executor=ExecutorOptions(executor, ray_address, cpus_per_child, gpus_per_child),
            memory_limit=parse_bytes(memory_limit),
            storage=storage,
        )
        with ProgressBar(console) as progress:
            announce = partial(print_fit, console)
            outcome = run_fit(settings, out, progress, announce)
        question = SearchSettings(
            data=data,
            source=source,
            target=settings.target,
            drop=settings.drop,
            task=task,
            kind=kind,
            seed=seed,
            memory_limit=settings.memory_limit,
        )
        command = command_of(question, command="test")
        for option, text in (("--symmetries", symmetries), ("--plant", plant)):
            command += f" {option} {shlex.quote(text)}" if text else ""
        print_fitted(console, outcome, command)
