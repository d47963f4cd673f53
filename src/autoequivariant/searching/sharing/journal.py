"""Optuna's journal, with a lock that ends with its process and with heartbeats."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import optuna
from optuna.storages import JournalStorage
from optuna.storages._heartbeat import BaseHeartbeat
from optuna.storages.journal import JournalFileBackend
from optuna.storages.journal._file import BaseJournalFileLock
from optuna.trial import FrozenTrial, TrialState

from autoequivariant.searching.storage.lock import Lock

_BEATS = "heartbeats"
_BEGINNING = b'{"op_code":'


class JournalLock(BaseJournalFileLock):
    """A lock on the journal itself, which ends with its process, also if that is killed.

    Optuna's own locks outlive a killed process by half a minute. What a kill left of an incomplete
    record is removed before the next one is appended: Optuna could not read it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock: Lock | None = None

    def acquire(self) -> bool:
        """Wait for the lock."""
        self._lock = Lock(self._path, waits=True)
        _remove_incomplete(self._lock.file)
        return True

    def release(self) -> None:
        """Give the lock back."""
        if self._lock is not None:
            self._lock.release()


def _remove_incomplete(file: int) -> None:
    size = end = os.fstat(file).st_size
    while end:
        start = max(0, end - 2**16)
        newline = os.pread(file, end - start, start).rfind(b"\n")
        if newline >= 0:
            end = start + newline + 1
            break
        end = start
    if end < size:
        os.ftruncate(file, end)


class BeatingJournal(JournalStorage, BaseHeartbeat):
    """A journal whose running trials have heartbeats, as those of Optuna's databases have.

    Each is a count in the trial. A reader watches it by its own clock, so that the clocks of
    machines do not matter.

    Args:
        path: of the journal; its folder exists.
        interval: seconds from one heartbeat to the next.
        grace: seconds without one after which a trial is stale.

    Raises:
        ValueError: the file is something else.
    """

    def __init__(self, path: Path, interval: int, grace: int) -> None:
        if path.exists():  # Optuna would append to any file
            with path.open("rb") as file:
                if not _BEGINNING.startswith(file.read(len(_BEGINNING))):
                    raise ValueError("it is not a journal of Optuna")
        super().__init__(JournalFileBackend(str(path), JournalLock(path)))
        self._interval, self._grace = interval, grace
        self._watched: dict[int, tuple[int, float]] = {}

    def record_heartbeat(self, trial_id: int) -> None:
        """See `BaseHeartbeat`."""
        beats = self.get_trial(trial_id).system_attrs.get(_BEATS, 0)
        self.set_trial_system_attr(trial_id, _BEATS, beats + 1)

    def _get_stale_trial_ids(self, study_id: int) -> list[int]:
        now, stale = time.monotonic(), []
        running = self.get_all_trials(study_id, deepcopy=False, states=(TrialState.RUNNING,))
        for trial in running:
            number, beats = trial._trial_id, trial.system_attrs.get(_BEATS, 0)
            seen, since = self._watched.get(number, (None, now))
            if seen != beats:
                self._watched[number] = beats, now
            elif now - since > self._grace:
                stale.append(number)
        return stale

    def get_heartbeat_interval(self) -> int:
        """See `BaseHeartbeat`."""
        return self._interval

    def get_heartbeat_stale_trial_callback(
        self,
    ) -> Callable[[optuna.Study, FrozenTrial], None] | None:
        """See `BaseHeartbeat`."""
        return None
