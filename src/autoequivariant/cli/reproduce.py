"""`aen reproduce mlp` and `aen reproduce cnn`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from autoequivariant.cli.completion import complete_samplers
from autoequivariant.cli.console import make_console, silence_optuna
from autoequivariant.cli.options import (
    CpusPerChild,
    Device,
    Executor,
    GpusPerChild,
    RayAddress,
)
from autoequivariant.cli.refusals import refusals

reproduce_app = typer.Typer(no_args_is_help=True, help="Reproduce the tables of arXiv 2104.04848.")

Seed = Annotated[int, typer.Option(help="Seed of all random numbers.")]


@reproduce_app.command()
def mlp(
    dataset: Annotated[str, typer.Option(help="mnist or fashion_mnist.")],
    source: Annotated[Path, typer.Option(help="Folder of its original IDX files.")],
    out: Annotated[
        Path | None,
        typer.Option(help="Default: runs/reproduce-mlp-DATASET, with -proper for those domains."),
    ] = None,
    mixes: Annotated[
        str, typer.Option(help="Mixed settings to search, such as mix1,mix3; or all, or none.")
    ] = "all",
    sampler: Annotated[
        str,
        typer.Option(
            help="Sampler of the searches, as in aen search.", autocompletion=complete_samplers
        ),
    ] = "auto",
    budget: Annotated[int, typer.Option(help="Most networks to train per search.")] = 250,
    train_size: Annotated[int, typer.Option(help="Training images of the tables.")] = 10_000,
    epochs: Annotated[int, typer.Option(help="Training epochs of the tables.")] = 10,
    seed: Seed = 0,
    device: Device = "cpu",
    executor: Executor = "local",
    ray_address: RayAddress = None,
    cpus_per_child: CpusPerChild = 1.0,
    gpus_per_child: GpusPerChild = 0.0,
    domains: Annotated[
        str,
        typer.Option(
            help="Hidden domains: paper (20x20); or proper (14x14), on which translations act "
            "properly."
        ),
    ] = "paper",
    seeds: Annotated[
        int, typer.Option(help="Number of seeds; more than one gives means and ranges.")
    ] = 1,
) -> None:
    """Reproduce the MLP tables of arXiv 2104.04848: single symmetries and mixed settings.

    Rerun the command to resume.
    """

    def make() -> Any:
        from autoequivariant.paper.mlp import mlp_reproduction
        from autoequivariant.paper.mlp_settings import MLPSettings, parse_mixes
        from autoequivariant.training.executors.options import ExecutorOptions

        settings = MLPSettings(
            dataset=dataset,
            source=source,
            mixes=parse_mixes(mixes),
            sampler=sampler,
            budget=budget,
            train_size=train_size,
            epochs=epochs,
            seed=seed,
            device=device,
            domains=domains,
            seeds=seeds,
            executor=ExecutorOptions(executor, ray_address, cpus_per_child, gpus_per_child),
        )
        return mlp_reproduction(settings)

    _run(make, out)


@reproduce_app.command()
def cnn(
    dataset: Annotated[
        str,
        typer.Option(help="rotmnist, cifar10 or fashion_mnist; or file, for any other images."),
    ],
    source: Annotated[
        Path,
        typer.Option(
            help="The IDX files of MNIST or Fashion-MNIST; CIFAR-10's binary files or an .npz; or "
            "the file with the images and a test set."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Default: runs/reproduce-cnn-DATASET, with -pyramid for those bodies."),
    ] = None,
    scale: Annotated[
        str,
        typer.Option(
            help="Of --backbone paper. cpu: half an hour on two cores; gpu: larger and longer."
        ),
    ] = "cpu",
    seed: Seed = 0,
    device: Device = "cpu",
    executor: Executor = "local",
    ray_address: RayAddress = None,
    cpus_per_child: CpusPerChild = 1.0,
    gpus_per_child: GpusPerChild = 0.0,
    backbone: Annotated[
        str,
        typer.Option(
            help="paper; or pyramid, bodies and trainings that follow from the data, in two sizes."
        ),
    ] = "paper",
) -> None:
    """Compare the CNN baseline, the best augmentation and the network that a search finds.

    Rerun the command to resume.
    """

    def make() -> Any:
        from autoequivariant.paper.cnn import cnn_reproduction
        from autoequivariant.paper.cnn_settings import CNNSettings
        from autoequivariant.training.executors.options import ExecutorOptions

        workers = ExecutorOptions(executor, ray_address, cpus_per_child, gpus_per_child)
        settings = CNNSettings(dataset, source, scale, seed, device, backbone, workers)
        return cnn_reproduction(settings)

    _run(make, out)


def _run(make: Callable[[], Any], out: Path | None) -> None:
    """Run a reproduction and print its summary; torch, which is slow to import, only now."""
    from rich.markup import escape

    from autoequivariant.paper.reproduction import reproduce
    from autoequivariant.report.render.progress_bar import ProgressBar
    from autoequivariant.report.render.search_text import print_problem

    silence_optuna()
    console = make_console()
    with refusals():
        reproduction = make()
        with ProgressBar(console) as progress:
            done = reproduce(reproduction, out, progress, partial(print_problem, console))
        console.print(*reproduction.summary(done.results), sep="\n")
        console.print(f"\nwritten to {escape(str(done.folder))}: {', '.join(done.files)}")
