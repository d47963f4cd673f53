"""Early stopping of unpromising children, by Optuna's pruners.

A child is compared with the scores from before the round that proposed it, never with those of
children that train at the same time. So the same seed gives the same search on any machine.
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
"""Children to train to the end before any is pruned."""


@dataclass(frozen=True)
class Pruning:
    """A pruner and the curves to compare with.

    Attributes:
        pruner: `median` or `quartile`. After half of the epochs it prunes children that are not in
            the best half or quarter at the same epoch (`optuna.pruners.PercentilePruner`).
        epochs: of a whole training.
        curves: scores after each epoch of the children that were scored before.
    """

    pruner: str
    epochs: int
    curves: tuple[tuple[float, ...], ...]

    def should_prune(self, curve: Sequence[float]) -> bool:
        """Whether to stop a child with this curve so far."""
        if not curve or len(curve) >= self.epochs or len(self.curves) < STARTUP:
            return False
        with quiet_optuna():
            # At a high learning rate the first half of the epochs predicts little.
            pruner = PercentilePruner(_PERCENTS[self.pruner], STARTUP, self.epochs // 2)
            study = optuna.create_study(direction="maximize", pruner=pruner)
        for earlier in self.curves:
            steps = dict(enumerate(earlier, 1))
            # Pruned children count, too, for the epochs that they reached.
            study.add_trial(
                create_trial(state=TrialState.COMPLETE, value=0.0, intermediate_values=steps)
            )
        trial = study.ask()
        for epoch, score in enumerate(curve, 1):
            trial.report(score, epoch)
        return bool(trial.should_prune())


@contextmanager
def quiet_optuna() -> Iterator[None]:
    """Hide Optuna's messages about studies that users never see."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(max(before, optuna.logging.WARNING))
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)
