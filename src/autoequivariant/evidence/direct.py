"""Direct tests of every candidate: the data are asked before any network is trained."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.evidence.decision import ERROR_RATE, verdict_of
from autoequivariant.evidence.kernel import Embedding
from autoequivariant.evidence.law import Law, kernel_tests, loss_test
from autoequivariant.evidence.moves import Element, Labelled, Moves, element_of, is_fixed
from autoequivariant.evidence.multiplicity import holm
from autoequivariant.evidence.task import Predictor, TaskTest, residual_test
from autoequivariant.evidence.verdict import Verdict, holding
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.symmetry import Symmetry

LAW_ROWS = 1000
"""Pairs in a kernel test, at most: its time grows with their square."""
FIRST_ROWS, SECOND_ROWS = 500, 1500
"""Samples that predictors are fitted on, and that the task is tested on, at most."""
_FEWEST = 40  # samples, for halves of 20


@dataclass(frozen=True)
class DirectTests:
    """The answers of the data.

    Attributes:
        verdicts: one for each candidate, in order.
        closure: verdict on the group that all candidates that hold generate; None for fewer than
            two of them.
        seconds: that it took.
    """

    verdicts: tuple[Verdict, ...]
    closure: Verdict | None
    seconds: float

    @property
    def holding(self) -> tuple[str, ...]:
        """Names of the candidates that hold."""
        return holding(self.verdicts)


def direct_tests(
    x: NDArray[Any],
    y: NDArray[Any],
    n_classes: int,
    domain: Domain,
    candidates: Sequence[Symmetry],
    seed: int = 0,
    *,
    classes: Sequence[str] = (),
    clusters: NDArray[np.int64] | None = None,
    inputs_symmetric: bool = False,
    on_tested: Callable[[], None] = lambda: None,
) -> DirectTests:
    """Test every candidate on labelled samples.

    Args:
        x: shape `(n, channels, *domain.shape)`.
        y: class indices, shape `(n,)`; for regression targets, shape `(n, m)`.
        n_classes: number of classes; 0 for regression.
        domain: of the samples.
        candidates: all defined on the data.
        seed: of all random draws.
        classes: names of the classes. Default: their numbers.
        clusters: number of the cluster of each sample, shape `(n,)`; samples of a cluster (a
            patient, or copies of one sample) are swapped and split together. Default: each sample
            is its own.
        inputs_symmetric: whether the user declares that moved samples occur as often as samples;
            then the exact test with labels decides the task.
        on_tested: called after each candidate; what it raises ends the tests.

    Raises:
        SymmetryError: a candidate is not defined on the data.
    """
    start = time.perf_counter()
    tester = _Tester(x, y, n_classes, domain, len(candidates), seed)
    channels = x.shape[1]
    elements = [element_of(one, domain, channels, tester.samples.n_outputs) for one in candidates]
    names = [str(one) for one in candidates]
    found = []
    for element in elements:
        found.append(tester.test([element]))
        on_tested()
    verdicts = _verdicts(names, found)
    generators = [e for e, v in zip(elements, verdicts, strict=True) if v.verdict == "holds"]
    closure = None
    if len(generators) > 1:
        (closure,) = _verdicts(["all that hold"], [tester.test(generators)])
        if closure.verdict != "holds":
            reason = f"each holds, but not all together: {closure.reason}"
            verdicts = [
                replace(one, verdict="undecided", reason=reason) if one.verdict == "holds" else one
                for one in verdicts
            ]
    return DirectTests(tuple(verdicts), closure, time.perf_counter() - start)


_Found = tuple[Law | None, TaskTest | None]


def _verdicts(names: Sequence[str], found: Sequence[_Found]) -> list[Verdict]:
    corrected = iter(holm([task.p for _, task in found if task is not None]))
    verdicts = []
    for name, (law, task) in zip(names, found, strict=True):
        p = None if task is None else next(corrected)
        if law is None:
            verdicts.append(Verdict(name, "undecided", "it moves too few samples to be tested"))
        else:
            verdicts.append(verdict_of(name, law, task, p))
    return verdicts


class _Tester:
    """Samples in random order, their halves, and the predictor for all candidates."""

    def __init__(
        self,
        x: NDArray[Any],
        y: NDArray[Any],
        n_classes: int,
        domain: Domain,
        n_candidates: int,
        seed: int,
    ) -> None:
        self._rng = np.random.default_rng([seed, 14])
        self._by_value = domain.kind == "features"
        self._miss = ERROR_RATE / max(1, n_candidates)
        order = self._rng.permutation(len(y))[: max(LAW_ROWS, FIRST_ROWS + SECOND_ROWS)]
        values = x[order].reshape(len(order), -1).astype(np.float32)
        self.samples = Labelled(values, y[order], n_classes)
        half = min(len(order) // 2, FIRST_ROWS)
        self._first = self.samples.rows(np.arange(half))
        self._second = self.samples.rows(np.arange(half, min(len(order), half + SECOND_ROWS)))
        self._predictor = None
        if len(order) >= _FEWEST:
            first = self._first.x
            embedding = Embedding(first, first, self._by_value, self._rng)
            self._predictor = Predictor(self._first, embedding)
            self._losses = self._predictor.losses(self._second)

    def test(self, generators: Sequence[Element]) -> _Found:
        """Test the group of some elements; None for what is not possible."""
        moves = Moves.of(generators, self._rng)
        if not moves.elements:
            return None, None
        samples = self.samples.rows(np.arange(min(len(self.samples), LAW_ROWS)))
        moved, _ = moves.apply(samples, self._rng)
        kept = ~is_fixed(samples, moved)
        if kept.sum() < _FEWEST // 2:
            return None, None
        samples, moved = samples.rows(kept), moved.rows(kept)
        embedding = Embedding(samples.x, moved.x, self._by_value, self._rng)
        law = kernel_tests(samples, moved, embedding, self._miss, self._rng)
        if self._predictor is None:
            return law, None
        moved, _ = moves.apply(self._second, self._rng)
        p = loss_test(self._losses, self._predictor.losses(moved), self._rng)
        law = replace(law, p_joint=min(1.0, 2 * min(law.p_joint, p)))
        task = residual_test(self._first, self._second, moves, self._predictor, self._rng)
        return law, task
