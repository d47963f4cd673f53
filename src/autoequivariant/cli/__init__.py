"""The command line: parses, calls, prints. No science here.

A file for each command, or for a few that belong together.
"""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from autoequivariant.cli.completion import complete_for_shell
from autoequivariant.cli.data import data_app
from autoequivariant.cli.model import evaluate, export, predict, verify
from autoequivariant.cli.refusals import refusals
from autoequivariant.cli.report import dashboard, report
from autoequivariant.cli.reproduce import reproduce_app
from autoequivariant.cli.search import search
from autoequivariant.cli.symmetries import symmetries

__all__ = ["app", "main"]

app = typer.Typer(
    add_completion=True,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Find the symmetries of a data set, and the network that has them.",
)
app.command()(search)
app.command()(symmetries)
app.command()(predict)
app.command()(evaluate)
app.command()(verify)
app.command()(export)
app.command()(report)
app.command()(dashboard)
app.add_typer(data_app, name="data")
app.add_typer(reproduce_app, name="reproduce")


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # pictures on a terminal that has no blocks
    try:
        with refusals():
            said = complete_for_shell(sys.argv[1:])
    except typer.Exit as refused:
        sys.exit(refused.exit_code)
    if said is not None:
        print(said)
        return
    app(prog_name="aen")  # also as `python -m autoequivariant`


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"aen {version('autoequivariant')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Find the symmetries of a data set, and the network that has them."""
