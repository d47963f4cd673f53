"""Work in processes: each part once; a failure or a stop ends all; a dead process is not missed."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from autoequivariant.training.workers import OnStep, Workers, one_thread

SECONDS = 60
CALL = "lambda part, on_step: exec({!r}, found := locals()) or found['result']"


class Told:
    """A job made of source text: other processes do not have this file."""

    def __init__(self, text: str) -> None:
        self.code = CALL.format(text)

    def __call__(self, part: object, on_step: OnStep) -> object:
        return eval(self.code)(part, on_step)

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return eval, (self.code,)


STEPS = """
import os, time
for _ in range(10):
    on_step(1)
    time.sleep(0.02)
result = part, os.getpid()
"""


def nothing(count: int) -> None:
    pass


def until_shared(workers: Workers, text: str = STEPS) -> list[tuple[int, object]]:
    """Run until another process has done something."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        found = list(workers.run(Told(text), range(6), nothing))
        if len({result[1] for _, result in found}) > 1:
            return found
    raise AssertionError("no other process helped")


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_alone(count: int) -> None:
    with Workers(1) as workers:
        found = dict(workers.run(Told(STEPS), range(count), nothing))
    assert found == {number: (number, os.getpid()) for number in range(count)}


def test_parts_are_shared_and_each_is_done_once() -> None:
    with Workers(2, seconds_alone=0) as workers:
        found = until_shared(workers)
        assert sorted(number for number, _ in found) == list(range(6))
        assert all(result[0] == number for number, result in found)
        again = list(workers.run(Told(STEPS), range(4), nothing))  # by the same processes
        assert {result[1] for _, result in again} == {result[1] for _, result in found}
    assert list(workers.run(Told("result = 3"), [0], nothing)) == [(0, 3)]  # closed: alone


def test_none_is_started_where_there_is_little_to_do() -> None:
    with Workers(2, seconds_alone=100) as workers:
        found = list(workers.run(Told(STEPS), range(4), nothing))
        assert {result[1] for _, result in found} == {os.getpid()}
        assert workers.others(0, 0) == []


def test_steps_of_all_are_counted_here() -> None:
    counts = []
    with Workers(2, seconds_alone=0) as workers:
        until_shared(workers)
        list(workers.run(Told(STEPS.replace("range(10)", "range(50)")), range(4), counts.append))
    assert sum(counts) == 200


def test_on_step_stops_all_and_they_can_be_used_again() -> None:
    def stop(count: int) -> None:
        raise KeyboardInterrupt

    with Workers(2, seconds_alone=0) as workers:
        until_shared(workers)
        started = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            list(workers.run(Told(STEPS.replace("range(10)", "range(3000)")), range(2), stop))
        found = list(workers.run(Told(STEPS), range(6), nothing))
        assert time.monotonic() - started < 50  # instead of 60 seconds for one part
    assert sorted(number for number, _ in found) == list(range(6))
    assert all(result[0] == number for number, result in found)


@pytest.mark.parametrize("here", [True, False])
def test_a_failure_is_told(here: bool) -> None:
    text = f"""
import os, time
time.sleep(0.1)
if (os.getpid() == {os.getpid()}) == {here}:
    raise ValueError("a piece failed")
result = part
"""
    with Workers(2, seconds_alone=0) as workers:
        until_shared(workers)
        with pytest.raises(ValueError, match="a piece failed"):
            list(workers.run(Told(text), range(6), nothing))


def test_a_process_that_dies_is_not_missed() -> None:
    text = f"""
import os, time
if os.getpid() != {os.getpid()}:
    os._exit(1)
time.sleep(0.1)
result = part
"""
    with Workers(2, seconds_alone=0) as workers:
        until_shared(workers)
        assert sorted(workers.run(Told(text), range(6), nothing)) == [(k, k) for k in range(6)]
        until_shared(workers)  # another was started


def test_what_is_printed_does_not_disturb() -> None:
    text = STEPS + "\nprint('hello')\nos.system('echo hello')\n"
    with Workers(2, seconds_alone=0) as workers:
        assert len(until_shared(workers, text)) == 6


def test_a_script_without_a_main_guard_is_not_run_again(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from autoequivariant.training.workers import Workers\n"
        "print('once')\n"
        "workers = Workers(2, seconds_alone=0)\n"
        "workers.others(1, 0)\n"
        "assert workers.inbox.get(timeout=60)[1] == ('ready',)\n"
        "workers.close()\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert done.stdout == "once\n"


def test_torch_uses_one_thread_and_gets_the_others_back() -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        threads = "import torch; time = __import__('time'); time.sleep(0.1); on_step(1);"
        threads += "import os; result = torch.get_num_threads(), os.getpid()"
        with Workers(2, seconds_alone=0) as workers:
            found = until_shared(workers, threads)
        assert {result[0] for _, result in found} == {1}
        assert torch.get_num_threads() == 2
        with pytest.raises(KeyError), one_thread():
            assert torch.get_num_threads() == 1
            raise KeyError
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
