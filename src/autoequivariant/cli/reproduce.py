"""`aen reproduce mlp` and `aen reproduce cnn`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from autoequivariant.cli.completion import complete_samplers
from autoequivariant.cli.console import make_console
from autoequivariant.cli.refusals import refusals
from autoequivariant.files import write_atomically

reproduce_app = typer.Typer(no_args_is_help=True, help="Make a published paper's tables again.")


@reproduce_app.callback()
def _reproduce() -> None:
    """Make a published paper's tables again."""


@reproduce_app.command()
def mlp(
    dataset: Annotated[str, typer.Option(help="mnist or fashion_mnist.")],
    source: Annotated[Path, typer.Option(help="The folder with its original IDX files.")],
    out: Annotated[
        Path | None, typer.Option(help="The folder. Default: runs/reproduce-mlp-DATASET.")
    ] = None,
    mixes: Annotated[
        str, typer.Option(help="Mixed settings to search, as in mix1,mix3; or all, or none.")
    ] = "all",
    sampler: Annotated[
        str,
        typer.Option(help="Of the searches, as in aen search.", autocompletion=complete_samplers),
    ] = "auto",
    budget: Annotated[int, typer.Option(help="Of each search, as in aen search.")] = 250,
    train_size: Annotated[
        int, typer.Option(help="Images that the networks of the tables are trained on.")
    ] = 10_000,
    epochs: Annotated[int, typer.Option(help="Passes over them.")] = 10,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
) -> None:
    """Make the MLP tables of arXiv 2104.04848: single symmetries and mixed settings.

    The same command again goes on where it was.
    """
    import optuna

    from autoequivariant.paper.mlp_reproduction import reproduce
    from autoequivariant.paper.mlp_tables import print_reproduction
    from autoequivariant.paper.output_files import write_reproduction
    from autoequivariant.paper.reproduction_settings import ReproductionSettings, parse_mixes
    from autoequivariant.report.render.progress_bar import ProgressBar
    from autoequivariant.report.render.search_text import print_problem

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    console = make_console()
    with refusals():
        settings = ReproductionSettings(
            dataset=dataset,
            source=source,
            mixes=parse_mixes(mixes),
            sampler=sampler,
            budget=budget,
            train_size=train_size,
            epochs=epochs,
            seed=seed,
            device=device,
        )
        with ProgressBar(console) as progress:
            done = reproduce(settings, out, progress, partial(print_problem, console))
        print_reproduction(console, done.results, write_reproduction(done.results, done.folder))


@reproduce_app.command()
def cnn(
    dataset: Annotated[str, typer.Option(help="rotmnist or cifar10.")],
    source: Annotated[
        Path, typer.Option(help="MNIST's IDX files; or CIFAR-10, its binary files or an .npz.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="The folder. Default: runs/reproduce-cnn-DATASET.")
    ] = None,
    scale: Annotated[
        str, typer.Option(help="cpu: half an hour on two cores; gpu: larger and longer.")
    ] = "cpu",
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
) -> None:
    """Compare the plain CNN, the best augmentation, and what a search finds (arXiv 2104.04848).

    The same command again goes on where it was.
    """
    import optuna

    from autoequivariant.paper.cnn_reproduction import CNNReproductionSettings, reproduce_cnn
    from autoequivariant.paper.cnn_tables import cnn_tables, print_cnn_reproduction
    from autoequivariant.report.render.progress_bar import ProgressBar
    from autoequivariant.report.render.search_text import print_problem

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    console = make_console()
    with refusals():
        settings = CNNReproductionSettings(dataset, source, scale, seed, device)
        with ProgressBar(console) as progress:
            done = reproduce_cnn(settings, out, progress, partial(print_problem, console))
        write_atomically(done.folder / "tables.md", cnn_tables(done.results).encode())
        print_cnn_reproduction(console, done.results, done.folder)
