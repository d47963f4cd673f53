"""`aen data make`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autoequivariant.cli.refusals import refusals
from autoequivariant.errors import printable

data_app = typer.Typer(no_args_is_help=True, help="Make data sets whose symmetries are known.")


@data_app.callback()
def _data() -> None:
    """Make data sets whose symmetries are known."""


@data_app.command()
def make(
    name: Annotated[str, typer.Argument(help="g-mnist, g-fashion-mnist or rotmnist.")],
    source: Annotated[Path, typer.Option(help="The folder with the originals' IDX files.")],
    out: Annotated[Path, typer.Option(help="A new or empty folder.")],
    setting: Annotated[
        str | None,
        typer.Option(
            help="Of g-mnist and g-fashion-mnist: none, one of the paper's twelve by name, or mix1 "
            "to mix5. Default: none."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
) -> None:
    """Make G-MNIST or G-Fashion-MNIST (arXiv 2104.04848) or RotMNIST from the originals.

    A card beside the files says how.
    """
    from autoequivariant.paper.derived_data import make_data

    with refusals():
        written = make_data(name, source, setting, seed, out)
    print(printable(f"written to {out}: {', '.join(path.name for path in written)}"))
