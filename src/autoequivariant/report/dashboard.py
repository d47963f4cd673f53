"""Optuna's dashboard on a copy of a run's study."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import optuna

from autoequivariant.errors import SettingsError
from autoequivariant.runs.readable_study import readable_study
from autoequivariant.runs.replay import replay_run
from autoequivariant.runs.run import open_run

INSTALL = "pip install -c constraints.txt -e '.[dashboard]'"
MOST_PORT = 65535


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing for each request."""


def dashboard(folder: Path | str, host: str, port: int) -> _Server:
    """Return a server that already listens; call `serve_forever`.

    The dashboard shows a copy of the study, so the run stays unchanged.

    Args:
        folder: of the run.
        host, port: where to listen; port 0 stands for any free one.

    Raises:
        RunError: the run cannot be read.
        SettingsError: Optuna's dashboard is not installed, or the address cannot be used.
    """
    application = _application()
    if not 0 <= port <= MOST_PORT:
        raise SettingsError(f"--port must be 0 to {MOST_PORT}; got {port}.")
    storage = optuna.storages.InMemoryStorage()
    with replay_run(open_run(folder, needs_results=False)) as record:
        readable_study(record, storage)
    try:
        return make_server(host, port, application(storage), _Server, _Quiet)
    except (OSError, socket.gaierror, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SettingsError(
            f"The dashboard cannot listen at {host}:{port} ({reason}): give another --port or "
            "--host, or --port 0 for any free one."
        ) from error


def _application() -> Callable[[optuna.storages.BaseStorage], Any]:
    try:
        from optuna_dashboard import wsgi
    except ImportError as error:
        raise SettingsError(
            f"aen dashboard needs optuna-dashboard, which is not installed: {INSTALL}"
        ) from error
    application: Callable[[optuna.storages.BaseStorage], Any] = wsgi
    return application
