"""The record of a search: an Optuna study in SQLite, with every evaluation.

A trial is one proposal of a sampler. Its values are the validation score of its child and, with two
objectives, its number of parameters. Evaluations are kept apart from trials, one for each child and
replicate, so that a repeated proposal costs nothing.

A killed search resumes without retraining and proposes what it would have proposed. An evaluation
is written before the score of any trial. Networks trained together are recorded in one transaction.
An incomplete round of proposals is discarded and resampled; open trials of a complete round are
resumed.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.trial import TrialState, create_trial
from sqlalchemy.exc import SQLAlchemyError

from autoequivariant.errors import RunError
from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation

STUDY_NAME = "aen"
Direction = Literal["maximize", "minimize"]
Key = tuple[tuple[int, ...], int]
"""A child's closed state and width (`Child.key`)."""

_SECONDS_TO_WAIT = 30  # for another process that writes to the same file
_ASKED = "asked"  # number of trials in complete rounds
_PARAMETERS = "parameters"
_OPTUNA_TABLES = {"studies", "version_info", "alembic_version"}
_UNREADABLE = (
    SQLAlchemyError,
    sqlite3.Error,
    OSError,
    optuna.exceptions.OptunaError,
    LookupError,
    TypeError,
    ValueError,
    RuntimeError,  # Optuna's, for a file of another version
)


@dataclass(frozen=True)
class Proposal:
    """A sampler's proposal: number of the trial, and parameters."""

    number: int
    point: Mapping[str, Any]


class SearchStudy:
    """Trials and evaluations of one search.

    Args:
        path: the SQLite file; created if missing.
        distributions: the parameters (`Space.distributions`).
        directions: `maximize` or `minimize` for each objective. Default: one, to maximize.

    Raises:
        RunError: the file is not a readable study, has other parameters, or cannot be written.
    """

    def __init__(
        self,
        path: Path,
        distributions: Mapping[str, BaseDistribution],
        directions: Sequence[Direction] = ("maximize",),
    ) -> None:
        self.path = path
        self._distributions = dict(distributions)
        with self._errors_named():
            _check_file(path)
            self._storage = optuna.storages.RDBStorage(
                # Not the path: Optuna and SQLAlchemy would interpret its {, ? and %.
                "sqlite:///study.db",
                engine_kwargs={"creator": lambda: _connect(path)},
            )
            try:
                self.optuna = optuna.create_study(
                    storage=self._storage,
                    study_name=STUDY_NAME,
                    directions=list(directions),
                    load_if_exists=True,
                )
                self._check_parameters()
                self._evaluations = dict(_recorded(self.optuna.user_attrs))
                self.pending = self._open_proposals()
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """Close the file; SQLite then removes the files beside it."""
        self._storage.remove_session()
        self._storage.engine.dispose()

    def proposed(self) -> list[Mapping[str, Any]]:
        """Return all proposed points in order, with repetitions."""
        return self._points(TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)

    def settled(self) -> list[Mapping[str, Any]]:
        """Return the scored points, in the order of their proposals."""
        return self._points(TrialState.COMPLETE, TrialState.PRUNED)

    def _points(self, *states: TrialState) -> list[Mapping[str, Any]]:
        with self._errors_named():
            trials = self.optuna.get_trials(deepcopy=False, states=states)
        return [trial.params for trial in trials]

    def evaluation(self, child: Child, replicate: int = 0) -> Evaluation | None:
        """Return the recorded evaluation of a child, if there is one."""
        return self._evaluations.get((child.key, replicate))

    def trained(self) -> dict[Key, Evaluation]:
        """Return the search's evaluation of every trained child."""
        return {key: e for (key, replicate), e in self._evaluations.items() if replicate == 0}

    def record(
        self, children: Sequence[Child], replicate: int, evaluations: Sequence[Evaluation]
    ) -> None:
        """Record children that were trained together, all of them or none."""
        pairs = list(zip(children, evaluations, strict=True))
        if not pairs:
            return
        records = [
            {"state": list(child.members), "width": child.width, **e.to_json()}
            for child, e in pairs
        ]
        with self._errors_named():
            key = f"evaluations {replicate} from {len(self._evaluations)}"
            self.optuna.set_user_attr(key, records)
        self._evaluations |= {(child.key, replicate): e for child, e in pairs}

    def ask(self, sampler: BaseSampler, n: int) -> list[Proposal]:
        """Return `n` proposals of a sampler, made before any of them is scored."""
        self.optuna.sampler = sampler
        with self._errors_named():
            trials = [self.optuna.ask(self._distributions) for _ in range(n)]
            self.optuna.set_user_attr(_ASKED, trials[-1].number + 1)
        return [Proposal(trial.number, trial.params) for trial in trials]

    def add(
        self,
        points: Sequence[Mapping[str, Any]],
        values: Sequence[Sequence[float]],
        evaluations: Sequence[Evaluation],
    ) -> None:
        """Record points that no sampler proposed; arguments are as in `tell`, for each point."""
        with self._errors_named():
            for point, of_point, evaluation in zip(points, values, evaluations, strict=True):
                trial = create_trial(
                    state=_state(evaluation),
                    values=list(of_point),
                    params=dict(point),
                    distributions=self._distributions,
                    intermediate_values=dict(enumerate(evaluation.curve, 1)),
                )
                self.optuna.add_trial(trial)

    def tell(self, proposal: Proposal, values: Sequence[float], evaluation: Evaluation) -> None:
        """Record a proposal's values, one for each objective, and its child's learning curve.

        If the child was pruned, so is the trial. A finished trial stays as it is.
        """
        with self._errors_named():
            study_id = self._storage.get_study_id_from_name(STUDY_NAME)
            trial_id = self._storage.get_trial_id_from_study_id_trial_number(
                study_id, proposal.number
            )
            if self._storage.get_trial(trial_id).state.is_finished():
                return
            for epoch, score in enumerate(evaluation.curve, 1):
                self._storage.set_trial_intermediate_value(trial_id, epoch, score)
            state = _state(evaluation)
            told = None if state == TrialState.PRUNED else list(values)
            self.optuna.tell(proposal.number, told, state=state)

    def add_seconds(self, name: str, seconds: float) -> float:
        """Add to a total that survives restarts, and return the total."""
        with self._errors_named():
            total = float(self.optuna.user_attrs.get(f"seconds {name}", 0.0)) + seconds
            if seconds:
                self.optuna.set_user_attr(f"seconds {name}", total)
        return total

    def _check_parameters(self) -> None:
        known, names = self.optuna.user_attrs.get(_PARAMETERS), list(self._distributions)
        if known is None and not self.optuna.get_trials(deepcopy=False):
            self.optuna.set_user_attr(_PARAMETERS, names)
        elif known != names:
            raise ValueError("it is the study of another search")

    def _open_proposals(self) -> list[Proposal]:
        """Return open proposals of complete rounds; discard those of incomplete ones."""
        asked = self.optuna.user_attrs.get(_ASKED, 0)
        proposals = []
        for trial in self.optuna.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            if trial.number < asked:
                proposals.append(Proposal(trial.number, trial.params))
            else:
                self.optuna.tell(trial.number, state=TrialState.FAIL)
        return proposals

    @contextmanager
    def _errors_named(self) -> Iterator[None]:
        try:
            yield
        except _UNREADABLE as error:
            if isinstance(error, RunError):
                raise
            reason = str(error.__cause__ or error).partition("\n")[0] or type(error).__name__
            reason = re.sub(r"^\(sqlite3\.\w+\) ", "", reason)  # SQLAlchemy's prefix
            raise RunError(
                f"{self.path} cannot be used as a study ({reason}): {_remedy(reason)}."
            ) from error


def _state(evaluation: Evaluation) -> TrialState:
    return TrialState.PRUNED if evaluation.pruned else TrialState.COMPLETE


def _remedy(reason: str) -> str:
    if "locked" in reason:
        return "another process uses it; wait for it to end, or choose another --out"
    if any(sign in reason for sign in ("full", "disk I/O", "No space", "unable to open")):
        return "free some space and rerun the same command; nothing recorded is lost"
    return "move it away to search again, or choose another --out"


def _recorded(attributes: dict[str, Any]) -> Iterator[tuple[tuple[Key, int], Evaluation]]:
    for key, records in attributes.items():
        if key.startswith("evaluations "):
            replicate = int(key.split(" ")[1])
            for record in records:
                key_of = tuple(record["state"]), int(record["width"])
                yield (key_of, replicate), Evaluation.from_json(record)


def _check_file(path: Path) -> None:
    """Check the file before Optuna opens it, which would add its tables to any database."""
    if not path.exists():
        return
    if not path.is_file():
        raise ValueError("it is not a regular file")
    # Not read-only, which would leave SQLite's other files behind.
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)
    try:
        (verdict,) = connection.execute("PRAGMA quick_check").fetchone()
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = {name for (name,) in found}
    finally:
        connection.close()
    if verdict != "ok":
        raise sqlite3.DatabaseError(str(verdict))
    if tables and not tables & _OPTUNA_TABLES:
        raise ValueError("it is another kind of database")


def _connect(path: Path) -> sqlite3.Connection:
    """Connect so that a killed process loses nothing, and writes do not wait for the disk."""
    connection = sqlite3.connect(path, timeout=_SECONDS_TO_WAIT, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection
