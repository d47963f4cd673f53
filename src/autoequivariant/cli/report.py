"""`aen report` and `aen dashboard`."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated

import typer

from autoequivariant.cli.console import say, silence_optuna
from autoequivariant.cli.refusals import NOTHING_WRITTEN, refusals
from autoequivariant.signals import forget_stop_signal, stop_signal

RunFolder = Annotated[Path, typer.Argument(help="Folder of a run, such as runs/digits.")]


def report(
    run: RunFolder,
    out: Annotated[
        Path | None, typer.Option(help="File to write. Default: report.html in the run's folder.")
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Write a report of a search as one HTML file that needs no network."""
    from autoequivariant.report.page.write import write_report

    silence_optuna()
    with refusals(NOTHING_WRITTEN):
        path = write_report(run, out)
        say(f"written to {path}")
        if open_:
            typer.launch(path.absolute().as_uri())


def dashboard(
    run: RunFolder,
    port: Annotated[int, typer.Option(help="Port to listen on; 0 for any free one.")] = 8080,
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines connect.")
    ] = "127.0.0.1",
) -> None:
    """Show a search in Optuna's dashboard, until Ctrl-C.

    It shows a copy: the run stays unchanged.
    """
    from autoequivariant.report.dashboard import dashboard as serve

    silence_optuna()
    with refusals("dashboard stopped."):
        server = serve(run, host, port)
        say(f"dashboard at http://{host}:{server.server_port}/ (Ctrl-C ends it)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say("")
            if stop_signal() not in (signal.SIGINT, None):
                raise
            forget_stop_signal()
        finally:
            server.server_close()
