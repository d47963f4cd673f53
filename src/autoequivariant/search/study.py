"""The search's memory: an Optuna study in SQLite, and every evaluation that was made.

A trial is one proposal of a sampler; its value is the validation accuracy of its network. Evaluations are kept
apart from trials, one for each distinct network and replicate, so that a repeated proposal costs nothing. An
evaluation is written before any trial is told about it: whatever a killed process had recorded is never
trained again, and proposals that it left open are taken up by the next one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import CategoricalDistribution
from optuna.samplers import BaseSampler
from optuna.trial import TrialState
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from autoequivariant.errors import RunError
from autoequivariant.groups import Network, Symmetry
from autoequivariant.search.evaluate import Evaluation

STUDY_NAME = "aen"
Members = tuple[int, ...]


@dataclass(frozen=True)
class Proposal:
    """A state that a sampler proposed: the number of its trial, and its candidates."""

    number: int
    state: frozenset[int]


class SearchStudy:
    """Trials and evaluations of one search.

    Args:
        path: the SQLite file; it is made if it is not there.
        candidates: the symmetries, one on/off parameter each.

    Raises:
        RunError: the file is not a readable study, or cannot be written.
    """

    def __init__(self, path: Path, candidates: Sequence[Symmetry]) -> None:
        self.path = path
        self._names = [str(s) for s in candidates]
        with self._readable():
            _check_file(path)
            self._storage = optuna.storages.RDBStorage(f"sqlite:///{path}")
            event.listen(self._storage.engine, "connect", _write_ahead)
            self._storage.engine.dispose()
            self.optuna = optuna.create_study(
                storage=self._storage, study_name=STUDY_NAME, direction="maximize", load_if_exists=True
            )
            self._evaluations = {
                (_members(key), int(replicate)): Evaluation.from_json(record)
                for key, record in self.optuna.user_attrs.items()
                if key.startswith("evaluation ")
                for replicate in [key.rsplit(" ", 1)[1]]
            }
            self.pending = self._left_open()

    def close(self) -> None:
        """Let go of the file, so that one file is all there is."""
        self._storage.remove_session()
        self._storage.engine.dispose()

    @property
    def proposals(self) -> int:
        """Number of proposals so far, repeated ones included."""
        alive = (TrialState.COMPLETE, TrialState.RUNNING)
        return len(self.optuna.get_trials(deepcopy=False, states=alive))

    def evaluation(self, network: Network, replicate: int = 0) -> Evaluation | None:
        """Return what is recorded about a network, if anything."""
        return self._evaluations.get((network.members, replicate))

    def trained(self) -> dict[Members, Evaluation]:
        """Return the search's evaluation of every distinct network that was trained."""
        return {members: e for (members, replicate), e in self._evaluations.items() if replicate == 0}

    def record(self, network: Network, replicate: int, evaluation: Evaluation) -> None:
        """Keep an evaluation."""
        members = "-".join(map(str, network.members))
        with self._readable():
            self.optuna.set_user_attr(f"evaluation {members} {replicate}", evaluation.to_json())
        self._evaluations[network.members, replicate] = evaluation

    def ask(self, sampler: BaseSampler, n: int) -> list[Proposal]:
        """Let `sampler` propose `n` states, none of which is scored yet when the next is proposed."""
        self.optuna.sampler = sampler
        space = {name: CategoricalDistribution((False, True)) for name in self._names}
        with self._readable():
            trials = [self.optuna.ask(space) for _ in range(n)]  # type: ignore[arg-type]
        return [Proposal(trial.number, self._state(trial.params)) for trial in trials]

    def tell(self, proposal: Proposal, accuracy: float) -> None:
        """Give a proposal its value."""
        with self._readable():
            self.optuna.tell(proposal.number, accuracy, skip_if_finished=True)

    def add_seconds(self, name: str, seconds: float) -> float:
        """Add to a running total that survives restarts; return the total."""
        with self._readable():
            total = float(self.optuna.user_attrs.get(f"seconds {name}", 0.0)) + seconds
            if seconds:
                self.optuna.set_user_attr(f"seconds {name}", total)
        return total

    def _state(self, params: dict[str, Any]) -> frozenset[int]:
        return frozenset(number for number, name in enumerate(self._names) if params[name])

    def _left_open(self) -> list[Proposal]:
        """Proposals of a process that ended before it told their values; half-made ones are given up."""
        found = []
        for trial in self.optuna.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            if set(trial.params) == set(self._names):
                found.append(Proposal(trial.number, self._state(trial.params)))
            else:
                self.optuna.tell(trial.number, state=TrialState.FAIL)
        return found

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error, optuna.exceptions.StorageInternalError, KeyError) as error:
            reason = str(error.__cause__ or error).splitlines()[0]
            remedy = "move it away to start the search again, or choose another --out"
            if "full" in reason or "disk I/O" in reason:
                remedy = "free some space and run the same command again; nothing recorded is lost"
            raise RunError(f"{self.path} cannot be used as a study ({reason}): {remedy}.") from error


def _members(key: str) -> Members:
    numbers = key.split(" ")[1]
    return tuple(int(number) for number in numbers.split("-") if number)


def _check_file(path: Path) -> None:
    if not path.exists():
        return
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        (verdict,) = connection.execute("PRAGMA quick_check").fetchone()
    finally:
        connection.close()
    if verdict != "ok":
        raise sqlite3.DatabaseError(str(verdict))


def _write_ahead(connection: Any, _: Any) -> None:
    """A killed process loses nothing this way, and a write does not wait for the disk."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
