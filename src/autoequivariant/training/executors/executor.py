"""The interface of executors, and the one way in which a job runs on any of them."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass, field
from typing import ClassVar, Generic, Self, TypeVar

import torch

Part = TypeVar("Part")
Result = TypeVar("Result")
OnStep = Callable[[int], None]
Job = Callable[[Part, OnStep], Result]
"""Returns the result of one part; calls `on_step(count)` before every `count` steps."""
Parts = Sequence[Part] | Callable[[], Part | None]

REPORT_SECONDS = 0.1
"""How often a running part reports its steps and checks whether to stop."""


class Executor(ABC):
    """Workers that share the parts of a job: `concurrent.futures` with progress and cancellation.

    Implementations inherit from this class and are listed in `EXECUTORS`. Their workers use one
    torch thread, as `run` does, so that results do not depend on the worker; ignore Ctrl-C; and end
    with the calling process, even if it is killed. Only `run` calls `available`, `submit` and
    `cancel`, in one thread and for one job at a time.

    Attributes:
        n_workers: how many parts can run at the same time, the calling process included.
        caller_works: whether the calling process runs a part when no worker is free.
    """

    n_workers: int
    caller_works: ClassVar[bool] = True

    @abstractmethod
    def available(self, parts: int) -> int:
        """Return the number of free workers; may start some, at most one for each of `parts`.

        These are the parts that wait or run; if more may follow, at least `n_workers`.
        """

    @abstractmethod
    def submit(self, job: Job[Part, Result], part: Part, on_step: OnStep) -> Future[Result]:
        """Start a part on a free worker; pickle a job once for all its parts.

        Args:
            job, part: what to do.
            on_step: called, in any thread, with the number of steps done since the last call.

        Raises:
            BrokenExecutor: the worker is dead. If it dies later, the future raises this.
        """

    @abstractmethod
    def cancel(self) -> None:
        """Stop all running parts at their next step, and forget the job."""

    @abstractmethod
    def shutdown(self) -> None:
        """End all workers at once. A later `run` may start new ones."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()

    def run(
        self, job: Job[Part, Result], parts: Parts[Part], on_step: OnStep
    ) -> Iterator[tuple[int, Result]]:
        """Run all parts; yield the number and result of each as soon as it is ready.

        An exception in a part stops all parts and propagates. If a worker dies, its part runs
        again, on another worker or in the calling process.

        Args:
            job: what to do; must be picklable.
            parts: each picklable; or a function that returns the next part, called in this thread
                when a worker is free. So a part may depend on the results that were yielded before.
                If there is none for now, it returns None and is called again after another result.
            on_step: called in this process with the number of steps done since the last call,
                which may be 0. Whatever it raises stops all parts and propagates.
        """
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield from _Run(self, job, parts, on_step).results()
        finally:
            torch.set_num_threads(threads)
            self.cancel()


@dataclass
class _Run(Generic[Part, Result]):
    executor: Executor
    job: Job[Part, Result]
    parts: Parts[Part]
    on_step: OnStep
    waiting: deque[tuple[int, Part]] = field(default_factory=deque)
    running: dict[Future[Result], tuple[int, Part]] = field(default_factory=dict)
    steps: deque[int] = field(default_factory=deque)  # of workers, not yet reported
    next_poll: float = 0.0
    n_pulled: int = 0

    def __post_init__(self) -> None:
        self.may_have_more = callable(self.parts)
        if not callable(self.parts):
            self.waiting.extend(enumerate(self.parts))

    def results(self) -> Iterator[tuple[int, Result]]:
        while True:
            done = [f for f in self.running if f.done() and f.exception() is None]
            # After `done`: the last steps of a part are reported before its result.
            self.poll(results_first=True)
            if done:
                for future in done:
                    yield self.told(self.running.pop(future)[0], future.result())
            elif self.executor.caller_works and self.is_waiting():
                number, part = self.waiting.popleft()
                yield self.told(number, self.job(part, self.step))
            elif self.running or self.is_waiting():
                self.on_step(0)
                wait(self.running or [Future()], REPORT_SECONDS, FIRST_COMPLETED)
            else:
                return

    def step(self, count: int) -> None:
        self.on_step(count)
        if time.monotonic() >= self.next_poll:
            self.poll()

    def told(self, number: int, result: Result) -> tuple[int, Result]:
        """Return what is to be yielded; more parts may follow from it."""
        self.may_have_more = callable(self.parts)
        return number, result

    def is_waiting(self, may_pull: bool = True) -> bool:
        """Whether a part is waiting; if none is, pull one."""
        if not self.waiting and self.may_have_more and may_pull and callable(self.parts):
            part = self.parts()
            if part is None:
                self.may_have_more = False
            else:
                self.waiting.append((self.n_pulled, part))
                self.n_pulled += 1
        return bool(self.waiting)

    def poll(self, results_first: bool = False) -> None:
        """Report the steps of workers, raise their errors, and submit waiting parts.

        Args:
            results_first: pull no part, which may depend on results, while one is ready.
        """
        self.next_poll = time.monotonic() + REPORT_SECONDS
        while self.steps:
            self.on_step(self.steps.popleft())
        for future in [f for f in self.running if f.done() and f.exception() is not None]:
            self.waiting.appendleft(self.running.pop(future))
            if not isinstance(future.exception(), BrokenExecutor):
                future.result()
            self.on_step(0)  # a signal that ends a worker may ask this process to stop, too
        while self.has_free_worker():
            may_pull = not (results_first and any(future.done() for future in self.running))
            if not self.is_waiting(may_pull):
                return
            try:
                future = self.executor.submit(self.job, self.waiting[0][1], self.steps.append)
            except BrokenExecutor:
                continue
            self.running[future] = self.waiting.popleft()

    def has_free_worker(self) -> bool:
        parts = len(self.waiting) + len(self.running)
        if self.may_have_more:
            parts = max(parts + 1, self.executor.n_workers)
        return parts > len(self.running) and self.executor.available(parts) > 0
