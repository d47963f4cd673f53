"""The record of a search: an Optuna study in SQLite, with every evaluation.

A trial is one proposal of a sampler. Its values are the validation score of its child and, with two
objectives, its number of parameters. Evaluations are kept apart from trials, one for each child and
replicate, so that a repeated proposal costs nothing.

A killed search resumes without retraining and proposes what it would have proposed. An evaluation
is written before the score of any trial. Networks trained together are recorded in one transaction.
An incomplete round of proposals is discarded and resampled; open trials of a complete round are
resumed.

Samplers work on a copy in memory, so that a proposal is one transaction: Optuna's SQLite storage
has one for each parameter and reads all running trials (`python benchmarks/busy_workers.py`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.storages import BaseStorage, InMemoryStorage
from optuna.trial import FrozenTrial, TrialState, create_trial

from autoequivariant.searching.storage.recorded import (
    ASKED,
    PARAMETERS,
    SECONDS,
    evaluations_key,
    read_recorded,
)
from autoequivariant.searching.storage.study_errors import errors_named
from autoequivariant.searching.storage.study_file import (
    StepLimit,
    attributes_of,
    connect_for_search,
)
from autoequivariant.searching.storage.trial_storage import TrialStorage
from autoequivariant.training.child import Child, Key
from autoequivariant.training.evaluation import Evaluation, keyed_record
from autoequivariant.training.pruning import quiet_optuna

STUDY_NAME = "aen"
Direction = Literal["maximize", "minimize"]
_SETTLED = (TrialState.COMPLETE, TrialState.PRUNED)


@dataclass(frozen=True)
class Proposal:
    """A sampler's proposal: number of the trial, and parameters."""

    number: int
    point: Mapping[str, Any]


class SearchStudy:
    """Trials and evaluations of one search.

    Attributes:
        optuna: the trials, in memory; to be changed by the methods of this class alone.
        pending: open proposals of an earlier process.

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
        self._limit = StepLimit(path)
        self._connections: list[sqlite3.Connection] = []
        # Optuna reads any rows and asserts what it expects, so every error is of the file.
        with errors_named(path, self._limit, (Exception,)):
            with attributes_of(path, STUDY_NAME, self._limit) as attributes:
                self._recorded = read_recorded(attributes)
            try:
                self._storage = TrialStorage(
                    # Not the path: Optuna and SQLAlchemy would interpret its {, ? and %.
                    "sqlite:///study.db",
                    engine_kwargs={"creator": self._connect},
                )
                stored = optuna.create_study(
                    storage=self._storage,
                    study_name=STUDY_NAME,
                    directions=list(directions),
                    load_if_exists=True,
                )
                self._study_id = self._storage.get_study_id_from_name(STUDY_NAME)
                self._check_trials(stored, directions)
                self._copy(stored)
                self.pending = self._open_proposals()
            except BaseException:
                for connection in self._connections:  # not `close`: the storage may be incomplete
                    connection.close()
                raise

    def _copy(self, stored: optuna.Study) -> None:
        """Copy the trials of the file, and what samplers noted."""
        self._memory = InMemoryStorage()
        with quiet_optuna():
            self.optuna = optuna.create_study(
                storage=self._memory, study_name=STUDY_NAME, directions=stored.directions
            )
        self._in_memory = self._memory.get_study_id_from_name(STUDY_NAME)
        self._notes = self._storage.get_study_system_attrs(self._study_id)
        for key, value in self._notes.items():
            self._memory.set_study_system_attr(self._in_memory, key, value)
        for trial in stored.get_trials(deepcopy=False):
            self._memory.create_new_trial(self._in_memory, trial)

    def _connect(self) -> sqlite3.Connection:
        self._connections.append(connect_for_search(self.path, self._limit))
        return self._connections[-1]

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
        return self._recorded.evaluations.get((child.key, replicate))

    @property
    def evaluations(self) -> Mapping[tuple[Key, int], Evaluation]:
        """All evaluations by child and replicate, in the order in which they were recorded."""
        return self._recorded.evaluations

    def trained(self) -> dict[Key, Evaluation]:
        """Return the search's evaluation of every trained child."""
        return {key: e for (key, replicate), e in self.evaluations.items() if replicate == 0}

    def record(
        self, children: Sequence[Child], replicate: int, evaluations: Sequence[Evaluation]
    ) -> None:
        """Record children that were trained together, all of them or none."""
        pairs = {(c.key, replicate): e for c, e in zip(children, evaluations, strict=True)}
        if not pairs:
            return
        records = [keyed_record(key, evaluation) for (key, _), evaluation in pairs.items()]
        with self._errors_named():
            key = evaluations_key(replicate, len(self.evaluations))
            self._set_attribute(key, records)
        self._recorded.evaluations |= pairs

    def ask(self, sampler: BaseSampler, n: int) -> list[Proposal]:
        """Return `n` proposals of a sampler, made before any of them is scored."""
        self.optuna.sampler = sampler
        trials = [self.optuna.ask(self._distributions) for _ in range(n)]
        with self._errors_named():
            for trial in trials:
                self._storage.create_new_trial(self._study_id, self._trial(trial.number))
            self._keep_notes()
            self._set_attribute(ASKED, trials[-1].number + 1)
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
                self._storage.create_new_trial(self._study_id, trial)
                self._memory.create_new_trial(self._in_memory, trial)

    def tell(self, proposal: Proposal, values: Sequence[float], evaluation: Evaluation) -> None:
        """Record a proposal's values, one for each objective, and its child's learning curve.

        If the child was pruned, so is the trial. A finished trial stays as it is.
        """
        if self._trial(proposal.number).state.is_finished():
            return
        state = _state(evaluation)
        told = None if state == TrialState.PRUNED else list(values)
        number = self._number(self._memory, self._in_memory, proposal.number)
        for epoch, score in enumerate(evaluation.curve, 1):
            self._memory.set_trial_intermediate_value(number, epoch, score)
        self.optuna.tell(proposal.number, told, state=state)
        with self._errors_named():
            number = self._number(self._storage, self._study_id, proposal.number)
            for epoch, score in enumerate(evaluation.curve, 1):
                self._storage.set_trial_intermediate_value(number, epoch, score)
            self._keep_notes()
            self._storage.set_trial_state_values(number, state, self._trial(proposal.number).values)

    def _trial(self, number: int) -> FrozenTrial:
        return self._memory.get_trial(self._number(self._memory, self._in_memory, number))

    @staticmethod
    def _number(storage: BaseStorage, study_id: int, number: int) -> int:
        return storage.get_trial_id_from_study_id_trial_number(study_id, number)

    def _set_attribute(self, key: str, value: Any) -> None:
        self._storage.set_study_user_attr(self._study_id, key, value)

    def _keep_notes(self) -> None:
        """Write what a sampler noted about the study."""
        notes = self._memory.get_study_system_attrs(self._in_memory)
        for key, value in notes.items():
            if key not in self._notes or self._notes[key] != value:
                self._storage.set_study_system_attr(self._study_id, key, value)
        self._notes = dict(notes)

    def add_seconds(self, name: str, seconds: float) -> float:
        """Add to a total that survives restarts, and return the total."""
        totals = self._recorded.seconds
        total = totals.get(name, 0.0) + seconds
        if seconds:
            with self._errors_named():
                self._set_attribute(f"{SECONDS}{name}", total)
            totals[name] = total
        return total

    def _check_trials(self, stored: optuna.Study, directions: Sequence[Direction]) -> None:
        """Refuse what no search with these parameters leaves, and begin a new study."""
        trials = stored.get_trials(deepcopy=False)
        names = tuple(self._distributions)
        recorded = self._recorded
        if recorded.parameters is None and not trials and not recorded.evaluations:
            self._set_attribute(PARAMETERS, list(names))
        elif recorded.parameters != names:
            raise ValueError("it is the study of another search")
        if [d.name.lower() for d in stored.directions] != list(directions):
            raise ValueError("it is the study of another search")
        if [trial.number for trial in trials] != list(range(len(trials))):
            raise ValueError("trials are missing")
        if recorded.asked > len(trials):
            raise ValueError("trials are missing")
        settled = [trial.number for trial in trials if trial.state in _SETTLED]
        for trial in trials:
            is_open = trial.state == TrialState.RUNNING
            is_discarded = is_open and trial.number >= recorded.asked
            if is_discarded and trial.number < max(settled, default=0):
                raise ValueError("a round of trials is incomplete")
            is_proposed = trial.number in settled or (is_open and not is_discarded)
            if is_proposed and trial.distributions != self._distributions:
                raise ValueError(f"trial {trial.number} has other parameters")
            n_values = {TrialState.COMPLETE: [len(directions)], TrialState.PRUNED: [0, 1]}
            if len(trial.values or ()) not in n_values.get(trial.state, [0]):
                raise ValueError(f"trial {trial.number} has another number of values")
            if trial.state == TrialState.WAITING:
                raise ValueError(f"trial {trial.number} is in no round")

    def _open_proposals(self) -> list[Proposal]:
        """Return open proposals of complete rounds; discard those of incomplete ones."""
        proposals = []
        for trial in self.optuna.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            if trial.number < self._recorded.asked:
                proposals.append(Proposal(trial.number, trial.params))
            else:
                number = self._number(self._storage, self._study_id, trial.number)
                self._storage.set_trial_state_values(number, TrialState.FAIL)
                self.optuna.tell(trial.number, state=TrialState.FAIL)
        return proposals

    def _errors_named(self) -> AbstractContextManager[None]:
        return errors_named(self.path, self._limit)


def _state(evaluation: Evaluation) -> TrialState:
    return TrialState.PRUNED if evaluation.pruned else TrialState.COMPLETE
