"""`study.db` as an SQLite file that is not trusted: what it may hold, and how it is opened.

SQLite runs what a database defines: a view that never ends, a trigger, a function in a constraint.
And it follows, truncates or deletes what lies beside a database under a fixed name. So files and
definitions are checked before the first query, and every query has a bounded number of steps.
"""

from __future__ import annotations

import os
import re
import sqlite3
import stat
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Self

import optuna

from autoequivariant.errors import RunError, shown

MOST_BYTES = 2**32
"""Largest `study.db`, and largest file beside it. An evaluation takes 0.2 bytes for each validation
sample in classification and 5.3 in regression: 4 GiB are a million networks with 10,000 samples, or
800 with a million numbers to predict.
"""
MOST_ATTRIBUTES = 2**26
"""Most bytes in all notes of samplers, which Optuna reads as JSON of any form."""

_SECONDS_TO_WAIT = 30  # for another process that writes to the same file
_BESIDE = ("-wal", "-shm", "-journal")
_JOURNAL_END = bytes.fromhex("d9d505f920a163d7")
_FEWEST_STEPS, _STEPS_PER_BYTE = 10**7, 50  # reading all trials takes about one for each byte
_STEPS_AT_ONCE = 10_000
_MAY_BE_NULL = ("datetime_start", "datetime_complete", "value", "intermediate_value")
_TYPES = {"INTEGER": "integer", "FLOAT": "real"}  # all others are texts
_NOTES = ("study_system_attributes", "trial_system_attributes", "trial_user_attributes")


class StepLimit:
    """Bounds the steps of each query by the size of the file, and lets signals through.

    Attributes:
        is_exceeded: whether a query was stopped; SQLite calls it interrupted, as after Ctrl-C.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._left = 0
        self.is_exceeded = False

    def start(self) -> None:
        """Start a query."""
        size = self._path.stat().st_size if self._path.exists() else 0
        self._left = (_FEWEST_STEPS + _STEPS_PER_BYTE * size) // _STEPS_AT_ONCE

    def tick(self) -> bool:
        """Count steps; return whether to stop the query."""
        self._left -= 1
        self.is_exceeded = self._left < 0
        return self.is_exceeded


class _Cursor(sqlite3.Cursor):
    connection: _Connection

    def execute(self, query: str, values: Any = (), /) -> Self:
        self.connection.limit.start()
        return super().execute(query, values)

    def executemany(self, query: str, values: Any, /) -> Self:
        self.connection.limit.start()
        return super().executemany(query, values)


class _Connection(sqlite3.Connection):
    limit: StepLimit

    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)

    def execute(self, query: str, values: Any = (), /) -> sqlite3.Cursor:
        return self.cursor().execute(query, values)  # type: ignore[no-any-return]


def connect(path: Path, limit: StepLimit, mode: str = "rwc") -> sqlite3.Connection:
    """Open a database whose functions cannot do harm and whose queries end.

    Args:
        path: the file.
        limit: of the steps of each query.
        mode: `rwc` creates a missing file, `rw` does not.
    """
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        timeout=_SECONDS_TO_WAIT,
        check_same_thread=False,
        factory=_Connection,
        uri=True,
    )
    connection.limit = limit
    connection.set_progress_handler(limit.tick, _STEPS_AT_ONCE)
    connection.execute("PRAGMA trusted_schema=OFF")
    connection.execute("PRAGMA cell_size_check=ON")
    return connection


def connect_for_search(path: Path, limit: StepLimit) -> sqlite3.Connection:
    """Connect so that a killed process loses nothing, and writes do not wait for the disk."""
    connection = connect(path, limit)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection


@contextmanager
def attributes_of(path: Path, study: str, limit: StepLimit) -> Iterator[Iterable[tuple[str, str]]]:
    """Check a file before Optuna opens it, which would add its tables to any database.

    Args:
        path: the file; it may be missing, or left incomplete by a kill.
        study: the name of its only study.
        limit: of the steps of each query.

    Yields:
        The study's attributes: names, and values in JSON.

    Raises:
        RunError: what lies beside the file is not safe to open.
        ValueError, sqlite3.Error: the file is something else, or damaged.
    """
    check_files(path)
    if not path.exists():
        yield ()
        return
    # Not read-only, which would leave SQLite's other files behind.
    with closing(connect(path, limit, "rw")) as connection:
        _check_definitions(connection)
        (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(shown(verdict))
        query = "SELECT name FROM sqlite_master WHERE type = 'table'"
        tables = [name for (name,) in connection.execute(query).fetchall()]
        _check_types(connection, tables)
        if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise ValueError("rows are missing")
        query = "SELECT study_name FROM studies LIMIT 2"
        names = connection.execute(query).fetchall() if "studies" in tables else []
        if names not in ([], [(study,)]):
            raise ValueError("it is the study of another program")
        # Without a study there is nothing else, as every row belongs to one.
        query = "SELECT key, value_json FROM study_user_attributes"
        with closing(connection.execute(query if names else "SELECT 1 WHERE 0")) as rows:
            yield rows


def check_shared(path: Path, limit: StepLimit) -> None:
    """Check a file that holds the studies of several searches; errors are as in `attributes_of`."""
    check_files(path)
    if path.exists():
        with closing(connect(path, limit, "rw")) as connection:
            _check_definitions(connection)


def check_files(path: Path) -> None:
    """Check `study.db` and what SQLite opens beside it, before SQLite does.

    Raises:
        RunError: one is a link, not a regular file, of another user, too large, or a journal that
            names other files.
        ValueError: `study.db` is not a regular file.
        OSError: one cannot be read.
    """
    own = _status(path)
    if own is not None and not stat.S_ISREG(own.st_mode):
        raise ValueError(
            "it is a link" if stat.S_ISLNK(own.st_mode) else "it is not a regular file"
        )
    for ending in _BESIDE:
        beside = path.with_name(path.name + ending)
        status = _status(beside)
        if status is None:
            continue
        if stat.S_ISLNK(status.st_mode) or (status.st_nlink > 1 and stat.S_ISREG(status.st_mode)):
            fault = "is a link"
        elif not stat.S_ISREG(status.st_mode):
            fault = "is not a regular file"
        elif status.st_uid not in (_user(), status.st_uid if own is None else own.st_uid):
            fault = "belongs to another user"
        elif ending == "-journal" and _names_files(beside):
            fault = "names files that SQLite would delete"
        else:
            continue
        raise RunError(f"{beside} {fault}: remove it.")
    for status in (own, _status(path.with_name(f"{path.name}-wal"))):
        if status is not None and status.st_size > MOST_BYTES:
            raise ValueError(f"it has more than {MOST_BYTES:,} bytes")


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except FileNotFoundError:
        return None


def _user() -> int:
    return os.geteuid() if hasattr(os, "geteuid") else 0


def _names_files(journal: Path) -> bool:
    """Whether a rollback journal ends with the name of another, whose files SQLite deletes."""
    with journal.open("rb") as file:
        file.seek(max(0, journal.stat().st_size - len(_JOURNAL_END)))
        return file.read() == _JOURNAL_END


@cache
def _definitions() -> dict[tuple[str, str, str], str | None]:
    """Return what Optuna defines: the SQL by type, name and table."""
    from sqlalchemy import text

    storage = optuna.storages.RDBStorage("sqlite://")
    try:
        with storage.engine.connect() as connection:
            rows = connection.execute(text("SELECT type, name, tbl_name, sql FROM sqlite_master"))
            return {(kind, name, table): _plain(sql) for kind, name, table, sql in rows}
    finally:
        storage.remove_session()
        storage.engine.dispose()


def _plain(sql: str | None) -> str | None:
    """Return a definition without what versions of SQLAlchemy write differently."""
    return None if sql is None else re.sub(r'[\s"]+', "", sql).lower()


def _check_definitions(connection: sqlite3.Connection) -> None:
    """Refuse every definition but Optuna's: views, triggers, virtual tables, functions."""
    known, length = _definitions(), max(len(sql or "") for sql in _definitions().values())
    query = "SELECT type, name, tbl_name, substr(sql, 1, ?) FROM sqlite_master LIMIT ?"
    rows = connection.execute(query, (2 * length + 1000, len(known) + 1)).fetchall()
    for kind, name, table, sql in rows:
        if known.get((kind, name, table), "") != _plain(sql):
            raise ValueError(f"it is not Optuna's: it defines the {kind} {shown(name)}")


def _check_types(connection: sqlite3.Connection, tables: list[str]) -> None:
    """Refuse values of other types than their columns, which SQLite stores all the same."""
    for table in tables:
        columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
        allowed = []
        for _, column, declared, *_ in columns:
            kinds = [_TYPES.get(declared, "text"), *(["null"] if column in _MAY_BE_NULL else [])]
            allowed.append(f"""typeof("{column}") IN ({", ".join(map(repr, kinds))})""")
        wrong = f"SELECT 1 FROM {table} WHERE NOT ({' AND '.join(allowed)}) LIMIT 1"
        if connection.execute(wrong).fetchone() is not None:
            raise ValueError(f"a value in {table} has another type than its column")
    # Optuna stores a choice as its number, and reads -1 and 0.5 as one, too.
    odd = "SELECT 1 FROM trial_params WHERE param_value != abs(round(param_value))"
    if "trial_params" in tables and connection.execute(odd).fetchone() is not None:
        raise ValueError("a parameter is not one of its choices")
    sizes = [
        connection.execute(f"SELECT total(length(value_json)) FROM {table}").fetchone()[0]
        for table in tables
        if table in _NOTES
    ]
    if sum(sizes) > MOST_ATTRIBUTES:
        raise ValueError(f"its attributes have more than {MOST_ATTRIBUTES:,} characters")
