"""`aen data make`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autoequivariant.cli.console import say
from autoequivariant.cli.options import MemoryLimit, parse_bytes
from autoequivariant.cli.refusals import NOTHING_WRITTEN, refusals

data_app = typer.Typer(no_args_is_help=True, help="Derive data sets with known symmetries.")


@data_app.callback()
def _data() -> None:
    """Derive data sets with known symmetries."""


@data_app.command()
def make(
    name: Annotated[str, typer.Argument(help="g-mnist, g-fashion-mnist or rotmnist.")],
    source: Annotated[Path, typer.Option(help="Folder of the original IDX files.")],
    out: Annotated[Path, typer.Option(help="A new or empty folder.")],
    setting: Annotated[
        str | None,
        typer.Option(
            help="For g-mnist and g-fashion-mnist: none, one of the paper's twelve by name, or "
            "mix1 to mix5. Default: none."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of all random numbers.")] = 0,
    memory_limit: MemoryLimit = None,
) -> None:
    """Derive G-MNIST, G-Fashion-MNIST (arXiv 2104.04848) or RotMNIST from the original files.

    A card beside the files records how they were made.
    """
    from autoequivariant.paper.derived_data import make_data

    with refusals(NOTHING_WRITTEN):
        written = make_data(name, source, setting, seed, out, parse_bytes(memory_limit))
        say(f"written to {out}: {', '.join(path.name for path in written)}")
