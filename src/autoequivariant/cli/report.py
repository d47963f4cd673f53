"""`aen report` and `aen dashboard`: what a run found, to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autoequivariant.cli.refusals import refusals
from autoequivariant.errors import printable

RunFolder = Annotated[Path, typer.Argument(help="The folder of a run, such as runs/digits.")]


def report(
    run: RunFolder,
    out: Annotated[
        Path | None, typer.Option(help="The file. Default: report.html in the run's folder.")
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
) -> None:
    """Write what the search RUN found as one HTML file that needs no network."""
    import optuna

    from autoequivariant.report.page.write import write_report

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with refusals():
        path = write_report(run, out)
        print(printable(f"written to {path}"))
        if open_:
            typer.launch(path.absolute().as_uri())


def dashboard(
    run: RunFolder,
    port: Annotated[int, typer.Option(help="Where to listen; 0 takes a free one.")] = 8080,
    host: Annotated[str, typer.Option(help="Who may ask: 0.0.0.0 is everybody.")] = "127.0.0.1",
) -> None:
    """Show the search RUN in Optuna's dashboard, until Ctrl-C.

    It shows a copy: the run stays as it is.
    """
    import optuna

    from autoequivariant.report.dashboard import dashboard as serve

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with refusals():
        server = serve(run, host, port)
        print(f"dashboard at http://{host}:{server.server_port}/ (Ctrl-C ends it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
        finally:
            server.server_close()
