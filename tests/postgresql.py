"""A PostgreSQL of its own for tests: Debian's, in a temporary folder, without any setting up."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

USER, PASSWORD = "aen", "se/cr@t:?%"
USERS = ("postgres", "nobody")
"""PostgreSQL refuses to be started by root."""


def programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`, if they are here."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    folders = [path.parent for path in found] + ([Path(on_path).parent] if on_path else [])
    return folders[-1] if folders else None


class Server:
    """A server that can be stopped and started again."""

    def __init__(self, folder: Path, programs: Path, user: str | None) -> None:
        self.folder, self.programs = folder, programs
        self.as_user = [] if user is None else ["runuser", "-u", user, "--"]
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        password = folder / "password"
        password.write_text(PASSWORD)
        if user is not None:
            shutil.chown(folder, user)
            shutil.chown(password, user)
        login = ("-U", USER, "--pwfile", password, "-A", "scram-sha-256")
        self._run("initdb", "-D", folder / "data", "-N", *login)
        self.start()

    def _run(self, program: str, *arguments: str | Path) -> None:
        command = [*self.as_user, str(self.programs / program), *map(str, arguments)]
        done = subprocess.run(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder
        )
        assert not done.returncode, command

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        log = self.folder / "log"
        self._run("pg_ctl", "-D", self.folder / "data", "-w", "-o", options, "-l", log, "start")

    def stop(self) -> None:
        """Stop it at once, as a crash does."""
        self._run("pg_ctl", "-D", self.folder / "data", "-w", "-m", "immediate", "stop")

    def url(self, database: str, password: str = PASSWORD) -> str:
        """What `--storage` takes."""
        return f"postgresql://{USER}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Run a statement outside of a transaction."""
        import psycopg  # of an extra, and not here where there is no server

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def make(self) -> str:
        """Make a database, and return what `--storage` takes."""
        database = f"aen-{uuid.uuid4().hex}"
        self.execute(f'CREATE DATABASE "{database}"')
        return self.url(database)


@contextmanager
def running() -> Iterator[Server]:
    """A new server; skips where that is impossible."""
    found, user = programs(), None
    if found is None:
        pytest.skip("not here: PostgreSQL")
    if os.geteuid() == 0:
        user = next((name for name in USERS if _is_user(name)), None)
        if user is None:
            pytest.skip("not here: runuser and a user other than root, whom PostgreSQL needs")
    folder = Path(tempfile.mkdtemp(prefix="aen-postgresql-"))
    try:
        server = Server(folder, found, user)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_user(name: str) -> bool:
    if shutil.which("runuser") is None:
        return False
    return not subprocess.run(["runuser", "-u", name, "--", "true"], capture_output=True).returncode
