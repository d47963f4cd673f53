"""Direct tests of every candidate: the data are asked before any network is trained."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from joblib import cpu_count
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from autoequivariant.evidence.testing.decision import ERROR_RATE, CandidateTests, verdicts_of
from autoequivariant.evidence.testing.moves import Labelled
from autoequivariant.evidence.testing.swap_test import MOST_SWAPS, SWAPS
from autoequivariant.evidence.testing.tester import Tester
from autoequivariant.evidence.verdict import Verdict, holding
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.element import Element, element_of
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.training.executors.executor import Executor, OnStep

NO_TIME = "there was no time to test it; aen test asks the data without a limit"
_TOGETHER = "all that hold"
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
    categories: Sequence[Sequence[str]] = (),
    looked_at: NDArray[np.bool_] | None = None,
    saw_labels: Sequence[bool] = (),
    on_tested: Callable[[], None] = lambda: None,
    is_late: Callable[[], bool] = lambda: False,
    executor: Executor | None = None,
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
        categories: of each column of a table, the values that it holds codes of; empty for a column
            of numbers. Default: all are numbers.
        looked_at: which samples led to candidates by their labels, shape `(n,)`. Default: none.
        saw_labels: for each candidate, whether such labels led to it; it is tested on the other
            samples, and so is the closure with it. Default: they led to none.
        on_tested: called after each candidate, in this thread; what it raises ends the tests.
        is_late: asked before each candidate, in any thread; once it is true, the others are
            undecided for lack of time.
        executor: whose workers test the candidates, if the calling process only waits for them.
            Default: threads of this process, which share the samples.

    Raises:
        SymmetryError: a candidate is not defined on the data.
    """
    # Threads of the linear algebra would wait for each other, twice as long on a busy machine.
    with threadpool_limits(limits=1, user_api="blas"):
        start = time.perf_counter()
        n_outputs = n_classes or y.shape[1]
        elements = [element_of(one, domain, x.shape[1], n_outputs) for one in candidates]
        miss = ERROR_RATE / max(1, len(candidates))
        # Enough for the smallest p-value to survive the correction.
        swaps = min(MOST_SWAPS, max(SWAPS, 40 * len(candidates) - 1))
        counts = list(map(len, categories))

        others = slice(None) if looked_at is None else ~looked_at
        is_blind = saw_labels or [False] * len(candidates)

        def tester(blind: bool) -> Tester:
            rows = others if blind else slice(None)
            own = None if clusters is None else clusters[rows]
            known = [e for e, saw in zip(elements, is_blind, strict=True) if blind or not saw]
            seen = None
            if blind and looked_at is not None and looked_at.any():
                flat = x[looked_at].reshape(int(looked_at.sum()), -1)
                seen = Labelled(np.ascontiguousarray(flat, np.float32), y[looked_at], n_classes)
            settings = domain, miss, swaps, seed, known, counts, seen
            return Tester(x[rows], y[rows], n_classes, own, *settings)

        testers = {blind: tester(blind) for blind in {*is_blind}}
        test = partial(_test, [str(one) for one in candidates], elements, is_blind, testers)
        if executor is None or executor.caller_works:
            threads = min(cpu_count(), max(1, _MOST_VALUES // max(1, x.size)))
            found = _in_threads(test, len(candidates), threads, on_tested, is_late)
        else:
            found = _on_workers(test, len(candidates), executor, on_tested, is_late)
        names = [str(candidates[number]) for number in found]
        tests = list(found.values())
        classes = classes or tuple(map(str, range(n_classes)))
        verdicts = verdicts_of(names, tests, classes, inputs_symmetric)
        by_number = dict(zip(found, verdicts, strict=True))
        generators = [elements[k] for k, one in by_number.items() if one.verdict == "holds"]
        closure = None
        if len(generators) > 1:
            holds = [k for k, one in by_number.items() if one.verdict == "holds"]
            together = testers[any(is_blind[k] for k in holds)]
            tests.append(together.test(_TOGETHER, generators))
            # Corrected with the candidates: one test more of the same family.
            *_, closure = verdicts_of([*names, _TOGETHER], tests, classes, inputs_symmetric)
            is_rejected = tests[-1].is_clearly_rejected and closure.verdict != "holds"
            if is_rejected or closure.verdict == "does not hold":
                reason = f"it holds alone, but not with all others that hold: {closure.reason}"
                by_number |= {
                    number: replace(one, verdict="undecided", reason=reason)
                    for number, one in by_number.items()
                    if one.verdict == "holds"
                }
        all_verdicts = tuple(
            by_number.get(number, Verdict(str(one), "undecided", NO_TIME))
            for number, one in enumerate(candidates)
        )
        return DirectTests(all_verdicts, closure, time.perf_counter() - start)


def _in_threads(
    test: Callable[[int], CandidateTests],
    count: int,
    threads: int,
    on_tested: Callable[[], None],
    is_late: Callable[[], bool],
) -> dict[int, CandidateTests]:
    """Test candidates by number, a few at once; each draws for itself, so their order is free."""
    with ThreadPoolExecutor(threads) as pool:
        running = [pool.submit(lambda k: None if is_late() else test(k), k) for k in range(count)]
        try:
            for _ in as_completed(running):
                on_tested()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    found = {number: one.result() for number, one in enumerate(running)}
    return {number: tests for number, tests in found.items() if tests is not None}


class _LateError(Exception):
    """There is no time for more tests."""


def _on_workers(
    test: Callable[[int], CandidateTests],
    count: int,
    executor: Executor,
    on_tested: Callable[[], None],
    is_late: Callable[[], bool],
) -> dict[int, CandidateTests]:
    """Do the same on the workers of an executor; once it is late, running tests are stopped."""

    def on_step(_: int) -> None:
        if is_late():
            raise _LateError

    found: dict[int, CandidateTests] = {}
    with suppress(_LateError):
        for number, tests in executor.run(partial(_as_part, test), range(count), on_step):
            found[number] = tests
            on_tested()
    for _ in range(count - len(found)):
        on_tested()
    return dict(sorted(found.items()))


def _as_part(test: Callable[[int], CandidateTests], number: int, on_step: OnStep) -> CandidateTests:
    on_step(0)
    with threadpool_limits(limits=1, user_api="blas"):
        return test(number)


def _test(
    names: Sequence[str],
    elements: Sequence[Element],
    is_blind: Sequence[bool],
    testers: Mapping[bool, Tester],
    number: int,
) -> CandidateTests:
    return testers[is_blind[number]].test(names[number], [elements[number]])
