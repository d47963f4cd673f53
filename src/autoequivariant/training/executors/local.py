"""Processes on this machine, one for each core, with one thread each.

Torch distributes each operation over all cores and waits for the slowest. A training step of small
networks has hundreds of operations, so this wait is expensive, above all when another program uses
a core (`python benchmarks/cores.py`). Processes do not wait for each other.

They are started by loky, which does not rerun the main script. Its pool is not used: its workers
outlive a killed parent and leave "leaked semlock objects" on stderr; each prints a traceback after
Ctrl-C; if one dies, all end; with psutil installed, one that grows by 300 MB ends; and a running
part can neither report progress nor stop. One pipe to each process solves all of these.
"""

from __future__ import annotations

import importlib
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Future, wait
from contextlib import suppress
from multiprocessing import Pipe, current_process, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

import torch
from joblib.externals.loky.backend import get_context
from joblib.externals.loky.backend import resource_tracker as loky_tracker
from joblib.externals.loky.backend.reduction import dumps

from autoequivariant.memory import suit_training
from autoequivariant.training.executors.executor import (
    REPORT_SECONDS,
    Executor,
    Job,
    OnStep,
    Part,
    Result,
)

SECONDS_ALONE = 1.5
"""About the time in which a process starts: shorter jobs end sooner without others."""
STOP_SECONDS = 2.0
"""The longest wait for parts that are stopped: most steps are shorter, checkpoints included."""
_STOP = b""


class LocalExecutor(Executor):
    """The calling process, and other processes for long jobs.

    Args:
        n_workers: number of processes, the calling one included. Default: torch's threads.
        seconds_alone: time from the first part to the start of the other processes.
    """

    def __init__(self, n_workers: int | None = None, seconds_alone: float = SECONDS_ALONE) -> None:
        self.n_workers = torch.get_num_threads() if n_workers is None else n_workers
        self._seconds_alone = seconds_alone
        self._start: float | None = None
        self._workers: list[_Worker] = []
        self._job: object = None
        self._pickled = b""

    def available(self, parts: int) -> int:
        """Return the number of idle processes; start some once the job has taken long enough."""
        for worker in [worker for worker in self._workers if worker.is_lost]:
            worker.end()
            self._workers.remove(worker)
        self._start = self._start or time.monotonic()
        is_worth_it = time.monotonic() - self._start >= self._seconds_alone
        if is_worth_it and not current_process().daemon:  # a daemon may not start processes
            while len(self._workers) < min(parts, self.n_workers - 1):
                self._workers.append(_Worker())
        return sum(worker.is_idle for worker in self._workers)

    def submit(self, job: Job[Part, Result], part: Part, on_step: OnStep) -> Future[Result]:
        """Send a part to an idle process, with the job if that process does not have it."""
        if job is not self._job:
            self._job, self._pickled = job, bytes(dumps(job))
        worker = next(worker for worker in self._workers if worker.is_idle)
        return worker.submit(self._pickled, part, on_step)

    def cancel(self) -> None:
        """Stop the running parts; the processes stay for the next run.

        Waits a moment for their current steps, so that they can leave checkpoints.
        """
        self._job, self._pickled = None, b""
        for worker in self._workers:
            worker.stop()
        wait([worker.future for worker in self._workers], STOP_SECONDS)

    def shutdown(self) -> None:
        """End the other processes."""
        self._start = None
        while self._workers:
            self._workers.pop().end()


class _Worker:
    """The calling process's side of a worker process."""

    def __init__(self) -> None:
        self.pipe, end = Pipe()
        package = __name__.partition(".")[0]
        modules = [name for name in sys.modules if name.startswith(f"{package}.")]
        self.process = get_context("loky").Process(target=_serve, args=(end, modules), daemon=True)
        _start_without_ctrl_c(self.process)
        end.close()
        self.is_ready = False
        self.job = b""
        self.on_step: OnStep = lambda count: None
        self.future: Future[Any] = Future()
        self.future.set_result(None)
        self.listener = threading.Thread(target=self.listen, daemon=True)
        self.listener.start()

    @property
    def is_idle(self) -> bool:
        return self.is_ready and self.future.done() and self.listener.is_alive()

    @property
    def is_lost(self) -> bool:
        # A worker that failed to start stays listed, so that none is started again in vain.
        return self.is_ready and not self.listener.is_alive()

    def submit(self, job: bytes, part: Any, on_step: OnStep) -> Future[Any]:
        message = dumps((b"" if job is self.job else job, part))
        self.job, self.on_step, self.future = job, on_step, Future()
        try:
            self.pipe.send_bytes(message)
        except OSError as error:
            raise BrokenExecutor("a worker has died") from error
        return self.future

    def stop(self) -> None:
        if not self.future.done():
            with suppress(OSError):
                self.pipe.send_bytes(_STOP)

    def listen(self) -> None:
        with suppress(Exception):  # the worker is dead or sends nonsense: its part runs elsewhere
            while True:
                match pickle.loads(self.pipe.recv_bytes()):
                    case "ready":
                        self.is_ready = True
                    case int(count):
                        self.on_step(count)
                    case ("done", result):
                        self.future.set_result(result)
                    case ("failed", error):
                        self.future.set_exception(error)
        if not self.future.done():
            self.future.set_exception(BrokenExecutor("a worker has died"))

    def end(self) -> None:
        self.process.terminate()
        self.process.join()
        self.listener.join()
        self.pipe.close()


def _start_without_ctrl_c(process: BaseProcess) -> None:
    """Start a process that ignores Ctrl-C from the start, also while it imports torch."""
    if sys.platform == "win32":
        process.start()
        return
    for tracker in (resource_tracker, loky_tracker):
        tracker.ensure_running()  # a tracker that starts later would unblock the signal
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(pipe: Connection, modules: Sequence[str]) -> None:
    """In a worker process: run the parts that the pipe delivers until it closes."""
    suit_training()
    for name in modules:  # jobs use them; no part should wait for these imports
        importlib.import_module(name)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)
    job: Any = None
    steps, reported = 0, 0.0

    def report() -> None:
        nonlocal steps, reported
        pipe.send_bytes(dumps(steps))
        steps, reported = 0, time.monotonic()

    def on_step(count: int) -> None:
        nonlocal steps
        if time.monotonic() - reported >= REPORT_SECONDS:
            if pipe.poll():  # _STOP, or the calling process is dead
                raise CancelledError
            report()
        steps += count

    with suppress(EOFError, OSError):  # the calling process is dead
        pipe.send_bytes(dumps("ready"))
        while True:
            if (message := pipe.recv_bytes()) == _STOP:
                continue
            try:
                pickled, part = pickle.loads(message)
                job = pickle.loads(pickled) if pickled else job
                answer = dumps(("done", job(part, on_step)))
            except Exception as error:
                error.add_note(traceback.format_exc())
                answer = dumps(("failed", error))
            report()
            pipe.send_bytes(answer)
