"""Which closed state a Gaussian process proposes for a small regression table.

It proposes: no error rate is known, so it is not a verdict.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autoequivariant.evidence.gaussian_process.kernel import InvariantKernel, Vector
from autoequivariant.evidence.gaussian_process.laplace import Posterior, log_evidence_of_noise
from autoequivariant.evidence.testing.moves import Labelled
from autoequivariant.groups.element import Element

_SIGNAL = 2.0  # log evidence by which columns must explain the targets better than noise does
_REFUTED = 12.0  # log evidence below a smaller state's at which no larger state is tried
_OVERLAP = 0.2  # smallest share of moved samples that are near other samples
_NEAR = 2.0  # times the distance of the sample itself to other samples

Group = Sequence[Element]


@dataclass(frozen=True)
class Proposal:
    """The proposal.

    Attributes:
        state: number of the proposed state; None if nothing is proposed.
        reason: why nothing is proposed, a clause without a full stop; empty if something is.
        log_evidence: of each state; minus infinity for a state that was not tried, because moved
            samples do not occur or a smaller state is improbable. Empty if nothing is proposed.
    """

    state: int | None
    reason: str = ""
    log_evidence: tuple[float, ...] = ()


def tie(n: int) -> float:
    """Return up to which difference of log evidence the larger of two states is proposed.

    Where a function has a symmetry only because it ignores a column, the evidence of smaller and
    larger states differs by chance, while evidence against what does not hold grows with `n`: 1 for
    20 samples, 1.8 for 200.
    """
    return math.log(n) / 3


def propose_state(samples: Labelled, states: Sequence[Group]) -> Proposal:
    """Return the largest state whose log evidence is within `tie` of the best.

    A state is out if one of its elements moves samples to where there are none: the data do not
    say how the function continues there.

    Args:
        samples: of a regression table.
        states: groups, each with all its elements. They may negate targets but not exchange them.
    """
    reason = _obstacle(samples, states)
    if reason:
        return Proposal(None, reason)
    x, rows = np.asarray(samples.x, np.float64), np.asarray(samples.y, np.float64).T
    elements = [frozenset(state) for state in states]
    moves = {one for state in states for one in state}
    is_negated = [_signs(moves, target).min() < 0 for target in range(len(rows))]
    targets = [_standard(*pair) for pair in zip(rows, is_negated, strict=True)]
    occurs = {one: _occurs(x, one) for one in moves}
    evidence = np.full(len(states), -np.inf)
    is_refuted = np.zeros(len(states), bool)
    for number in sorted(range(len(states)), key=lambda k: len(states[k])):
        if not all(occurs[one] for one in states[number]):
            continue
        smaller = [k for k, state in enumerate(elements) if state < elements[number]]
        is_refuted[number] = is_refuted[smaller].any()
        if not is_refuted[number]:
            evidence[number] = _log_evidence(x, targets, states[number])
            best = evidence[smaller].max(initial=-np.inf)
            is_refuted[number] = evidence[number] < best - _REFUTED
    if not np.isfinite(evidence).any():
        return Proposal(None, "moved samples hardly ever occur")
    if evidence.max() < sum(map(log_evidence_of_noise, targets)) + _SIGNAL:
        return Proposal(None, "the columns explain too little of the target in so few rows")
    tied = np.flatnonzero(evidence >= evidence.max() - tie(len(samples)))
    best = max(tied.tolist(), key=lambda k: (len(states[k]), evidence[k]))
    return Proposal(best, "", tuple(evidence.tolist()))


def _obstacle(samples: Labelled, states: Sequence[Group]) -> str:
    """Return why nothing can be proposed, a clause; empty if something can."""
    if samples.n_classes:
        return "the labels are classes"
    if any((e.outputs.image != np.arange(e.outputs.size)).any() for s in states for e in s):
        return "a candidate exchanges targets"
    if (np.ptp(samples.y, axis=0) == 0).any():
        return "a target is the same in all rows"
    return ""


def _signs(group: Iterable[Element], target: int) -> NDArray[np.int8]:
    return np.array([one.outputs.signs[target] for one in group])


def _standard(target: Vector, is_negated: bool) -> Vector:
    """Return a target of mean square 1, and of mean 0 unless a candidate negates it."""
    target = target - (0 if is_negated else target.mean())
    return np.asarray(target / np.sqrt((target**2).mean()))


def _occurs(x: Vector, element: Element) -> bool:
    """Whether moved samples often are near other samples."""
    from scipy.spatial.distance import cdist  # here, because it takes long

    # A constant column is far from its negative.
    spread = np.maximum(x.std(axis=0), 1e-6 * np.abs(x).max(axis=0))
    # The same unit for columns that are exchanged.
    spread = np.sqrt((spread**2 + element.points.apply(spread) ** 2) / 2)
    unit = np.where(spread > 0, spread, 1.0)
    from_sample, from_moved = (cdist(z / unit, x / unit) for z in (x, element.points.apply(x)))
    for distances in (from_sample, from_moved):
        np.fill_diagonal(distances, np.inf)
    is_near = from_moved.min(axis=1) <= _NEAR * from_sample.min(axis=1)
    return bool(is_near.mean() >= _OVERLAP)


def _log_evidence(x: Vector, targets: Sequence[Vector], group: Group) -> float:
    found = 0.0
    for number, target in enumerate(targets):
        kernel = InvariantKernel(x, group, _signs(group, number))
        found += Posterior(kernel, target).log_evidence()
    return found
