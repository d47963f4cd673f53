"""What the trials of a study say about states."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from optuna.trial import FrozenTrial, TrialState

from autoequivariant.searching.samplers.dqn.moves import Moves, State

_MOST_FAILURES = 3  # of one state, after which it is not proposed again


class Score(NamedTuple):
    """A scored state; larger values are better."""

    state: State
    key: Hashable
    value: float


@dataclass
class Records:
    """States that are scored, and states that are not to be proposed.

    Attributes:
        scores: in the order in which they were told, only the first of each key.
        taken: keys of the states that are scored, running, or failed too often.
    """

    scores: list[Score] = field(default_factory=list)
    taken: set[Hashable] = field(default_factory=set)

    def baseline(self, base: Hashable) -> float:
        """Return the score of the base state; before it is scored, the first score, or 0."""
        first = self.scores[0].value if self.scores else 0.0
        return next((score.value for score in self.scores if score.key == base), first)


def read_records(
    trials: Sequence[FrozenTrial],
    moves: Moves,
    sign: int,
    underway: Mapping[int, Mapping[str, Any]],
) -> Records:
    """Read the records of trials.

    Args:
        trials: those of the study.
        moves: the states.
        sign: 1 if the study maximizes, -1 if it minimizes.
        underway: by trial number, parameters that a running trial may not hold yet.
    """
    records = Records()
    failures: Counter[Hashable] = Counter()
    scored: set[Hashable] = set()
    for trial in sorted(trials, key=lambda t: (t.datetime_complete or datetime.max, t.number)):
        is_running = trial.state == TrialState.RUNNING
        known = underway.get(trial.number, {}) if is_running else {}
        state = moves.state({**known, **trial.params})
        if state is None or trial.state == TrialState.WAITING:
            continue
        key = moves.key(state)
        if trial.state == TrialState.FAIL:
            failures[key] += 1
        else:
            records.taken.add(key)
        value = _value(trial)
        if value is not None and key not in scored:
            scored.add(key)
            records.scores.append(Score(state, key, sign * value))
    records.taken |= {key for key, count in failures.items() if count >= _MOST_FAILURES}
    return records


def _value(trial: FrozenTrial) -> float | None:
    """Return the value of a complete trial, or the last one of a pruned trial, if there is one."""
    if trial.state == TrialState.COMPLETE:
        return trial.value
    if trial.state == TrialState.PRUNED and trial.last_step is not None:
        value = trial.intermediate_values[trial.last_step]
        return None if math.isnan(value) else value
    return None
