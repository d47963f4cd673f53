"""What networks are compared by: losses, or scores as in a search without tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.evidence.fold_differences import FoldDifferences, fold_differences
from autoequivariant.evidence.intervals import Difference, paired_difference
from autoequivariant.training.evaluation import Evaluation

Values = list[NDArray[Any]]
"""A value of each sample, larger is better, for each fold."""


@dataclass(frozen=True)
class Compared:
    """How networks are compared on the folds that both were trained on.

    Attributes:
        n_folds: folds of the partition, 2 or more.
        by_loss: whether by losses (`Evaluation.sample_losses`), which are a proper score, and with
            standard errors for overlapping training sets; else by scores, with standard errors over
            samples alone.
        clusters: cluster of each sample of each fold: copies of one sample count as one
            observation. Default: each sample is its own.
    """

    n_folds: int
    by_loss: bool = True
    clusters: Sequence[NDArray[np.int64]] | None = None

    def values(self, evaluations: Sequence[Evaluation]) -> Values:
        """Return the values of evaluations, one for each fold."""
        if self.by_loss:
            return [-evaluation.sample_losses for evaluation in evaluations]
        return [evaluation.scores for evaluation in evaluations]

    def ahead(self, first: Values, second: Values) -> Difference:
        """Return how far the first network is ahead."""
        if self.by_loss:
            return self.differences(first, second).difference()
        both = [
            np.concatenate(part) for part in zip(*zip(first, second, strict=False), strict=True)
        ]
        clusters = None if self.clusters is None else np.concatenate(self.clusters)[: len(both[0])]
        return paired_difference(both[0][None], both[1][None], clusters)

    def differences(self, first: Values, second: Values) -> FoldDifferences:
        """Return how far the first network is ahead on each fold, for several comparisons."""
        return fold_differences(first, second, self.n_folds, self.clusters)


def mean_value(values: Values) -> float:
    """Return the mean over all samples."""
    return float(np.concatenate(values).mean())
