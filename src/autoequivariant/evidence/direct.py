"""Direct tests of every candidate: the data are asked before any network is trained."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from joblib import cpu_count
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from autoequivariant.evidence.testing.decision import ERROR_RATE, CandidateTests, verdicts_of
from autoequivariant.evidence.testing.moves import Element, element_of
from autoequivariant.evidence.testing.swap_test import MOST_SWAPS, SWAPS
from autoequivariant.evidence.testing.tester import Tester
from autoequivariant.evidence.verdict import Verdict, holding
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.symmetry import Symmetry

_MOST_VALUES = 100_000_000  # of moved samples, in all threads together


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
        on_tested: called after each candidate, in this thread; what it raises ends the tests.

    Raises:
        SymmetryError: a candidate is not defined on the data.
    """
    # Threads of the linear algebra would wait for each other, twice as long on a busy machine.
    with threadpool_limits(limits=1, user_api="blas"):
        start = time.perf_counter()
        n_outputs = n_classes or y.shape[1]
        elements = [element_of(one, domain, x.shape[1], n_outputs) for one in candidates]
        miss = ERROR_RATE / max(1, len(candidates))
        by_value = domain.kind == "features"
        # Enough for the smallest p-value to survive the correction.
        swaps = min(MOST_SWAPS, max(SWAPS, 40 * len(candidates) - 1))
        outputs = [element.outputs for element in elements]
        tester = Tester(x, y, n_classes, clusters, by_value, miss, swaps, seed, outputs)
        names = [str(one) for one in candidates]
        found = _in_threads(
            lambda name, element: tester.test(name, [element]),
            names,
            elements,
            min(cpu_count(), max(1, _MOST_VALUES // max(1, x.size))),
            on_tested,
        )
        classes = classes or tuple(map(str, range(n_classes)))
        verdicts = verdicts_of(names, found, classes, inputs_symmetric)
        generators = [e for e, v in zip(elements, verdicts, strict=True) if v.verdict == "holds"]
        closure = None
        if len(generators) > 1:
            tested = tester.test("all that hold", generators)
            # Corrected with the candidates: one test more of the same family.
            everything = [*names, "all that hold"], [*found, tested]
            *_, closure = verdicts_of(*everything, classes, inputs_symmetric)
            is_rejected = tested.is_rejected and closure.verdict != "holds"
            if is_rejected or closure.verdict == "does not hold":
                reason = f"it holds alone, but not with all others that hold: {closure.reason}"
                verdicts = [
                    replace(one, verdict="undecided", reason=reason)
                    if one.verdict == "holds"
                    else one
                    for one in verdicts
                ]
        return DirectTests(tuple(verdicts), closure, time.perf_counter() - start)


def _in_threads(
    test: Callable[[str, Element], CandidateTests],
    names: Sequence[str],
    elements: Sequence[Element],
    threads: int,
    on_tested: Callable[[], None],
) -> list[CandidateTests]:
    """Test all candidates, a few at once; each draws for itself, so the order does not matter."""
    with ThreadPoolExecutor(threads) as pool:
        running = [pool.submit(test, *one) for one in zip(names, elements, strict=True)]
        try:
            for _ in as_completed(running):
                on_tested()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
        return [one.result() for one in running]
