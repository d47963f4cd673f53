"""The direct tests of a split data set, before any network is trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autoequivariant.data.folds import joined
from autoequivariant.data.split import DataSet
from autoequivariant.evidence.direct import DirectTests, direct_tests
from autoequivariant.groups.symmetry import Symmetry


def ask_data(
    data: DataSet,
    candidates: Sequence[Symmetry],
    seed: int,
    inputs_symmetric: bool = False,
    on_tested: Callable[[], None] = lambda: None,
) -> DirectTests:
    """Test every candidate on train and validation; test is never touched.

    Args:
        data: a split data set.
        candidates: all defined on the data.
        seed: of all random draws.
        inputs_symmetric: whether moved samples occur as often as samples.
        on_tested: called after each candidate; what it raises ends the tests.
    """
    known = joined(data)
    return direct_tests(
        known.x,
        known.y,
        len(data.classes),
        data.domain,
        candidates,
        seed,
        classes=data.classes,
        clusters=known.clusters,
        inputs_symmetric=inputs_symmetric,
        on_tested=on_tested,
    )
