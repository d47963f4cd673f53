"""The store: who trains what, and what it led to, for all processes of one search.

Each process has its own folder and study, and makes its own proposals: these follow from scores
alone. A trial of the store is one piece of work, such as one network. It is claimed by a running
trial that is created with its key; of two with one key the lower number wins. A claim expires
with its heartbeats, which end with the process or once it is stuck. A finished trial holds what
the work led to.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Self, TypeVar

import numpy as np
import optuna
from optuna.distributions import BaseDistribution
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import fail_stale_trials
from optuna.storages._heartbeat import BaseHeartbeat
from optuna.trial import FrozenTrial, TrialState, create_trial

from autoequivariant.errors import ModelError
from autoequivariant.searching.sharing import faults, opening
from autoequivariant.searching.sharing.address import Address
from autoequivariant.searching.sharing.patience import Check, Patience, sleep
from autoequivariant.searching.sharing.records import Claim, Record
from autoequivariant.searching.sharing.watchdog import Watchdog
from autoequivariant.training.pruning import quiet_optuna

CLAIMED_AT_ONCE = 8
"""Between them a process looks again at what others have claimed."""
_SHORTEST_WAIT, _LONGEST_WAIT = 0.1, 2.0
_DONE = (TrialState.COMPLETE, TrialState.PRUNED)

T = TypeVar("T")
Point = Mapping[str, Any]
"""Parameters of a network; empty for other work."""


class Store:
    """The store of one search, as one process uses it.

    Args:
        address: where it is.
        name: of the study, the same for all processes of a search.
        distributions: of the parameters of its networks.
        directions: of the objectives.
        about: what is searched, to be seen in a dashboard.
        check: called while it waits for a store that does not answer; may raise to stop.
        watchdog: knows whether this process is stuck. Default: a new one.

    Attributes:
        who: this process.

    Raises:
        RunError: it cannot be opened or written.
    """

    def __init__(
        self,
        address: Address,
        name: str,
        distributions: Mapping[str, BaseDistribution],
        directions: Sequence[opening.Direction],
        about: str,
        check: Check,
        watchdog: Watchdog | None = None,
    ) -> None:
        self.address = address
        self.who = f"{socket.gethostname()} {os.getpid()} {uuid.uuid4().hex[:12]}"
        self._distributions = dict(distributions)
        self._records: dict[str, FrozenTrial] = {}
        self._running: dict[str, dict[int, FrozenTrial]] = {}  # of each key, by number
        self._open: dict[int, str] = {}  # key of each running trial, by number
        self._seen = 0
        self._claimed: dict[str, int] = {}  # by this process: the trial's id
        self._helped: set[int] = set()  # trials of others that got a heartbeat
        self._pause = _SHORTEST_WAIT
        self._watchdog = watchdog or Watchdog()
        self._patience = Patience(address, check)
        self._do = self._patience.do
        self._opened = opening.open_study(address, name, directions, about)
        self._storage, self._study_id = self._opened.storage, self._opened.study_id
        self._stop = threading.Event()
        self._beating = threading.Thread(target=self._beat, daemon=True)
        self._beating.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back what is claimed, and close the store."""
        self._stop.set()
        self._beating.join()
        self.release(list(self._claimed))
        self._opened.close()

    def progressed(self) -> None:
        """Note a step of the work. Without any for long, what is claimed is left to others."""
        self._watchdog.progressed(bool(self._claimed))

    def refresh(self) -> None:
        """Read what other processes have claimed and recorded.

        Raises:
            RunError: the store does not come back, or holds something else.
        """
        trials = self._do(lambda: self._storage.get_all_trials(self._study_id, deepcopy=False))
        if trials and trials[-1].number != len(trials) - 1:
            raise faults.refusal(self.address, ValueError("trials are missing"))
        new = trials[self._seen :]
        self._seen = len(trials)
        for trial in [*(trials[number] for number in list(self._open)), *new]:
            if trial.state == TrialState.FAIL:
                self._forget(trial)
                continue
            key = self._strictly(trial, Claim.of).key
            if trial.state == TrialState.RUNNING:
                self._open[trial.number] = key
                self._running.setdefault(key, {})[trial.number] = trial
            elif trial.state in _DONE:
                self._forget(trial)
                first = self._records.get(key, trial)
                self._records[key] = min(first, trial, key=lambda one: one.number)
                self._pause = _SHORTEST_WAIT  # more may follow

    def record(self, key: str) -> Record | None:
        """Return what a piece of work led to, as far as the last `refresh` saw it."""
        trial = self._records.get(key)
        return None if trial is None else self._strictly(trial, Record.of)

    def has(self, key: str) -> bool:
        """Whether a piece of work is done, as of now."""
        self.refresh()
        return key in self._records

    def is_free(self, key: str) -> bool:
        """Whether nobody has claimed or recorded a piece of work."""
        return key not in self._records and not self._running.get(key)

    def claim(self, wanted: Mapping[str, Point]) -> list[str]:
        """Claim what is free; return the keys of what this process is to do.

        Args:
            wanted: by key, the parameters of the network, if there are any.
        """
        self.progressed()
        gained: list[str] = []
        keys = list(wanted)
        for start in range(0, len(keys), CLAIMED_AT_ONCE):
            free = [key for key in keys[start : start + CLAIMED_AT_ONCE] if self.is_free(key)]
            for key in free:
                self._create(key, wanted[key])
            self.refresh()
            gained += [key for key in free if self._is_won(key)]
        return gained

    def publish(self, key: str, record: Record) -> bool:
        """Record what a claimed piece of work led to; return False if the claim had expired."""
        trial_id = self._claimed[key]
        values = list(record.values) if np.isfinite(record.values).all() else None
        state = TrialState.PRUNED if record.pruned else TrialState.COMPLETE
        try:
            for name, value in record.attributes().items():
                self._do(partial(self._storage.set_trial_user_attr, trial_id, name, value))
            self._do(partial(self._storage.set_trial_state_values, trial_id, state, values))
        except UpdateFinishedTrialError:  # by another process, or by a try of which no answer came
            return self._do(lambda: self._storage.get_trial(trial_id)).state in _DONE
        finally:
            self._claimed.pop(key, None)
        return True

    def release(self, keys: Iterable[str]) -> None:
        """Give back what is claimed and not done."""
        claimed = [self._claimed.pop(key) for key in keys if key in self._claimed]
        with suppress(Exception):  # the store is away: claims expire by themselves
            for trial_id in claimed:
                self._fail(trial_id)

    def wait(self, keys: Iterable[str], on_wait: Check) -> None:
        """Wait a moment for others to do a piece of work; what has expired is free afterwards.

        Args:
            keys: of what others have claimed.
            on_wait: called several times a second; may raise to stop.
        """
        sleep(self._pause, on_wait)
        self.progressed()  # it is others' turn
        self._pause = min(_LONGEST_WAIT, 1.5 * self._pause)
        restored = self._patience.restored
        if restored is not None and time.monotonic() - restored < opening.GRACE_SECONDS:
            return  # the store was away, and so were all heartbeats
        self._do(self._expire)
        for key in keys:
            # A process may die between its claim and the first heartbeat.
            for trial in self._running.get(key, {}).values():
                if trial._trial_id not in self._helped:
                    self._helped.add(trial._trial_id)
                    self._do(partial(self._record_heartbeat, trial._trial_id))

    def _create(self, key: str, point: Point) -> None:
        template = create_trial(
            state=TrialState.RUNNING,
            params=dict(point),
            distributions={name: self._distributions[name] for name in point},
            user_attrs=Claim(key, self.who).attributes(),
        )
        trial_id = self._do(lambda: self._storage.create_new_trial(self._study_id, template))
        self._claimed[key] = trial_id
        self._do(lambda: self._record_heartbeat(trial_id))

    def _is_won(self, key: str) -> bool:
        """Whether this process has the first claim; its others are given back."""
        running = self._running.get(key, {})
        first = min(running, default=None)
        own = {n: t for n, t in running.items() if Claim.of(t).who == self.who}
        is_won = first in own and key not in self._records
        for number, trial in own.items():
            if not (is_won and number == first):
                self._do(partial(self._fail, trial._trial_id))
        if is_won and first is not None:
            self._claimed[key] = own[first]._trial_id
        else:
            self._claimed.pop(key, None)
        return is_won

    def _forget(self, trial: FrozenTrial) -> None:
        key = self._open.pop(trial.number, None)
        if key is not None:
            self._running[key].pop(trial.number, None)

    def _fail(self, trial_id: int) -> None:
        with suppress(UpdateFinishedTrialError):
            self._storage.set_trial_state_values(trial_id, TrialState.FAIL)

    def _expire(self) -> None:
        with warnings.catch_warnings(), quiet_optuna():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            fail_stale_trials(self._opened.study)

    def _record_heartbeat(self, trial_id: int) -> None:
        assert isinstance(self._storage, BaseHeartbeat)
        with suppress(UpdateFinishedTrialError):
            self._storage.record_heartbeat(trial_id)

    def _beat(self) -> None:
        """In a thread: show that this process is alive."""
        while not self._stop.wait(opening.HEARTBEAT_SECONDS):
            if self._watchdog.is_stuck:
                continue
            try:
                for trial_id in list(self._claimed.values()):
                    if not self._stop.is_set():
                        self._record_heartbeat(trial_id)
            except Exception:  # of a store that is away; the other thread tells it
                self._patience.restored = time.monotonic()
        self._opened.end_thread()

    def _strictly(self, trial: FrozenTrial, read: Callable[[FrozenTrial], T]) -> T:
        try:
            return read(trial)
        except ModelError as error:
            raise faults.refusal(self.address, error) from None
