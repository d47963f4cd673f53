"""For a small regression table, a Gaussian process proposes the closed state.

It chooses among the closed states that agree with the verdicts of the direct tests: with everything
that holds, and nothing that does not. So it decides only what is undecided.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from autoequivariant.evidence.gaussian_process.proposal import (
    propose_state,
)
from autoequivariant.evidence.testing.moves import Labelled
from autoequivariant.evidence.verdict import Verdict, unsearched
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.element import element_of
from autoequivariant.groups.group_elements import group_elements
from autoequivariant.training.families.family import Family

WHAT_HOLDS = "closure of what holds"
GAUSSIAN_PROCESS = "closed state proposed by a Gaussian process, not a verdict"
ENOUGH_ROWS = 50
_OF_FEW_ROWS = f" (with fewer than {ENOUGH_ROWS} rows it may well have a symmetry too many)"
MOST_ROWS, MOST_COLUMNS, MOST_STATES = 200, 30, 100
MOST_ELEMENTS = 1000
"""Of the groups of all closed states together; more take minutes."""
MOST_CELLS = 1500
"""Elements of a group times columns: 200 rows then take 240 MB."""


@dataclass(frozen=True)
class TableProposal:
    """The proposal, if there is one.

    Attributes:
        members: numbers of all candidates of the proposed closed state, in order; None if nothing
            is proposed.
        source: starts with `GAUSSIAN_PROCESS` if a state is proposed, and with `WHAT_HOLDS` if not;
            a reservation, or the reason, may follow.
        seconds: that it took.
    """

    members: tuple[int, ...] | None = None
    source: str = WHAT_HOLDS
    seconds: float = 0.0


def propose_for_table(
    x: NDArray[Any],
    y: NDArray[Any],
    n_classes: int,
    domain: Domain,
    family: Family,
    verdicts: Sequence[Verdict],
) -> TableProposal:
    """Return the proposal of a Gaussian process; none unless the samples are a small table.

    Args:
        x: shape `(n, channels, *domain.shape)`.
        y: for regression targets, shape `(n, m)`.
        n_classes: number of classes; 0 for regression.
        domain: of the samples.
        family: of the networks; it has the candidates and their closed states.
        verdicts: one for each candidate, in order.
    """
    if n_classes or domain.kind != "features" or len(x) > MOST_ROWS:
        return TableProposal()
    start = time.perf_counter()
    found = _propose(Labelled(x.reshape(len(x), -1), y, 0), x.shape[1], domain, family, verdicts)
    seconds = time.perf_counter() - start
    if isinstance(found, str):
        if not found:
            return TableProposal()
        source = f"{WHAT_HOLDS}; a Gaussian process proposes nothing: {found}"
        return TableProposal(None, source, seconds)
    source = GAUSSIAN_PROCESS + _OF_FEW_ROWS * (len(x) < ENOUGH_ROWS)
    return TableProposal(found, source, seconds)


def _propose(
    samples: Labelled,
    channels: int,
    domain: Domain,
    family: Family,
    verdicts: Sequence[Verdict],
) -> tuple[int, ...] | str:
    """Return the members of the proposed state, or why there is none; empty if none is needed."""
    if samples.x.shape[1] > MOST_COLUMNS:
        return f"there are more than {MOST_COLUMNS} columns"
    listed = family.closed_states(MOST_STATES)
    if not listed.complete:
        return f"there are more than {MOST_STATES} closed states"
    holding = {k for k, one in enumerate(verdicts) if one.verdict == "holds"}
    names = set(unsearched(verdicts))
    refuted = {k for k, one in enumerate(verdicts) if one.name in names}
    states = [
        closed.members
        for closed in listed.closed_states
        if holding <= set(closed.members) and refuted.isdisjoint(closed.members)
    ]
    if not states:
        return "what holds implies a candidate that does not hold"
    if len(states) == 1:
        return ""  # the verdicts leave no choice
    actions = [element_of(one, domain, channels, samples.n_outputs) for one in family.candidates]
    groups = []
    left = MOST_ELEMENTS
    for members in states:
        most = min(left, MOST_CELLS // samples.x.shape[1])
        group = group_elements([actions[k] for k in members], actions[0] ** 0, most)
        if group is None:
            return "the candidates generate too large a group"
        groups.append(group)
        left -= len(group)
    proposal = propose_state(samples, groups)
    return proposal.reason if proposal.state is None else states[proposal.state]
