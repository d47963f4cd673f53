"""Errors of SQLite and Optuna as one sentence, with what helps."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import optuna

from autoequivariant.errors import RunError, shortened
from autoequivariant.files import remedy, writing_error
from autoequivariant.searching.storage.study_file import StepLimit

_NOT_WRITTEN = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY")
_MOST_SHOWN = 200  # characters of a reason, which may quote the file


@contextmanager
def errors_named(
    path: Path,
    limit: StepLimit | None = None,
    kinds: tuple[type[Exception], ...] | None = None,
) -> Iterator[None]:
    """Turn errors of a study into `RunError`.

    Args:
        path: the study's file.
        limit: of its queries, if there are any.
        kinds: errors that can only be the file's. Default: those of SQLite and Optuna.
    """
    try:
        yield
    except (MemoryError, RunError):
        raise
    except _expected(kinds) as error:
        root = _root(error)
        is_stopped = getattr(root, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT
        if is_stopped and not (limit and limit.is_exceeded):
            raise KeyboardInterrupt from None  # a signal's handler raised it within a query
        reason, what_helps = _explained(path, root)
        raise RunError(f"{path} cannot be used as a study ({reason}): {what_helps}.") from error


def _expected(kinds: tuple[type[Exception], ...] | None) -> tuple[type[Exception], ...]:
    from sqlalchemy.exc import SQLAlchemyError  # here, because it takes long

    return kinds or (
        SQLAlchemyError,
        sqlite3.Error,
        OSError,
        optuna.exceptions.OptunaError,
        LookupError,
        TypeError,
        ValueError,
        RuntimeError,  # Optuna's, for a file of another version
    )


def reason_of(error: BaseException) -> str:
    """Return what SQLite, Optuna or a check says of a file, in a few words."""
    root = _root(error)
    if getattr(root, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
        return "its queries do not end"
    first_line = str(root).partition("\n")[0].rstrip(".")
    return shortened(first_line or type(root).__name__, _MOST_SHOWN)


def _root(error: BaseException) -> BaseException:
    """Return the error of SQLite or of the system that an error was raised from, or itself."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, sqlite3.Error) or (isinstance(cause, OSError) and cause.errno):
            return cause
        cause = cause.__cause__
    return error


def _explained(path: Path, error: BaseException) -> tuple[str, str]:
    """Return the reason of an error, and what helps."""
    name = getattr(error, "sqlite_errorname", "")
    reason = reason_of(error)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return reason, "another process uses it; wait for it to end, or choose another --out"
    if name.startswith(_NOT_WRITTEN):
        # SQLite does not tell why; the file system does.
        error = writing_error(path) or OSError(errno.ENOSPC, reason)
    if isinstance(error, OSError) and error.errno is not None:
        kept = "; nothing recorded is lost" if error.errno == errno.ENOSPC else ""
        return error.strerror or reason, remedy(error) + kept
    return reason, "move it away to search again, or choose another --out"
