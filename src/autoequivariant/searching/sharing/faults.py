"""What goes wrong with a store: what passes by itself, and one sentence for the rest."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from optuna.exceptions import DuplicatedStudyError

from autoequivariant.errors import AutoequivariantError, RunError, shortened
from autoequivariant.files import remedy
from autoequivariant.searching.sharing.address import Address

_PASSING_STATES = ("08", "40", "53", "55P03", "57")
"""Beginnings of PostgreSQL's codes: no connection, a conflict, no room, a lock, a shutdown."""
_NO_SUCH_DATABASE, _READ_ONLY, _FORBIDDEN = "3D000", "25006", "42501"
_PASSING_ERRORS = ("SQLITE_BUSY", "SQLITE_LOCKED")
_AT_ONCE = ("already exists", "duplicate key", "UNIQUE constraint", "alembic_version")
_MOST_SHOWN = 200


def root_of(error: BaseException) -> BaseException:
    """Return the error of a driver or of the system that another was raised from, or itself."""
    for one in _chain(error):
        is_driver = hasattr(one, "sqlstate") or isinstance(one, sqlite3.Error)
        if is_driver or (isinstance(one, OSError) and one.errno):
            return one
    return error


def passes(error: BaseException) -> bool:
    """Whether what went wrong may pass by itself: a database restarts, or is busy."""
    root = root_of(error)
    if isinstance(root, sqlite3.Error):
        return getattr(root, "sqlite_errorname", "").startswith(_PASSING_ERRORS)
    if not hasattr(root, "sqlstate"):
        return False
    state = root.sqlstate
    return _is_operational(root) if state is None else state.startswith(_PASSING_STATES)


def is_from_another(error: BaseException) -> bool:
    """Whether another process made the tables or the study at the same time."""
    text = " ".join(str(one) for one in _chain(error))
    is_busy = isinstance(root_of(error), sqlite3.Error) and passes(error)
    is_duplicate = isinstance(error, DuplicatedStudyError) or any(m in text for m in _AT_ONCE)
    return is_busy or is_duplicate


def refusal(address: Address, error: BaseException) -> AutoequivariantError:
    """Return an error of a store as one sentence, with what helps."""
    if isinstance(error, RunError):
        return error
    root = root_of(error)
    reason = _reason(address, root)
    if isinstance(root, OSError) and root.errno is not None:
        reason, what_helps = root.strerror or reason, remedy(root)
    elif "compatible with the table schema" in str(error):
        reason = "its tables are of another version of Optuna"
        what_helps = "give another store, or upgrade it with `optuna storage upgrade`"
    elif hasattr(root, "sqlstate"):
        what_helps = _what_helps(root.sqlstate, reason)
    elif getattr(root, "sqlite_errorname", "").startswith("SQLITE_READONLY"):
        what_helps = "make it writable, or give another --storage"
    else:
        what_helps = "give another --storage, or move it away"
    return RunError(f"The store {address.shown} cannot be used ({reason}): {what_helps}.")


def gone(address: Address, error: BaseException, seconds: float) -> RunError:
    """Return the error of a store that has not come back."""
    return RunError(
        f"The store {address.shown} has not answered for {seconds:g} seconds "
        f"({_reason(address, root_of(error))}): rerun the command once it does; nothing recorded "
        "is lost."
    )


def _what_helps(state: str | None, reason: str) -> str:
    if state == _NO_SUCH_DATABASE or ("database" in reason and "does not exist" in reason):
        return "create it first, as with createdb"
    if "password" in reason or "authentication" in reason or "role" in reason:
        return "check the user and the password, which may stand in ~/.pgpass or PGPASSWORD"
    if state == _READ_ONLY:
        return "give a database that may be written"
    if state == _FORBIDDEN:
        return "give a user who may create and write tables"
    return "check the host and the port, and that PostgreSQL answers there"


def _reason(address: Address, root: BaseException) -> str:
    """Return what an error says, without anything that is secret in the address."""
    lines = [line.strip() for line in str(root).splitlines() if line.strip()]
    text = (lines or [type(root).__name__])[0].rstrip(".")
    _, fatal, of_server = text.rpartition("FATAL:  ")
    text = of_server if fatal else text
    secret = address.place.rpartition("@")[0].rpartition(":")[2]
    if address.kind == "postgresql" and secret and secret in text:
        text = type(root).__name__
    return shortened(text, _MOST_SHOWN)


def _is_operational(root: BaseException) -> bool:
    return any(one.__name__ == "OperationalError" for one in type(root).__mro__)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    found: BaseException | None = error
    while found is not None and found not in seen:
        seen.append(found)
        yield found
        found = getattr(found, "orig", None) or found.__cause__
