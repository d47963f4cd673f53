"""Giving up children that do badly early on, by Optuna's pruners.

What is given up depends only on what was scored before the round that a child was proposed in,
never on which of two processes was quicker: so the same seed gives the same search.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import optuna
from optuna.pruners import PercentilePruner
from optuna.trial import TrialState, create_trial

PRUNERS = ("none", "median", "quartile")
_PERCENTS = {"median": 50.0, "quartile": 25.0}
STARTUP = 8
"""Children that are trained whole before any is given up."""


@dataclass(frozen=True)
class Pruning:
    """A pruner, and the curves that it compares with.

    Attributes:
        pruner: `median` gives up what is, after half of the epochs or later, behind half of the
            children after as many; `quartile` what is behind the best quarter of them
            (`optuna.pruners.PercentilePruner`).
        epochs: of a whole training.
        curves: accuracies after each epoch of the children that were scored before.
    """

    pruner: str
    epochs: int
    curves: tuple[tuple[float, ...], ...]

    def should_prune(self, curve: Sequence[float]) -> bool:
        """Whether a child with this curve so far is given up."""
        if not curve or len(curve) >= self.epochs or len(self.curves) < STARTUP:
            return False
        with quiet_optuna():
            # The first half of a training is left alone: at a high rate it says little of the end.
            pruner = PercentilePruner(_PERCENTS[self.pruner], STARTUP, self.epochs // 2)
            study = optuna.create_study(direction="maximize", pruner=pruner)
        for known in self.curves:
            steps = dict(enumerate(known, 1))
            # For the pruner a child that was given up is as good a rival as any, as far as it came.
            study.add_trial(
                create_trial(state=TrialState.COMPLETE, value=0.0, intermediate_values=steps)
            )
        trial = study.ask()
        for epoch, score in enumerate(curve, 1):
            trial.report(score, epoch)
        return bool(trial.should_prune())


@contextmanager
def quiet_optuna() -> Iterator[None]:
    """Within it Optuna says nothing of studies that nobody else will see."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)
