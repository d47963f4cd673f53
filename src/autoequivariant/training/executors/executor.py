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
        has_gpus: whether each worker has a GPU, or a part of one, as its `cuda`. Default: no.
    """

    n_workers: int
    caller_works: ClassVar[bool] = True
    has_gpus: bool = False

    @property
    def workers_per_machine(self) -> int:
        """How many workers share the memory of one machine, at most. Default: all."""
        return self.n_workers

    @abstractmethod
    def available(self, parts: int) -> int:
        """Return the number of free workers; may start some, at most one for each of `parts`."""

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
        self, job: Job[Part, Result], parts: Sequence[Part], on_step: OnStep
    ) -> Iterator[tuple[int, Result]]:
        """Run all parts; yield the number and result of each as soon as it is ready.

        An exception in a part stops all parts and propagates. If a worker dies, its part runs
        again, on another worker or in the calling process.

        Args:
            job, parts: what to do; must be picklable.
            on_step: called in this process with the number of steps done since the last call,
                which may be 0. Whatever it raises stops all parts and propagates.
        """
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield from _Run(self, job, deque(enumerate(parts)), on_step).results()
        finally:
            torch.set_num_threads(threads)
            self.cancel()


@dataclass
class _Run(Generic[Part, Result]):
    executor: Executor
    job: Job[Part, Result]
    waiting: deque[tuple[int, Part]]
    on_step: OnStep
    running: dict[Future[Result], tuple[int, Part]] = field(default_factory=dict)
    steps: deque[int] = field(default_factory=deque)  # of workers, not yet reported
    next_poll: float = 0.0

    def results(self) -> Iterator[tuple[int, Result]]:
        while self.waiting or self.running:
            done = [f for f in self.running if f.done() and f.exception() is None]
            self.poll()  # after `done`: the last steps of a part are reported before its result
            if done:
                yield self.running.pop(done[0])[0], done[0].result()
            elif self.waiting and self.executor.caller_works:
                number, part = self.waiting.popleft()
                yield number, self.job(part, self.step)
            else:
                self.on_step(0)
                wait(self.running or [Future()], REPORT_SECONDS, FIRST_COMPLETED)

    def step(self, count: int) -> None:
        self.on_step(count)
        if time.monotonic() >= self.next_poll:
            self.poll()

    def poll(self) -> None:
        """Report the steps of workers, raise their errors, and submit waiting parts."""
        self.next_poll = time.monotonic() + REPORT_SECONDS
        while self.steps:
            self.on_step(self.steps.popleft())
        for future in [f for f in self.running if f.done() and f.exception() is not None]:
            self.waiting.appendleft(self.running.pop(future))
            if not isinstance(future.exception(), BrokenExecutor):
                future.result()
            self.on_step(0)  # a signal that ends a worker may ask this process to stop, too
        while self.waiting and self.executor.available(len(self.waiting) + len(self.running)):
            try:
                future = self.executor.submit(self.job, self.waiting[0][1], self.steps.append)
            except BrokenExecutor:
                continue
            self.running[future] = self.waiting.popleft()
