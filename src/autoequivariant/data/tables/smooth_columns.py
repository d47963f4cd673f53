"""Tables whose columns follow each other like the values of a sequence."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.samples import Samples
from autoequivariant.groups.domain import Features

FEWEST_COLUMNS = 50
"""Of fewer, correlations say too little."""
_MOST_ROWS, _MOST_VALUES = 500, 2**22  # of which correlations are taken
_ALIKE = 0.6  # correlation of neighbouring columns, at least
_FALL = 0.2  # from there to distant columns, at least
_RISE = 0.1  # below that of neighbours, at least, once it has fallen


def sequence_note(samples: Samples, kind: str | None) -> tuple[str, ...]:
    """Return a note if samples were read as something else but look like sequences.

    Tables look so if they have `FEWEST_COLUMNS` columns without names, neighbouring columns are
    far more alike than distant ones, and no columns in between are as alike as neighbours: those
    would be the rows of flattened images, or the periods of a signal. Images of one row, in any
    case.

    Args:
        samples: the data set.
        kind: what they were to be read as; no note unless it is None.
    """
    domain = samples.domain
    is_row = len(domain.shape) == 2 and 1 in domain.shape
    is_table = isinstance(domain, Features) and not samples.columns
    if kind is not None or domain.size < FEWEST_COLUMNS or not (is_row or is_table):
        return ()
    if is_table and not _is_smooth(samples.x.reshape(len(samples.x), -1)):
        return ()
    seen = "neighbouring columns are far more alike than distant ones"
    return (
        f"The samples look like sequences of {domain.size} values "
        f"({'they have one row' if is_row else seen}), but are read as "
        f"{'images' if is_row else 'a table'}: --kind sequence reads them so.",
    )


def _is_smooth(x: NDArray[Any]) -> bool:
    n, columns = x.shape
    rows = np.linspace(0, n - 1, min(n, _MOST_ROWS, max(2, _MOST_VALUES // columns))).astype(int)
    by_lag = _correlations(x[rows].astype(np.float64))
    near, distant = by_lag[1], float(by_lag[columns // 4 : columns // 2].mean())
    fallen = np.flatnonzero(by_lag[: columns // 2] < near - _RISE)
    if near < _ALIKE or near - distant < _FALL or not len(fallen):
        return False
    return bool(by_lag[fallen[0] : columns // 2].max() < near - _RISE)


def _correlations(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean correlation of columns by their distance, constant columns left out."""
    x = x - x.mean(0)
    spread = x.std(0)
    varies = spread > 0
    x = np.divide(x, spread, out=np.zeros_like(x), where=varies)
    products = _autocorrelation(x).mean(0)
    pairs = _autocorrelation(varies[None].astype(np.float64))[0]
    found: NDArray[np.float64] = products / np.maximum(pairs, 1)
    return found


def _autocorrelation(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of all products of values at each distance, for each row."""
    columns = x.shape[1]
    spectrum = np.abs(np.fft.rfft(x, 2 * columns)) ** 2
    found: NDArray[np.float64] = np.fft.irfft(spectrum, 2 * columns)[:, :columns]
    return found
