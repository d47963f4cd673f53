"""Opens a store: Optuna's storage, and in it the study of one search."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import optuna
from optuna.storages import BaseStorage, RDBStorage

from autoequivariant.errors import AutoequivariantError, RunError
from autoequivariant.searching.sharing import faults
from autoequivariant.searching.sharing.address import Address
from autoequivariant.searching.sharing.journal import BeatingJournal

HEARTBEAT_SECONDS, GRACE_SECONDS = 10, 60
"""From one heartbeat to the next, and without any until a claim expires."""
Direction = Literal["maximize", "minimize"]
_TRIES = 20  # while other processes make the tables and the study


@dataclass(frozen=True)
class Opened:
    """A study that is open.

    Attributes:
        study: in the storage.
        storage: remembers finished trials.
        raw: the storage itself.
    """

    study: optuna.Study
    storage: BaseStorage
    raw: BaseStorage

    @property
    def study_id(self) -> int:
        """Number of the study."""
        return self.storage.get_study_id_from_name(self.study.study_name)

    def end_thread(self) -> None:
        """Close what the calling thread has opened."""
        if isinstance(self.raw, RDBStorage):
            self.raw.remove_session()

    def close(self) -> None:
        """Close all connections."""
        self.end_thread()
        if isinstance(self.raw, RDBStorage):
            self.raw.engine.dispose()


def open_study(address: Address, name: str, directions: Sequence[Direction], about: str) -> Opened:
    """Open the study of a search, and make what is missing.

    Args:
        address: of the store.
        name: of the study.
        directions: of its objectives.
        about: what is searched, to be seen in a dashboard.

    Raises:
        RunError: the store cannot be opened or written.
    """
    for tried in range(_TRIES):
        try:
            return _opened(address, name, directions, about)
        except AutoequivariantError:
            raise
        except Exception as error:  # Optuna reads any rows and asserts what it expects
            if tried + 1 == _TRIES or not faults.is_from_another(error):
                raise faults.refusal(address, error) from None
            time.sleep(0.1 * random.random())
    raise AssertionError


def _opened(address: Address, name: str, directions: Sequence[Direction], about: str) -> Opened:
    raw: BaseStorage
    if address.kind == "journal":
        raw = BeatingJournal(_file(address), HEARTBEAT_SECONDS, GRACE_SECONDS)
    else:
        if address.kind == "sqlite":
            _file(address)
        # Here, because SQLAlchemy takes long, and most runs have no store.
        from autoequivariant.searching.sharing.database import open_database

        raw = open_database(address, HEARTBEAT_SECONDS, GRACE_SECONDS)
    try:
        storage = optuna.storages.get_storage(raw)
        study = optuna.create_study(
            storage=storage, study_name=name, directions=list(directions), load_if_exists=True
        )
        if [d.name.lower() for d in study.directions] != list(directions):
            raise ValueError(f"its study {name} has other objectives")
        study.set_user_attr("data", about)  # also shows whether it can be written
        return Opened(study, storage, raw)
    except BaseException:
        with suppress(Exception):
            if isinstance(raw, RDBStorage):
                raw.remove_session()
                raw.engine.dispose()
        raise


def _file(address: Address) -> Path:
    path = Path(address.place)
    if not path.parent.is_dir():
        raise RunError(
            f"The store {address.shown} cannot be made: there is no folder {path.parent}; create "
            "it, or give another --storage."
        )
    if path.exists() and not path.is_file():
        raise RunError(
            f"The store {address.shown} cannot be used: {path} is not a regular file; give another "
            "--storage."
        )
    return path
