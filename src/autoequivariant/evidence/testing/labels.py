"""Labels as functions that are tested, and as numbers that are predicted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from autoequivariant.evidence.testing.features import Matrix
from autoequivariant.evidence.testing.moves import Labelled
from autoequivariant.groups.permutation import Permutation

_WAVES = 3  # functions of a target


class LabelFunctions:
    """Functions of labels: of classes, which it is; of targets, waves over their ranks.

    Args:
        aside: samples that no test sees.
        outputs: actions on outputs. Targets that they exchange have one unit, and none is centred,
            so that actions on targets are actions on these numbers.
    """

    def __init__(self, aside: Labelled, outputs: Sequence[Permutation]) -> None:
        self._n_classes = aside.n_classes
        if not self._n_classes:
            self._known = np.sort(aside.y, axis=0)
            square = aside.y.var(axis=0, dtype=np.float64)
            for _ in range(len(square)):
                for action in outputs:
                    square = np.maximum(square, np.abs(action.apply(square[np.newaxis])[0]))
            self._spread = np.sqrt(np.where(square > 0, square, 1.0))

    def __call__(self, samples: Labelled) -> Matrix:
        """Return the functions, shape `(n, functions)`."""
        if self._n_classes:
            return np.asarray(np.eye(self._n_classes, dtype=np.float32)[samples.y])
        columns = []
        for known, values in zip(self._known.T, samples.y.T, strict=True):
            rank = np.searchsorted(known, values) / max(1, len(known))
            columns += [np.cos(np.pi * k * rank) for k in range(1, 1 + _WAVES)]
        return np.stack(columns, axis=1).astype(np.float32)

    def targets(self, samples: Labelled) -> NDArray[np.float64]:
        """Return labels as numbers in comparable units, shape `(n, outputs)`."""
        if self._n_classes:
            return np.asarray(np.eye(self._n_classes)[samples.y])
        return np.asarray(samples.y / self._spread, np.float64)
