"""Samples whose labels may lead to candidates; those candidates are tested on the others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.copies.find import Copies
from autoequivariant.data.random_streams import Purpose, stream
from autoequivariant.data.samples import Samples
from autoequivariant.data.split import hold_out, stratified_order

MOST_LOOKED_AT = 2000
"""Samples; half of those outside of test, if these are fewer."""


def rows_to_look_at(samples: Samples, seed: int, all_known: bool = False) -> NDArray[np.int64]:
    """Return the rows of `Samples.x` whose labels may lead to candidates.

    They begin the order that `split` divides, so they are never in test, and in train if that is
    large enough.

    Args:
        samples: a data set before it is split.
        seed: of the split.
        all_known: whether no samples are held out for a test.
    """
    if samples.x_test is None and not all_known:
        order, _ = hold_out(samples.y, seed)
    else:
        order = stratified_order(samples.y, stream(seed, Purpose.SPLIT))
    return order[: min(MOST_LOOKED_AT, len(order) // 2)]


def with_looked_at(copies: Copies, samples: Samples, seed: int, all_known: bool = False) -> Copies:
    """Return copies that know which samples were looked at, copies of these included.

    Arguments are as of `rows_to_look_at`.
    """
    rows = rows_to_look_at(samples, seed, all_known)
    if copies.clusters is None:
        return replace(copies, looked_at=np.isin(np.arange(len(samples.y)), rows))
    return replace(copies, looked_at=np.isin(copies.clusters, copies.clusters[rows]))
