"""Processes on this machine: shared work, deaths, Ctrl-C, and what is left when the parent ends.

Jobs are nested functions: those are pickled whole, as other processes cannot import this file.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

import autoequivariant.groups  # noqa: F401
from autoequivariant.training.executors import local
from autoequivariant.training.executors.executor import OnStep
from autoequivariant.training.executors.local import LocalExecutor

pytestmark = pytest.mark.slow

PATIENCE = 120  # seconds, on a machine that is busy with other things
HERE = os.getpid()


def nothing(count: int) -> None:
    pass


def job_of(do: Any = None, steps: int = 10) -> Any:
    """A job that returns its part and the process that did it, and calls `do` in that."""

    def job(part: object, on_step: OnStep) -> tuple[object, int]:
        for _ in range(steps):
            on_step(1)
            time.sleep(0.02)
        if do is not None:
            do(os.getpid())
        return part, os.getpid()

    return job


def until_shared(executor: LocalExecutor, job: Any = None) -> list[tuple[int, Any]]:
    """Run until another process has done a part."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = list(executor.run(job or job_of(), range(6), nothing))
        if len({result[1] for _, result in found}) > 1:
            return found
    raise AssertionError("no other process helped")


@pytest.fixture(scope="module")
def two() -> Iterator[LocalExecutor]:
    with LocalExecutor(2, seconds_alone=0) as executor:
        yield executor


@pytest.fixture
def shared(two: LocalExecutor) -> LocalExecutor:
    """This process and another one, which is idle and gets the first part."""
    until_shared(two)
    return two


def others(found: list[tuple[int, Any]]) -> set[int]:
    return {result[1] for _, result in found} - {HERE}


def wait_until(is_met: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not is_met():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_parts_are_shared_and_each_is_done_once(shared: LocalExecutor) -> None:
    found = until_shared(shared)
    assert sorted(number for number, _ in found) == list(range(6))
    assert all(result[0] == number for number, result in found)
    again = until_shared(shared)
    assert others(again) == others(found)


def test_shutdown_ends_the_others_and_a_later_run_works() -> None:
    executor = LocalExecutor(2, seconds_alone=0)
    until_shared(executor)
    processes = [worker.process for worker in executor._workers]
    executor.shutdown()
    assert [process.is_alive() for process in processes] == [False]
    assert list(executor.run(job_of(), [4], nothing))[0][1][0] == 4
    executor.shutdown()


@pytest.mark.parametrize(
    ("n_workers", "seconds_alone", "parts", "expected"),
    [(2, 0, 3, 1), (9, 0, 2, 2), (2, 100, 3, 0), (1, 0, 3, 0)],
)
def test_others_start_where_there_is_enough_to_do(
    n_workers: int, seconds_alone: float, parts: int, expected: int
) -> None:
    with LocalExecutor(n_workers, seconds_alone) as executor:
        list(executor.run(job_of(), range(parts), nothing))
        assert len(executor._workers) == expected


@pytest.mark.parametrize(("is_daemonic", "expected"), [(True, 0), (False, 1)])
def test_a_process_that_may_have_no_children_starts_none(
    is_daemonic: bool, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "current_process", lambda: SimpleNamespace(daemon=is_daemonic))
    with LocalExecutor(2, seconds_alone=0) as executor:
        list(executor.run(job_of(), range(3), nothing))
        assert len(executor._workers) == expected


def test_steps_of_all_are_counted_here(shared: LocalExecutor) -> None:
    counts: list[int] = []
    list(shared.run(job_of(steps=50), range(4), counts.append))
    assert sum(counts) == 200
    assert len(counts) < 200  # another process reports several at a time


def test_on_step_stops_all_and_they_can_be_used_again(
    shared: LocalExecutor, tmp_path: Path
) -> None:
    def endless(part: object, on_step: OnStep) -> None:
        while True:
            on_step(1)
            Path(tmp_path, str(os.getpid())).touch()
            time.sleep(0.01)

    def stop(count: int) -> None:
        if {int(path.name) for path in tmp_path.iterdir()} - {HERE}:
            raise KeyboardInterrupt

    found = until_shared(shared)
    with pytest.raises(KeyboardInterrupt):
        list(shared.run(endless, range(2), stop))
    again = until_shared(shared)
    assert sorted(number for number, _ in again) == list(range(6))
    assert others(again) == others(found)


@pytest.mark.parametrize(("seconds", "is_kept"), [(PATIENCE, True), (0, False)])
def test_a_stopped_part_may_end_its_step(
    shared: LocalExecutor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    seconds: float,
    is_kept: bool,
) -> None:
    """As one that leaves a checkpoint; no longer than a moment, as some steps are long."""
    started, kept, go_on = (tmp_path / name for name in ("started", "kept", "go_on"))

    def endless(part: object, on_step: OnStep) -> None:
        try:
            while True:
                on_step(1)
                if os.getpid() != HERE:
                    started.touch()
        finally:
            if os.getpid() != HERE:
                while not go_on.exists():
                    time.sleep(0.01)
                kept.touch()

    def stop(count: int) -> None:
        if started.exists():
            raise KeyboardInterrupt

    if is_kept:
        go_on.touch()
    monkeypatch.setattr(local, "STOP_SECONDS", seconds)
    until_shared(shared)
    with pytest.raises(KeyboardInterrupt):
        list(shared.run(endless, range(2), stop))
    assert kept.exists() == is_kept
    go_on.touch()


@pytest.mark.parametrize("here", [True, False])
def test_a_failure_is_raised_here(shared: LocalExecutor, here: bool) -> None:
    def fail(process: int) -> None:
        if (process == HERE) == here:
            raise ValueError("a part failed")

    with pytest.raises(ValueError, match="a part failed") as caught:
        list(shared.run(job_of(fail), range(6), nothing))
    assert hasattr(caught.value, "__notes__") is not here  # the other's traceback


def test_an_error_that_cannot_be_pickled_is_raised_all_the_same(shared: LocalExecutor) -> None:
    class OddError(Exception):
        def __init__(self, one: int, two: int) -> None:
            super().__init__(f"odd {one + two}")

    def fail(part: object, on_step: OnStep) -> None:
        time.sleep(0.1)
        if part == 0:
            raise OddError(1, 2)

    with pytest.raises(OddError, match="odd 3"):
        list(shared.run(fail, range(6), nothing))


def test_a_result_that_cannot_be_pickled_is_an_error(shared: LocalExecutor) -> None:
    def lock(part: object, on_step: OnStep) -> Any:
        time.sleep(0.1)
        return None if os.getpid() == HERE else threading.Lock()

    with pytest.raises(TypeError, match="pickle"):
        list(shared.run(lock, range(6), nothing))


def test_if_a_process_dies_its_part_runs_again(shared: LocalExecutor) -> None:
    def die(process: int) -> None:
        if process != HERE:
            os._exit(1)

    found = until_shared(shared)
    done = sorted(shared.run(job_of(die), range(6), nothing))
    assert done == [(number, (number, HERE)) for number in range(6)]
    again = until_shared(shared)
    assert others(again) != others(found)


def test_if_an_idle_process_dies_nothing_is_lost(shared: LocalExecutor) -> None:
    (other,) = others(until_shared(shared))
    os.kill(other, signal.SIGTERM)
    found = until_shared(shared)
    assert others(found).isdisjoint({other})
    assert sorted(number for number, _ in found) == list(range(6))


def test_a_process_that_cannot_start_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    def serve(pipe: object, modules: object) -> None:
        raise SystemExit(3)

    monkeypatch.setattr(local, "_serve", serve)
    with LocalExecutor(2, seconds_alone=0) as executor:
        list(executor.run(job_of(), range(2), nothing))
        (worker,) = executor._workers
        wait_until(lambda: not worker.listener.is_alive())
        found = list(executor.run(job_of(), range(2), nothing))
        assert others(found) == set()
        assert executor._workers == [worker]


def test_the_job_is_pickled_once_and_a_part_only_where_it_is_sent(
    shared: LocalExecutor,
) -> None:
    pickled: list[object] = []

    class Counted:
        def __init__(self, what: Any) -> None:
            self.what = what

        def __call__(self, part: Any, on_step: OnStep) -> Any:
            return self.what(part.what if isinstance(part, Counted) else part, on_step)

        def __reduce__(self) -> tuple[Any, ...]:
            pickled.append(self)
            return (lambda what: what), (self.what,)

    pickled.clear()
    job, parts = Counted(job_of()), [Counted(number) for number in range(6)]
    found = list(shared.run(job, parts, nothing))
    helped = [parts[number] for number, result in found if result[1] != HERE]
    assert helped
    assert [one for one in pickled if one is job] == [job]
    assert sorted(map(id, pickled)) == sorted(map(id, [job, *helped]))


def test_a_process_is_ready_once_it_has_imported_what_jobs_use(shared: LocalExecutor) -> None:
    def imported(part: object, on_step: OnStep) -> tuple[set[str], int]:
        time.sleep(0.1)
        return {name for name in sys.modules if name.startswith("autoequivariant.")}, os.getpid()

    here = imported(0, nothing)[0]
    assert "autoequivariant.groups" in here
    found = until_shared(shared, imported)
    assert all(result[0] >= here for _, result in found)


def test_tensors_come_back_whole(shared: LocalExecutor) -> None:
    def square(part: torch.Tensor, on_step: OnStep) -> tuple[torch.Tensor, int]:
        time.sleep(0.1)
        return part @ part, os.getpid()

    parts = [torch.randn(200, 200, generator=torch.Generator().manual_seed(k)) for k in range(6)]
    found = list(shared.run(square, parts, nothing))
    assert others([(number, result) for number, result in found])
    assert all(torch.equal(result[0], parts[number] @ parts[number]) for number, result in found)


SCRIPT = """
import os, signal, sys, time
from autoequivariant.training.executors.local import LocalExecutor

def job(part, on_step):
    for _ in range(part):
        on_step(1)
        time.sleep(0.02)
    print("from", os.getpid(), flush=True)
    return os.getpid()

def shared(on_step=lambda count: None):
    while True:
        found = {pid for _, pid in executor.run(job, [10] * 4, on_step)}
        if len(found) > 1:
            return found

executor = LocalExecutor(2, seconds_alone=0)
print("once", flush=True)
"""


def script(tmp_path: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Run a script without a main guard, in a process group of its own, until it and all that it
    has started have closed their output.
    """
    path = tmp_path / "script.py"
    path.write_text(SCRIPT + text)
    return subprocess.run(
        [sys.executable, path],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        start_new_session=True,
    )


ENDS = {
    "shut down": "shared(); executor.shutdown()",
    "not shut down": "shared()",
    "in the middle": "shared(); next(executor.run(job, [10000, 1], lambda count: None))",
    "killed while idle": "shared(); os.kill(os.getpid(), signal.SIGKILL)",
    "killed while busy": """
shared()
def kill(count):
    if count > 1:
        os.kill(os.getpid(), signal.SIGKILL)
list(executor.run(job, [1000] * 2, kill))
""",
    "killed while another starts": """
list(executor.run(job, [1] * 4, lambda count: None))
os.kill(os.getpid(), signal.SIGKILL)
""",
}


@pytest.mark.parametrize("end", ENDS)
def test_no_process_and_no_complaint_is_left(end: str, tmp_path: Path) -> None:
    done = script(tmp_path, ENDS[end])
    assert done.returncode == (-signal.SIGKILL if "killed" in end else 0)
    assert done.stderr == ""
    assert done.stdout.count("once") == 1  # the script is not run again elsewhere


def test_ctrl_c_is_for_the_calling_process_alone(tmp_path: Path) -> None:
    # Sent to the whole group all the time, also while the other process starts.
    text = """
signal.signal(signal.SIGINT, lambda *_: None)
first = shared(lambda count: os.killpg(0, signal.SIGINT))
assert shared(lambda count: os.killpg(0, signal.SIGINT)) == first
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    list(executor.run(job, [10000] * 4, lambda count: count > 1 and os.killpg(0, signal.SIGINT)))
except KeyboardInterrupt:
    executor.shutdown()
    print("interrupted")
"""
    done = script(tmp_path, text)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "interrupted"
