"""Work in threads: results in order, one failure stops all, torch's threads are given back."""

import threading
import time
from collections.abc import Callable

import pytest
import torch

from autoequivariant.search.side_by_side import OnStep, side_by_side

Work = Callable[[OnStep], int]


def nothing() -> None:
    pass


def steps(result: int, count: int = 5, seconds: float = 0.0) -> Work:
    def work(on_step: OnStep) -> int:
        for _ in range(count):
            on_step()
            time.sleep(seconds)
        return result

    return work


def failing(on_step: OnStep) -> int:
    raise ValueError("a piece failed")


@pytest.mark.parametrize("count", [1, 2, 5])
def test_results_in_order(count: int) -> None:
    works = [steps(number, seconds=0.001 * (count - number)) for number in range(count)]
    assert side_by_side(works, nothing) == list(range(count))


def test_they_run_at_the_same_time_and_the_first_here() -> None:
    both = threading.Barrier(2, timeout=30)
    threads: list[threading.Thread] = []

    def work(on_step: OnStep) -> int:
        both.wait()  # is reached by both only if they run together
        threads.append(threading.current_thread())
        return threading.current_thread() is threading.main_thread()

    assert side_by_side([work, work], nothing) == [True, False]
    assert len(set(threads)) == 2


def test_only_the_first_calls_on_step() -> None:
    callers = []
    side_by_side([steps(0), steps(1), steps(2)], lambda: callers.append(threading.current_thread()))
    assert callers == [threading.main_thread()] * 5


def test_on_step_stops_all() -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        side_by_side([steps(0), steps(1, count=10_000, seconds=0.01)], stop)
    assert time.monotonic() - started < 50  # instead of 100 seconds


@pytest.mark.parametrize("place", [0, 1])
def test_a_failure_is_told_and_stops_the_others(place: int) -> None:
    works = [steps(1, count=10_000, seconds=0.01)] * 2
    works[place] = failing
    started = time.monotonic()
    with pytest.raises(ValueError, match="a piece failed"):
        side_by_side(works, nothing)
    assert time.monotonic() - started < 50


def test_torch_uses_one_thread_and_gets_the_others_back() -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        found = side_by_side([lambda _: torch.get_num_threads()] * 3, nothing)
        assert found == [1, 1, 1]
        assert torch.get_num_threads() == 2
        with pytest.raises(ValueError, match="a piece failed"):
            side_by_side([failing], nothing)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
