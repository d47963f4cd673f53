"""Threads of the calling process, each with a stream of a GPU, on which small networks train."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from typing import Any, ClassVar

import torch

from autoequivariant.training.executors.executor import Executor, Job, OnStep, Part, Result


class StreamsExecutor(Executor):
    """Runs parts side by side on one GPU.

    A small network leaves most of a GPU idle, and what others add has to come from the same
    process, as processes take turns on a GPU. So each part runs in a thread, and what it launches
    goes to the stream of that thread.

    Args:
        n_workers: how many parts run at the same time.
        device: the GPU. On a CPU there are only threads.
    """

    caller_works: ClassVar[bool] = False

    def __init__(self, n_workers: int, device: torch.device) -> None:
        self.n_workers = n_workers
        self._device = device
        self._pool: ThreadPoolExecutor | None = None
        self._running: list[Future[Any]] = []
        self._stopped = threading.Event()

    def available(self, parts: int) -> int:
        """Return the number of idle threads."""
        self._running = [future for future in self._running if not future.done()]
        return self.n_workers - len(self._running)

    def submit(self, job: Job[Part, Result], part: Part, on_step: OnStep) -> Future[Result]:
        """Start a part in an idle thread."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.n_workers, "stream", self._begin)
        future = self._pool.submit(self._run, job, part, on_step, self._stopped)
        self._running.append(future)
        return future

    def cancel(self) -> None:
        """Stop the running parts, and wait for that: they share the caller's memory."""
        self._stopped.set()
        wait(self._running)
        self._running, self._stopped = [], threading.Event()

    def shutdown(self) -> None:
        """End all threads."""
        self.cancel()
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def _begin(self) -> None:
        """In a new thread: all that it launches goes to a stream of its own."""
        if self._device.type == "cuda":
            torch.cuda.set_stream(torch.cuda.Stream(self._device))

    def _run(
        self, job: Job[Part, Result], part: Part, on_step: OnStep, stopped: threading.Event
    ) -> Result:
        def counted(count: int) -> None:
            if stopped.is_set():
                raise CancelledError
            on_step(count)

        if self._device.type == "cuda":  # what the caller has launched comes first
            stream = torch.cuda.current_stream(self._device)
            stream.wait_stream(torch.cuda.default_stream(self._device))
        return job(part, counted)
