"""Local search for the state with the largest score under a quadratic function."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autoequivariant.searching.samplers.effects import FloatArray, Quadratic

_MOST_STEPS = 100
_LEAST_GAIN = 1e-12


class Climber:
    """Switches one or two parameters at a time, with what they imply, until no change gains.

    Switching a parameter on also switches on what it implies alone, and switching one off also
    switches off what implies it alone. What only several imply together is left to the closure of
    the state that is found.

    Args:
        implied: whether a parameter implies another, shape `(n, n)`; each implies itself, except
            those that cannot be on, of which the row is empty.
        always: whether a parameter is always on, shape `(n,)`.
    """

    def __init__(self, implied: NDArray[np.bool_], always: NDArray[np.bool_]) -> None:
        self._implied = implied
        self._always = always

    def completed(self, on: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return states, shape `(n_states, n)`, with what their parameters imply."""
        found: NDArray[np.bool_] = ((on.astype(float) @ self._implied) > 0) | self._always
        return found

    def climb(self, function: Quadratic, z: FloatArray) -> FloatArray:
        """Return the state where the ascent from `z` ends, of 1 and -1, shape `(n_columns,)`.

        Columns after the first `n` do not change.
        """
        for _ in range(_MOST_STEPS):
            changes = self._changes(z)
            moved = changes @ function.pairs
            slope = function.linear + function.pairs @ z
            gains = changes @ slope + (moved * changes).sum(axis=1) / 2
            together = gains[:, None] + gains + moved @ changes.T
            np.fill_diagonal(together, gains)
            first, second = np.unravel_index(int(together.argmax()), together.shape)
            step = changes[first]
            if first != second:
                after = z + step
                step = step + self._changes(after)[second]
                gain = step @ slope + step @ function.pairs @ step / 2
                if gain <= max(gains.max(), 0.0):  # they were not independent
                    step = changes[gains.argmax()]
            if step @ slope + step @ function.pairs @ step / 2 <= _LEAST_GAIN:
                break
            z = z + step
        return z

    def _changes(self, z: FloatArray) -> FloatArray:
        """Return what switching each parameter changes, shape `(n, n_columns)`."""
        n = len(self._always)
        on = z[:n] > 0
        off_as_well = self._implied.T & on & ~self._always
        changes = np.zeros((n, len(z)))
        changes[:, :n] = np.where(on[:, None], -2.0 * off_as_well, 2.0 * (self._implied & ~on))
        changes[self._always] = 0.0
        return changes
