"""Pairs of networks, one with symmetries that the other lacks, on the folds of the choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autoequivariant.evidence.fold_differences import FoldDifferences, together
from autoequivariant.evidence.intervals import Difference
from autoequivariant.searching.selection.choice import LEAST_FOLDS
from autoequivariant.searching.selection.compared import Compared, Values
from autoequivariant.searching.selection.folds import FoldTrainer, recorded_evaluation
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.clock import DeadlineReached

CLEARLY_AHEAD = 3.0
"""Training stops early if the first network is ahead by more standard errors. More than the 2 of
`CLEARLY_BEHIND`, because an interval that is looked at after every fold misses more often.
"""


@dataclass(frozen=True)
class Pair:
    """Two networks to compare.

    Attributes:
        added: numbers of the candidates whose use the comparison shows.
        more: the network with them.
        less: the network without them.
    """

    added: tuple[int, ...]
    more: Child
    less: Child


def train_pairs(pairs: Sequence[tuple[Child, Child]], most: int, trainer: FoldTrainer) -> None:
    """Train networks on the folds of the choice, unless they already were.

    Nothing is scored on samples that it was fitted on. Where the first of a pair is clearly ahead,
    the pair is not trained on more folds. After the deadline, the folds trained so far count.

    Args:
        pairs: the network that may be ahead, and the other.
        most: number of folds of the choice.
        trainer: trains on them.

    Raises:
        Interrupted: the user stopped the run.
    """
    compared = Compared(trainer.n_folds, clusters=trainer.clusters(most))
    children = dict.fromkeys(child for pair in pairs for child in pair)
    trainer.progress.stage("ablate", len(children) * most)
    try:
        for fold in range(1, most + 1):
            left = [pair for pair in pairs if not _is_clear(trainer.study, *pair, most, compared)]
            some = tuple(dict.fromkeys(child for pair in left for child in pair))
            trainer.progress.advance(len(children) - len(some))
            trainer.train(some, fold)
    except DeadlineReached:
        pass


def differences(
    pairs: Sequence[Pair], most: int, trainer: FoldTrainer
) -> Mapping[Pair, Difference]:
    """Return how much lower the loss of the network with more is, for the pairs of which both were
    trained on enough folds; standard errors are estimated together.
    """
    compared = Compared(trainer.n_folds, clusters=trainer.clusters(trainer.n_folds))
    found: dict[Pair, FoldDifferences] = {}
    for pair in dict.fromkeys(pairs):
        folds = folds_of(trainer.study, pair.more, pair.less, most)
        if folds:
            both = (fold_values(trainer.study, c, folds, compared) for c in (pair.more, pair.less))
            found[pair] = compared.differences(*both)
    return dict(zip(found, together(list(found.values())), strict=True))


def recorded(pairs: Iterable[Pair], most: int, trainer: FoldTrainer) -> list[Pair]:
    """Return the pairs of which both networks were trained on enough folds."""
    study = trainer.study
    return [p for p in pairs if folds_of(study, p.more, p.less, most) >= LEAST_FOLDS]


def trained_folds(study: SearchStudy, child: Child, most: int) -> int:
    """Return on how many of the choice's folds, without a gap, a child was trained."""
    folds = range(1, most + 1)
    return next((fold - 1 for fold in folds if study.evaluation(child, fold) is None), most)


def folds_of(study: SearchStudy, first: Child, second: Child, most: int) -> int:
    """Return on how many of the choice's folds both were trained."""
    return min(trained_folds(study, child, most) for child in (first, second))


def fold_values(study: SearchStudy, child: Child, folds: int, compared: Compared) -> Values:
    """Return what is compared of a child on the first folds."""
    return compared.values([recorded_evaluation(study, child, n + 1) for n in range(folds)])


def _is_clear(
    study: SearchStudy, first: Child, second: Child, most: int, compared: Compared
) -> bool:
    folds = folds_of(study, first, second, most)
    if folds < LEAST_FOLDS:
        return False
    both = (fold_values(study, child, folds, compared) for child in (first, second))
    lost = compared.ahead(*both)
    return lost.mean > CLEARLY_AHEAD * lost.standard_error
