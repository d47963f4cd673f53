"""The direct tests of a split data set, before any network is trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from autoequivariant.data.folds import joined
from autoequivariant.data.split import DataSet
from autoequivariant.evidence.direct import DirectTests, direct_tests
from autoequivariant.evidence.verdict import Verdict, holding, refuted
from autoequivariant.groups.custom.proposal import Proposal
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.searching.proposals import blind, named_proposals
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.families.family import Family

UNTESTED = "not tested: only some layers have it, so it says nothing of the outputs"
"""Reason of the verdict on a partial candidate."""


def ask_data(
    data: DataSet,
    family: Family,
    seed: int,
    proposals: Sequence[Proposal] = (),
    inputs_symmetric: bool = False,
    on_tested: Callable[[], None] = lambda: None,
    is_late: Callable[[], bool] = lambda: False,
    executor: Executor | None = None,
) -> DirectTests:
    """Test every candidate on train and validation; test is never touched.

    Args:
        data: a split data set.
        family: of networks, which has the candidates and their closure.
        seed: of all random draws.
        proposals: what led to candidates that nobody listed.
        inputs_symmetric: whether moved samples occur as often as samples.
        on_tested, is_late, executor: as in `direct_tests`.
    """
    known = joined(data)
    candidates = to_test(family.candidates)
    tests = direct_tests(
        known.x,
        known.y,
        len(data.classes),
        data.domain,
        candidates,
        seed,
        classes=data.classes,
        clusters=known.clusters,
        inputs_symmetric=inputs_symmetric,
        categories=data.categories,
        looked_at=known.looked_at,
        saw_labels=blind(candidates, proposals),
        on_tested=on_tested,
        is_late=is_late,
        executor=executor,
    )
    verdicts = consistent(with_untested(tests.verdicts, family.candidates), family)
    return replace(tests, verdicts=named_proposals(verdicts, proposals))


def to_test(candidates: Sequence[Symmetry]) -> tuple[Symmetry, ...]:
    """Return the candidates that the data can be asked about: all but partial ones, which say
    nothing of outputs.
    """
    return tuple(one for one in candidates if one.level is None)


def with_untested(
    verdicts: Sequence[Verdict], candidates: Sequence[Symmetry]
) -> tuple[Verdict, ...]:
    """Return the verdicts on `to_test`, and on partial candidates that they are undecided."""
    found = {one.name: one for one in verdicts}
    untested = (Verdict(str(one), "undecided", UNTESTED) for one in candidates)
    return tuple(found.get(one.name, one) for one in untested)


def consistent(verdicts: Sequence[Verdict], family: Family) -> tuple[Verdict, ...]:
    """Return verdicts in which nothing follows from what holds that does not hold.

    If something does, one of the tests is wrong, and all that hold become undecided. What follows
    and is undecided itself, as one test in a hundred rejects by chance, says so.
    """
    names = [one.name for one in verdicts]
    closed = family.closure(names.index(name) for name in holding(verdicts))
    implied = [name for name in refuted(verdicts) if names.index(name) in closed]
    if not implied:
        follows = "; yet it follows from what holds"
        return tuple(
            replace(one, reason=one.reason + follows)
            if number in closed and one.verdict == "undecided" and one.reason != UNTESTED
            else one
            for number, one in enumerate(verdicts)
        )
    reason = f"it holds alone, but with all others that hold, {implied[0]} would hold, too"
    return tuple(
        replace(one, verdict="undecided", reason=reason) if one.verdict == "holds" else one
        for one in verdicts
    )
