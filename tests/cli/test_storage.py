"""Processes that share one search: each network is trained once, and any of them may die."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from ..postgresql import PASSWORD, Server
from ..sharing_process import SharingProcess, trained

SEARCH = [
    *("search", "digits", "--symmetries", "hflip,vflip,swap_left_right", "--no-tests"),
    *("--layers", "4x4", "--channels", "1", "--epochs", "2", "--train-size", "100"),
    *("--validation-size", "60", "--executor", "serial"),
    *("--memory-limit", "0.0006"),  # few networks at once: several trainings before the end
]
KINDS = ("postgresql", "sqlite", "journal")


def without_seconds(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: without_seconds(v) for k, v in value.items() if "seconds" not in k}
    return [without_seconds(one) for one in value] if isinstance(value, list) else value


def answer(folder: Path) -> tuple[Any, bytes, str]:
    """What a run has found, except for the time that it took."""
    results = without_seconds(json.loads((folder / "results.json").read_text()))
    return results, (folder / "model.safetensors").read_bytes(), (folder / "model.json").read_text()


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, SharingProcess]:
    """The answer of a process that works alone, and the process."""
    folder = tmp_path_factory.mktemp("alone")
    process = SharingProcess.start(folder, *SEARCH, "--out", folder / "run")
    process.end()
    assert set(trained(process).values()) == {1}
    return answer(folder / "run"), process


def storage_of(kind: str, folder: Path, request: pytest.FixtureRequest) -> str:
    if kind == "postgresql":
        server: Server = request.getfixturevalue("postgresql")
        return server.make()
    return f"sqlite:///{folder}/store.db" if kind == "sqlite" else f"journal:{folder}/journal"


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_processes_share_a_search(
    kind: str,
    tmp_path: Path,
    alone: tuple[Any, SharingProcess],
    request: pytest.FixtureRequest,
) -> None:
    command = [*SEARCH, "--storage", storage_of(kind, tmp_path, request), "--out"]
    one = SharingProcess.start(tmp_path / "1", *command, tmp_path / "one", hold=2)
    one.wait_for("held")
    two = SharingProcess.start(tmp_path / "2", *command, tmp_path / "two")
    two.wait_for("wait")  # for what the first has claimed
    one.release()
    one.end()
    two.end()
    assert answer(tmp_path / "one") == answer(tmp_path / "two") == alone[0]
    assert trained(one) and trained(two)
    assert trained(one, two) == trained(alone[1])


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_process_may_die_and_another_may_join_late(
    kind: str,
    tmp_path: Path,
    alone: tuple[Any, SharingProcess],
    request: pytest.FixtureRequest,
) -> None:
    command = [*SEARCH, "--storage", storage_of(kind, tmp_path, request), "--out"]
    dying = SharingProcess.start(tmp_path / "1", *command, tmp_path / "dying", hold=2)
    dying.wait_for("held")
    other = SharingProcess.start(tmp_path / "2", *command, tmp_path / "other")
    other.wait_for("wait")
    os.kill(dying.popen.pid, signal.SIGKILL)
    other.end()
    assert trained(dying)
    assert trained(dying, other) == trained(alone[1])  # what it had claimed was not yet trained
    late = SharingProcess.start(tmp_path / "3", *command, tmp_path / "late")
    late.end()
    assert answer(tmp_path / "other") == answer(tmp_path / "late") == alone[0]
    assert not trained(late)


@pytest.mark.slow
def test_a_database_may_be_restarted(
    tmp_path: Path, postgresql: Server, alone: tuple[Any, SharingProcess]
) -> None:
    command = [*SEARCH, "--storage", postgresql.make(), "--out"]
    one = SharingProcess.start(tmp_path / "1", *command, tmp_path / "one", hold=2)
    one.wait_for("held")
    two = SharingProcess.start(tmp_path / "2", *command, tmp_path / "two")
    two.wait_for("wait")
    postgresql.stop()
    try:
        one.release()
        one.wait_for("away")  # it writes
        two.wait_for("away")  # it reads
    finally:
        postgresql.start()
    one.end()
    two.end()
    assert answer(tmp_path / "one") == answer(tmp_path / "two") == alone[0]
    assert trained(one, two) == trained(alone[1])


@pytest.mark.slow
def test_a_database_that_does_not_come_back(
    tmp_path: Path, postgresql: Server, alone: tuple[Any, SharingProcess]
) -> None:
    command = [*SEARCH, "--storage", postgresql.make(), "--out", tmp_path / "run"]
    first = SharingProcess.start(tmp_path / "1", *command, hold=2, patience=0.1)
    first.wait_for("held")
    postgresql.stop()
    try:
        first.release()
        message = first.end(code=2)
    finally:
        postgresql.start()
    assert "has not answered for 0.1 seconds" in message
    assert "nothing recorded is lost" in message
    assert message.count("\n") == 1 and PASSWORD not in message
    again = SharingProcess.start(tmp_path / "2", *command)
    again.end()
    assert answer(tmp_path / "run") == alone[0]
    assert trained(first, again) == trained(alone[1])
