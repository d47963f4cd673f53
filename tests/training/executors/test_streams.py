"""Parts in threads: side by side, in any order, stopped together."""

import threading

import pytest
import torch

from autoequivariant.training.executors.executor import OnStep
from autoequivariant.training.executors.streams import StreamsExecutor

CPU = torch.device("cpu")
DEVICES = [CPU, *([torch.device("cuda")] if torch.cuda.is_available() else [])]


def squared(part: int, on_step: OnStep) -> int:
    on_step(part)
    return part**2


@pytest.mark.parametrize("device", DEVICES, ids=str)
@pytest.mark.parametrize("n", [0, 1, 3, 20])
def test_results_and_steps(n: int, device: torch.device) -> None:
    steps: list[int] = []
    with StreamsExecutor(3, device) as executor:
        found = dict(executor.run(squared, range(n), steps.append))
        again = dict(executor.run(squared, range(n), steps.append))
    assert found == again == {k: k**2 for k in range(n)}
    assert sum(steps) == 2 * sum(range(n))


def test_parts_run_at_the_same_time() -> None:
    everyone = threading.Barrier(3)

    def meet(part: int, on_step: OnStep) -> int:
        everyone.wait()  # would be broken, were there fewer threads
        return part

    with StreamsExecutor(3, CPU) as executor:
        assert sorted(executor.run(meet, range(3), lambda count: None)) == [(0, 0), (1, 1), (2, 2)]


def test_a_part_that_fails_stops_the_others() -> None:
    stopped = threading.Event()
    started = threading.Barrier(2)

    def work(part: int, on_step: OnStep) -> None:
        started.wait()
        if part == 0:
            raise ValueError("of part 0")
        try:
            while True:
                on_step(1)
        finally:
            stopped.set()

    with StreamsExecutor(2, CPU) as executor, pytest.raises(ValueError, match="of part 0"):
        list(executor.run(work, range(2), lambda count: None))
    assert stopped.is_set()


def test_an_interrupt_stops_all_parts_before_it_propagates() -> None:
    running = set(range(3))

    def work(part: int, on_step: OnStep) -> None:
        try:
            while True:
                on_step(1)
        finally:
            running.discard(part)

    def interrupt(count: int) -> None:
        if count:
            raise KeyboardInterrupt

    executor = StreamsExecutor(3, CPU)
    with pytest.raises(KeyboardInterrupt):
        list(executor.run(work, range(3), interrupt))
    assert not running
    assert dict(executor.run(squared, [5], lambda count: None)) == {0: 25}
    executor.shutdown()


def test_parts_that_follow_from_results() -> None:
    """As a search without rounds asks for them."""
    asked = iter([1, 2, None, 3])
    with StreamsExecutor(2, CPU) as executor:
        found = executor.run(squared, lambda: next(asked, None), lambda count: None)
        assert sorted(result for _, result in found) == [1, 4, 9]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="not here: no CUDA device")
def test_each_thread_has_a_stream() -> None:
    everyone = threading.Barrier(3)

    def stream_of(part: int, on_step: OnStep) -> int:
        everyone.wait()
        return int(torch.cuda.current_stream().cuda_stream)

    with StreamsExecutor(3, torch.device("cuda")) as executor:
        found = {stream for _, stream in executor.run(stream_of, range(3), lambda count: None)}
    assert len(found - {torch.cuda.default_stream().cuda_stream}) == 3
