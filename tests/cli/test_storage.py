"""Processes that share one search: each network is trained once, and any of them may die."""

import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import optuna
import pytest
from typer.testing import CliRunner

from autoequivariant.cli import app

from ..postgresql import PASSWORD, USER, Server
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
@pytest.mark.parametrize("kind", KINDS)
def test_a_process_that_hangs_is_not_waited_for(
    kind: str,
    tmp_path: Path,
    alone: tuple[Any, SharingProcess],
    request: pytest.FixtureRequest,
) -> None:
    command = [*SEARCH, "--storage", storage_of(kind, tmp_path, request), "--out"]
    hanging = SharingProcess.start(tmp_path / "1", *command, tmp_path / "one", hold=2, stuck=2)
    hanging.wait_for("held")  # its heart goes on beating
    other = SharingProcess.start(tmp_path / "2", *command, tmp_path / "two")
    other.end()
    hanging.release()
    hanging.end()
    assert answer(tmp_path / "one") == answer(tmp_path / "two") == alone[0]
    twice = trained(hanging, other) - trained(alone[1])
    assert twice and set(twice.values()) == {1}  # what it was at


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
    printed = one.end() + two.end()
    assert answer(tmp_path / "one") == answer(tmp_path / "two") == alone[0]
    assert trained(one, two) == trained(alone[1])
    files = [path for path in (tmp_path / "one").rglob("*") if path.is_file()]
    for password in (PASSWORD, quote(PASSWORD, safe="")):
        assert password not in printed
        assert not [path for path in files if password.encode() in path.read_bytes()]


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


# --- bad input ------------------------------------------------------------------------------------


def refused(storage: str, out: Path) -> str:
    """What `aen search` complains of; it leaves nothing, and shows no password."""
    done = CliRunner().invoke(app, [*SEARCH, "--storage", storage, "--out", str(out)])
    assert (done.exit_code, done.stdout) == (2, ""), done.exception
    assert done.stderr.startswith("aen: ") and done.stderr.count("\n") == 1
    assert not out.exists()
    for secret in (PASSWORD, quote(PASSWORD, safe=""), "wrong-word"):
        assert secret not in done.stderr
    return done.stderr


def read_only(server: Server) -> str:
    url = server.make()
    database = url.rpartition("/")[2]
    server.execute(f'ALTER DATABASE "{database}" SET default_transaction_read_only = on')
    return url


def read_only_with_tables(server: Server) -> str:
    url = server.make()
    database = url.rpartition("/")[2]
    storage = url.replace("postgresql:", "postgresql+psycopg:")
    optuna.storages.RDBStorage(storage).engine.dispose()
    server.execute(f'ALTER DATABASE "{database}" SET default_transaction_read_only = on')
    return url


def forbidden(server: Server) -> str:
    url = server.make()
    name = f"guest{url[-8:]}"
    server.execute(f"CREATE USER {name} PASSWORD 'wrong-word'")
    return url.replace(f"{USER}:{quote(PASSWORD, safe='')}", f"{name}:wrong-word")


def another_version(server: Server) -> str:
    url = server.make()
    storage = url.replace("postgresql:", "postgresql+psycopg:")
    optuna.storages.RDBStorage(storage).engine.dispose()
    database = url.rpartition("/")[2]
    server.execute("UPDATE alembic_version SET version_num = 'v3.0.0.a'", database)
    return url


WRONG: dict[str, tuple[Callable[[Server], str], str]] = {
    "password": (lambda s: s.url("postgres", "wrong-word"), "password authentication failed"),
    "user": (
        lambda s: s.url("postgres").replace(f"//{USER}:", "//stranger:"),
        "check the user and the password",
    ),
    "database": (lambda s: s.url("missing"), "create it first, as with createdb"),
    "option": (lambda s: f"{s.url('postgres')}?nonsense=1", 'connection option "nonsense"'),
    "read-only": (read_only, "give a database that may be written"),
    "read-only with tables": (read_only_with_tables, "give a database that may be written"),
    "no rights": (forbidden, "give a user who may create and write tables"),
    "another Optuna": (another_version, "its tables are of another version of Optuna"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_database_is_refused(name: str, tmp_path: Path, postgresql: Server) -> None:
    make, phrase = WRONG[name]
    message = refused(make(postgresql), tmp_path / "run")
    assert phrase in message


def test_a_host_that_nobody_answers_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="not here: psycopg")
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        url = f"postgresql://me:wrong-word@{place}/data?connect_timeout=1"
        assert "check the host and the port" in refused(url, tmp_path / "run")
    url = f"postgresql://me:wrong-word@{place}/data"
    assert "check the host and the port" in refused(url, tmp_path / "run")


def test_postgresql_needs_its_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    message = refused("postgresql://me:wrong-word@host/data", tmp_path / "run")
    assert "pip install 'autoequivariant[postgresql]'" in message


FILES = [
    ("sqlite:///{}/missing/x.db", "create it, or give another --storage"),
    ("journal:{}/missing/x", "create it, or give another --storage"),
    ("sqlite:///{}", "is not a regular file"),
    ("journal:{}", "is not a regular file"),
    ("sqlite:///{}/text", "file is not a database"),
    ("journal:{}/text", "give another --storage, or move it away"),
    ("journal:{}/json", "give another --storage, or move it away"),
    ("mysql://me:wrong-word@host/data", "--storage must be postgresql://"),
    ("store.db", "got 'store.db'"),
]


@pytest.mark.parametrize(("storage", "phrase"), FILES)
def test_a_wrong_file_is_refused(storage: str, phrase: str, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("something else\n")
    (tmp_path / "json").write_text('{"something": "else"}\n')
    assert phrase in refused(storage.format(tmp_path), tmp_path / "run")
    assert (tmp_path / "text").read_text() == "something else\n"
    assert (tmp_path / "json").read_text() == '{"something": "else"}\n'
