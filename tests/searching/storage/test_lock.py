"""Locks that end with their process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from autoequivariant.errors import RunError
from autoequivariant.searching.storage.lock import Lock
from autoequivariant.searching.storage.run_folder import LOCK, RunFolder

HOLD = """
import sys, time
from pathlib import Path
from autoequivariant.searching.storage.lock import Lock
lock = Lock(Path(sys.argv[1]))
print("locked", flush=True)
time.sleep(1000)
"""


def test_one_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first = Lock(path)
    with pytest.raises(BlockingIOError):
        Lock(path)
    first.release()
    first.release()
    second = Lock(path)
    with pytest.raises(BlockingIOError):
        Lock(path)
    second.release()


def test_a_killed_process_has_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holding:
        assert holding.stdout is not None
        assert holding.stdout.readline() == "locked\n"
        with pytest.raises(BlockingIOError):
            Lock(path)
        os.kill(holding.pid, signal.SIGKILL)
    Lock(path).release()


def test_a_folder_is_of_one_process(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run", {"seed": 1}, {})
    with pytest.raises(RunError, match="run is in use by another process: wait .*--storage"):
        RunFolder(tmp_path / "run", {"seed": 1}, {})
    folder.close()
    RunFolder(tmp_path / "run", {"seed": 1}, {}).close()


def test_a_folder_with_only_a_lock_is_empty(tmp_path: Path) -> None:
    (tmp_path / LOCK).touch()
    RunFolder(tmp_path, {"seed": 1}, {}).close()


def test_a_folder_of_something_else_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").touch()
    with pytest.raises(RunError, match="other files"):
        RunFolder(tmp_path, {"seed": 1}, {})
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_file_system_without_locks_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr("fcntl.flock", refuse)
    Lock(tmp_path / "lock").release()


def test_a_folder_without_its_process_has_no_file_of_the_lock(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run", {"seed": 1}, {})
    assert (tmp_path / "run" / LOCK).exists()
    with pytest.raises(RunError):
        RunFolder(tmp_path / "run", {"seed": 1}, {})
    assert (tmp_path / "run" / LOCK).exists()  # it is not that process's to remove
    folder.close()
    assert not (tmp_path / "run" / LOCK).exists()


def test_a_file_that_its_owner_removes_is_not_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, acquire, tries = tmp_path / "lock", Lock._acquire, list[int]()

    def removed_meanwhile(lock: Lock, waits: bool) -> None:
        tries.append(lock.file)
        if len(tries) == 1:
            path.unlink()
        acquire(lock, waits)

    monkeypatch.setattr(Lock, "_acquire", removed_meanwhile)
    lock = Lock(path)
    assert len(tries) == 2
    with pytest.raises(BlockingIOError):
        Lock(path)
    lock.release()
