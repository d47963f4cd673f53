"""Pieces of work side by side, each in one thread.

Torch by default gives each operation to all cores, and waits for the last of them each time. A
training step of small networks is hundreds of operations, so where another program wants a core
too, that waiting makes it ten times slower. One thread for each piece of work needs no waiting; and
sums that are not divided among threads do not depend on the number of cores.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import torch

Result = TypeVar("Result")
OnStep = Callable[[], None]


class _StoppedError(Exception):
    """Another piece of work failed or was interrupted."""


def side_by_side(works: Sequence[Callable[[OnStep], Result]], on_step: OnStep) -> list[Result]:
    """Do all `works` at the same time and return their results, in order.

    Args:
        works: each is given what it has to call before every step. The first is done in the
            calling thread, so that it alone meets signals, progress bars and deadlines.
        on_step: what the first calls. Where it or any work raises, all stop at their next step.
    """
    stop = threading.Event()

    def stopping(work: Callable[[OnStep], Result], step: OnStep) -> Result:
        try:
            return work(step)
        except BaseException:
            stop.set()
            raise

    def other_step() -> None:
        if stop.is_set():
            raise _StoppedError

    def first_step() -> None:
        other_step()
        on_step()

    with _one_thread_each(), ThreadPoolExecutor(max(1, len(works) - 1)) as pool:
        others = [pool.submit(stopping, work, other_step) for work in works[1:]]
        try:
            first = stopping(works[0], first_step)
        except _StoppedError:
            failures = [other.exception() for other in others]
            raise next(e for e in failures if e and not isinstance(e, _StoppedError)) from None
        return [first, *(other.result() for other in others)]


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Within it, a torch operation uses only the thread that asks for it."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
