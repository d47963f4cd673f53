"""The contract of executors: every one of them, and one that is written here, passes these tests.

Jobs are nested functions: those are pickled whole, as other processes cannot import this file.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor

import pytest
import torch

from autoequivariant.training.executors.executor import (
    Executor,
    Job,
    OnStep,
    Part,
    Result,
)
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.executors.registry import EXECUTORS


class Threads(Executor):
    """A toy: two threads, and a calling process that only waits."""

    caller_works = False

    def __init__(self) -> None:
        self.n_workers = 2
        self.pool = ThreadPoolExecutor(self.n_workers)
        self.running: list[tuple[Future, list[bool]]] = []

    def available(self, parts: int) -> int:
        self.running = [(future, stop) for future, stop in self.running if not future.done()]
        return self.n_workers - len(self.running)

    def submit(self, job: Job[Part, Result], part: Part, on_step: OnStep) -> Future[Result]:
        stop: list[bool] = []

        def step(count: int) -> None:
            if stop:
                raise InterruptedError
            on_step(count)

        future = self.pool.submit(job, part, step)
        self.running.append((future, stop))
        return future

    def cancel(self) -> None:
        for _, stop in self.running:
            stop.append(True)

    def shutdown(self) -> None:
        self.pool.shutdown()


class Mortal(Threads):
    """Its first worker dies before it has a part, the second with its part done but not told."""

    caller_works = True
    deaths = 0

    def submit(self, job: Job[Part, Result], part: Part, on_step: OnStep) -> Future[Result]:
        self.deaths += 1
        if self.deaths == 1:
            raise BrokenExecutor
        future = super().submit(job, part, on_step)
        if self.deaths > 2:
            return future
        future.result()
        dead: Future[Result] = Future()
        dead.set_exception(BrokenExecutor())
        return dead


MAKERS: dict[str, Callable[[], Executor]] = {
    **EXECUTORS,
    "two processes": lambda: LocalExecutor(2, seconds_alone=0),
    "threads": Threads,
    "mortal": Mortal,
}


@pytest.fixture(params=MAKERS)
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    with MAKERS[request.param]() as found:
        yield found


def nothing(count: int) -> None:
    pass


def job_of(steps: int) -> Job[int, int]:
    def job(part: int, on_step: OnStep) -> int:
        for _ in range(steps):
            on_step(2)
            time.sleep(0.001)
        return part**2

    return job


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_every_part_is_done_once(executor: Executor, count: int) -> None:
    found = list(executor.run(job_of(3), range(10, 10 + count), nothing))
    assert sorted(found) == [(number, (10 + number) ** 2) for number in range(count)]


def test_parts_are_pulled_as_workers_come_free_and_may_depend_on_results(
    executor: Executor,
) -> None:
    at_once = executor.n_workers + executor.caller_works
    found: list[int] = []
    pulled: list[int] = []

    def following() -> int | None:
        if len(pulled) == 9:
            return None
        pulled.append(len(found))
        return found[-1] if found else len(pulled)

    for _, result in executor.run(job_of(3), following, nothing):
        found.append(result)
    assert len(found) == len(pulled) == 9
    assert all(before >= number - at_once for number, before in enumerate(pulled))


def test_a_function_without_a_part_for_now_is_asked_after_the_next_result(
    executor: Executor,
) -> None:
    """One part at a time, however many workers there are."""
    found: list[int] = []
    pulled: list[int] = []

    def following() -> int | None:
        if len(pulled) > len(found) or len(pulled) == 5:
            return None
        pulled.append(len(pulled))
        return len(pulled)

    for number, result in executor.run(job_of(3), following, nothing):
        assert number == len(found)
        found.append(result)
    assert found == [1, 4, 9, 16, 25]


def test_all_steps_are_counted(executor: Executor) -> None:
    counts: list[int] = []
    list(executor.run(job_of(50), range(4), counts.append))
    lost = 1 if isinstance(executor, Mortal) else 0
    assert sum(counts) == (4 + lost) * 50 * 2


def test_results_come_one_by_one(executor: Executor) -> None:
    run = executor.run(job_of(1), range(5), nothing)
    next(run)
    run.close()
    assert len(list(executor.run(job_of(1), range(5), nothing))) == 5


def test_an_exception_of_on_step_stops_all_and_the_executor_can_be_used_again(
    executor: Executor,
) -> None:
    def endless(part: int, on_step: OnStep) -> None:
        while True:
            on_step(1)
            time.sleep(0.001)

    def stop(count: int) -> None:
        if count:
            raise KeyboardInterrupt

    if not isinstance(executor, Mortal):  # it waits for a part to end
        with pytest.raises(KeyboardInterrupt):
            list(executor.run(endless, range(3), stop))
    assert dict(executor.run(job_of(3), range(3), nothing)) == {0: 0, 1: 1, 2: 4}


def test_an_exception_of_a_part_stops_all(executor: Executor) -> None:
    def fail(part: int, on_step: OnStep) -> int:
        on_step(1)
        if part == 2:
            raise ValueError("a part failed")
        return part

    with pytest.raises(ValueError, match="a part failed"):
        list(executor.run(fail, range(4), nothing))
    assert len(list(executor.run(fail, range(2), nothing))) == 2


def test_torch_uses_one_thread_and_gets_the_others_back(executor: Executor) -> None:
    def threads(part: int, on_step: OnStep) -> int:
        import torch

        time.sleep(0.05)
        on_step(1)
        return torch.get_num_threads()

    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        if isinstance(executor, LocalExecutor):
            assert {one for _, one in executor.run(threads, range(4), nothing)} == {1}
        assert torch.get_num_threads() == 2
        with pytest.raises(KeyError):
            for _ in executor.run(threads, range(4), nothing):
                raise KeyError
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(("calls", "submitted"), [(2, 1), (3, 2)])
def test_a_worker_that_a_signal_ended_is_not_replaced_before_this_process_stops(
    calls: int, submitted: int
) -> None:
    """`timeout` and systemd send SIGTERM to all; `on_step` raises once this process got it."""

    class Dead(Threads):
        parts = 0

        def submit(self, job: Job[Part, Result], part: Part, on_step: OnStep) -> Future[Result]:
            self.parts += 1
            dead: Future[Result] = Future()
            dead.set_exception(BrokenExecutor())
            return dead

    left = iter([False] * (calls - 1))

    def stop(count: int) -> None:
        if next(left, True):
            raise KeyboardInterrupt

    with Dead() as executor:
        with pytest.raises(KeyboardInterrupt):
            list(executor.run(job_of(1), [1], stop))
        assert executor.parts == submitted
