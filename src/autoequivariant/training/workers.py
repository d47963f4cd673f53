"""Work in several processes, each of which uses one thread.

Torch by default gives each operation to all cores, and waits for the last of them each time. A
training step of small networks is hundreds of operations, so that waiting costs time, and far more
where another program wants a core, too (`python benchmarks/cores.py`). A process for each core
needs no waiting, does not share Python's lock as threads of our own would, and its sums are not
divided, so that they do not depend on the number of cores.

A helping process is told what to do through its pipes. It takes seconds to start, so none is where
there is little to do, and this process begins alone and shares what is left once another is ready.
One that dies is not missed: its part is done here.
"""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, Generic, TypeVar, cast

import torch

Part = TypeVar("Part")
Result = TypeVar("Result")
OnStep = Callable[[int], None]
Job = Callable[[Part, OnStep], Result]
"""Does one part, and calls the other argument before every step with how much the step is of it."""

# Not `multiprocessing`: that would run a person's script once more in each process.
_CODE = "from autoequivariant.training.workers import help_first_process as help; help()"
_SECONDS_BETWEEN_MESSAGES = 0.1
SECONDS_ALONE = 3.0
"""What is done sooner than another process has started is best done alone."""


class Workers:
    """The process that this is made in, and others that help it.

    Args:
        processes: how many in all. Default: as many as torch has threads.
        seconds_alone: how long to work before others are started.

    `close` ends the others; so does the end of this process.
    """

    def __init__(self, processes: int | None = None, seconds_alone: float = SECONDS_ALONE) -> None:
        self.processes = torch.get_num_threads() if processes is None else processes
        self.inbox: queue.Queue[tuple[_Other, Any]] = queue.Queue()
        self._others: list[_Other] = []
        self._left_alone = seconds_alone
        self._runs = 0

    def run(
        self, job: Job[Part, Result], parts: Sequence[Part], on_step: OnStep
    ) -> Iterator[tuple[int, Result]]:
        """Do all parts, and yield each one's number and result as it is ready.

        Args:
            job: what to do with a part. It and the parts are pickled for other processes.
            parts: what there is to do.
            on_step: called here, with how much was done since. Whatever it raises stops all.
        """
        self._runs += 1
        start = time.monotonic()
        run = _Run(self, job, parts, on_step, self._runs)
        try:
            with one_thread():
                yield from run.results()
        finally:
            self._left_alone -= time.monotonic() - start
            run.stop()

    def others(self, wanted: int, seconds: float) -> list[_Other]:
        """Return the processes that help; start them where that is worth it.

        Args:
            wanted: how many could have something to do.
            seconds: since when the run lasts.
        """
        self._others = [other for other in self._others if other.is_alive]
        if seconds >= self._left_alone:
            while len(self._others) < min(wanted, self.processes - 1):
                self._others.append(_Other(self.inbox))
        return self._others

    def close(self) -> None:
        """End the other processes."""
        for other in self._others:
            other.end()
        self._others = []

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Run(Generic[Part, Result]):
    """One call of `Workers.run`."""

    def __init__(
        self,
        workers: Workers,
        job: Job[Part, Result],
        parts: Sequence[Part],
        on_step: OnStep,
        number: int,
    ) -> None:
        self.workers = workers
        self.job = job
        self.pickled: bytes | None = None
        self.waiting = deque(enumerate(parts))
        self.on_step = on_step
        self.number = number
        self.start = time.monotonic()
        self.given: dict[_Other, tuple[int, Part]] = {}
        self.ready: list[tuple[int, Result]] = []

    def results(self) -> Iterator[tuple[int, Result]]:
        while self.waiting or self.given or self.ready:
            self.listen()
            if self.ready:
                yield self.ready.pop(0)
            elif self.waiting:
                number, part = self.waiting.popleft()
                yield number, self.job(part, self.step)
            elif self.given:
                self.listen(_SECONDS_BETWEEN_MESSAGES)
                self.on_step(0)

    def step(self, count: int) -> None:
        self.on_step(count)
        self.listen()

    def listen(self, seconds: float = 0.0) -> None:
        """Take what the others say, and give them something to do."""
        with suppress(queue.Empty):
            self.hear(*self.workers.inbox.get(block=seconds > 0, timeout=seconds or None))
            while True:
                self.hear(*self.workers.inbox.get_nowait())
        wanted = len(self.waiting) + len(self.given)
        for other in self.workers.others(wanted, time.monotonic() - self.start):
            if other.is_idle and self.waiting:
                self.give(other)

    def give(self, other: _Other) -> None:
        if self.pickled is None:
            self.pickled = pickle.dumps(self.job)
        number, part = self.waiting.popleft()
        self.given[other] = number, part
        other.is_idle = False
        if other.run != self.number:
            other.tell(("job", self.pickled))
            other.run = self.number
        other.tell(("part", self.number, part))

    def hear(self, other: _Other, message: Any) -> None:
        match message:
            case ("ready",):
                other.is_idle = True
            case ("steps", run, count) if run == self.number:
                self.on_step(count)
            case ("done", run, result):
                other.is_idle = True
                if run == self.number:
                    number, _ = self.given.pop(other)
                    self.ready.append((number, result))
            case ("failed", run, error):
                other.is_idle = True
                if run == self.number:
                    self.given.pop(other)
                    raise error
            case None:  # it is dead
                other.is_alive = other.is_idle = False
                if other in self.given:
                    self.waiting.appendleft(self.given.pop(other))

    def stop(self) -> None:
        for other in self.given:
            other.tell(("stop",))


class _Other:
    """Another process, as seen from this one.

    Attributes:
        is_alive: whether it was when it last said something.
        is_idle: whether it waits for something to do.
        run: the run whose job it knows.
    """

    def __init__(self, inbox: queue.Queue[tuple[_Other, Any]]) -> None:
        self.is_alive = True
        self.is_idle = False
        self.run = 0
        # In a session of its own: a Ctrl-C is for this process, which tells the others.
        self._process = subprocess.Popen(
            [sys.executable, "-c", _CODE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen, args=(inbox,), daemon=True)
        self._listener.start()

    def tell(self, message: Any) -> None:
        # To a dead one nothing can be told; its listener says so.
        with suppress(OSError):
            _write(cast(BinaryIO, self._process.stdin), message)

    def end(self) -> None:
        self._process.kill()  # it has nothing to lose
        self._process.wait()
        self._listener.join()
        with suppress(OSError):
            cast(BinaryIO, self._process.stdin).close()
        cast(BinaryIO, self._process.stdout).close()

    def _listen(self, inbox: queue.Queue[tuple[_Other, Any]]) -> None:
        for message in _messages(cast(BinaryIO, self._process.stdout)):
            inbox.put((self, message))
        inbox.put((self, None))


@contextmanager
def one_thread() -> Iterator[None]:
    """Within it, a torch operation uses only the thread that asks for it."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _write(pipe: BinaryIO, message: Any) -> None:
    pipe.write(pickle.dumps(message))  # whole or not at all
    pipe.flush()


def _messages(pipe: BinaryIO) -> Iterator[Any]:
    while True:
        try:
            yield pickle.load(pipe)
        except (EOFError, OSError, pickle.UnpicklingError):
            return


class _StoppedError(Exception):
    """The process that this one helps has no more use for what it does."""


class _Helper:
    """A helping process, from its own side.

    Args:
        orders, answers: from and to the first process.
    """

    def __init__(self, orders: BinaryIO, answers: BinaryIO) -> None:
        self._answers = answers
        self._inbox: queue.Queue[Any] = queue.Queue()
        self._run = self._count = 0
        self._last = time.monotonic()
        threading.Thread(target=self._listen, args=(orders,), daemon=True).start()

    def serve(self) -> None:
        torch.set_num_threads(1)
        _write(self._answers, ("ready",))
        job: Job[Any, Any] | None = None
        while (order := self._inbox.get()) is not None:
            match order:
                case ("job", pickled):
                    job = pickle.loads(pickled)
                case ("part", run, part) if job is not None:
                    self._run, self._count = run, 0
                    _write(self._answers, self._answer(job, part))

    def _answer(self, job: Job[Any, Any], part: Any) -> tuple[str, int, Any]:
        try:
            result = job(part, self._step)
            self._tell_steps()
            return "done", self._run, result
        except _StoppedError as error:
            return "failed", 0, error
        except Exception as error:
            return "failed", self._run, error

    def _step(self, count: int) -> None:
        if not self._inbox.empty():
            raise _StoppedError
        self._count += count
        if time.monotonic() - self._last >= _SECONDS_BETWEEN_MESSAGES:
            self._tell_steps()

    def _tell_steps(self) -> None:
        _write(self._answers, ("steps", self._run, self._count))
        self._count, self._last = 0, time.monotonic()

    def _listen(self, orders: BinaryIO) -> None:
        for order in _messages(orders):
            self._inbox.put(order)
        self._inbox.put(None)


def help_first_process() -> None:
    """What a helping process does: whatever it is told on standard input."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever is printed is no answer
    with suppress(BrokenPipeError):
        _Helper(sys.stdin.buffer, answers).serve()
