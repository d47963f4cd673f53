"""The command line: parses arguments, calls the library, prints. One file per command or group."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from autoequivariant.cli.completion import NamesInHelp, complete_for_shell
from autoequivariant.cli.console import prepare_streams, say, write_script
from autoequivariant.cli.data import data_app
from autoequivariant.cli.fit import fit
from autoequivariant.cli.model import evaluate, export, predict
from autoequivariant.cli.refusals import refusals
from autoequivariant.cli.report import dashboard, report
from autoequivariant.cli.reproduce import reproduce_app
from autoequivariant.cli.search import search
from autoequivariant.cli.symmetries import symmetries
from autoequivariant.cli.test import test
from autoequivariant.cli.usage_errors import PrintableErrors
from autoequivariant.cli.verify import verify
from autoequivariant.cli.wrap import wrap
from autoequivariant.errors import SettingsError

__all__ = ["app", "main"]

app = typer.Typer(
    cls=PrintableErrors,
    add_completion=True,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Find the symmetries of a data set, and the network that has exactly those.",
)
for command in (
    *(search, fit, test, symmetries, predict, evaluate, verify, export, wrap),
    *(report, dashboard),
):
    app.command(cls=NamesInHelp)(command)
app.add_typer(data_app, name="data")
app.add_typer(reproduce_app, name="reproduce")


def main() -> None:
    """Run the command line."""
    prepare_streams()
    try:
        with refusals():
            _check_working_folder()
            script = complete_for_shell(sys.argv[1:])
    except typer.Exit as refused:
        sys.exit(refused.exit_code)
    if script is not None:
        write_script(script)
        return
    app(prog_name="aen")  # also as `python -m autoequivariant`


def _check_working_folder() -> None:
    try:
        Path.cwd()
    except OSError:
        raise SettingsError(
            "The working folder does not exist any more, or is not accessible: change to another."
        ) from None


def _show_version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        say(f"aen {version('autoequivariant')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Find the symmetries of a data set, and the network that has exactly those."""
