"""Optuna's tables in PostgreSQL or SQLite, opened so that no operation waits for ever."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import RDBStorage
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from autoequivariant.errors import RunError
from autoequivariant.searching.sharing.address import FORMS, Address
from autoequivariant.searching.storage.study_file import (
    StepLimit,
    check_shared,
    connect_for_search,
)

CONNECT_SECONDS = 5
"""How long a host may take to answer."""
_CONNECTION = {
    "connect_timeout": f"{CONNECT_SECONDS}",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "4",
    "tcp_user_timeout": "30000",
    "application_name": "aen",
}
"""A connection to a machine that has gone ends after half a minute, on either side."""
_SESSION = (
    "statement_timeout=60000",
    "idle_in_transaction_session_timeout=60000",
    "tcp_keepalives_idle=10",
    "tcp_keepalives_interval=5",
    "tcp_keepalives_count=4",
)


def open_database(address: Address, interval: int, grace: int) -> RDBStorage:
    """Open a database, and make Optuna's tables where they are missing.

    Args:
        address: of PostgreSQL or SQLite.
        interval: seconds from one heartbeat to the next.
        grace: seconds without one after which a trial is stale.

    Raises:
        RunError: the driver is missing, or the address is malformed.
        Exception: SQLAlchemy's, Optuna's or the system's.
    """
    engine = _postgresql(address) if address.kind == "postgresql" else _sqlite(address)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return RDBStorage(
            # Neither the path nor the password, which Optuna and Alembic would interpret.
            "sqlite:///study.db" if address.kind == "sqlite" else "postgresql+psycopg://",
            engine_kwargs=engine,
            heartbeat_interval=interval,
            grace_period=grace,
        )


def _postgresql(address: Address) -> dict[str, Any]:
    try:
        import psycopg  # of an extra
    except ImportError:
        raise RunError(
            "PostgreSQL needs psycopg: install it with pip install 'autoequivariant[postgresql]'."
        ) from None
    try:
        url = make_url(address.place)
    except (ArgumentError, ValueError):
        raise RunError(f"--storage {address.shown} is malformed: give {FORMS}.") from None
    login = url.translate_connect_args(username="user", database="dbname")
    options = " ".join(f"-c {setting}" for setting in _SESSION)
    arguments = {**_CONNECTION, "options": options, **login, **url.query}
    return {"creator": lambda: psycopg.connect(**arguments), "pool_pre_ping": True}


def _sqlite(address: Address) -> dict[str, Any]:
    path = Path(address.place)
    limit = StepLimit(path)
    check_shared(path, limit)
    return {"creator": lambda: connect_for_search(path, limit)}
