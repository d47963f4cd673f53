"""What SQLite says becomes one sentence with the remedy that helps."""

import errno
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from optuna.distributions import CategoricalDistribution

from autoequivariant.errors import RunError
from autoequivariant.files import write_atomically
from autoequivariant.runs.replay import copy_study
from autoequivariant.searching.storage import study_errors
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.searching.storage.study_errors import errors_named

SPACE = {"hflip": CategoricalDistribution((False, True))}


def failed(query: str, path: Path, mode: str = "ro") -> Exception:
    """The error of a query to a file."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True)) as connection:
            connection.execute(query)
    except sqlite3.Error as error:
        return error
    raise AssertionError


SYSTEM = {
    errno.EROFS: "the file system is read-only; choose another --out",
    errno.ENOSPC: "free some space, or choose another --out; nothing recorded is lost",
    errno.EACCES: "check that its folder exists and is writable",
    errno.EMFILE: "raise the limit on open files",
    errno.EFBIG: "raise the limit on the size of files",
    None: "free some space",  # the file system says that it would write now
}


@pytest.mark.parametrize("number", SYSTEM)
def test_the_file_system_says_why_sqlite_cannot_write(
    number: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "study.db"
    sqlite3.connect(path).close()
    path.touch()
    found = None if number is None else OSError(number, os.strerror(number))
    monkeypatch.setattr(study_errors, "writing_error", lambda _: found)
    error = failed("CREATE TABLE t (x)", path)
    with pytest.raises(RunError, match=SYSTEM[number]) as raised, errors_named(path):
        raise error
    assert str(path) in str(raised.value)
    assert number is None or os.strerror(number) in str(raised.value)


def test_other_errors_are_of_the_file(tmp_path: Path) -> None:
    error = failed("SELECT * FROM missing", tmp_path / "study.db", "rwc")
    with pytest.raises(RunError, match="no such table.*move it away"), errors_named(tmp_path):
        raise error
    with pytest.raises(RunError, match=r"\(KeyError\): move it away"), errors_named(tmp_path):
        raise KeyError
    with pytest.raises(RunError) as long, errors_named(tmp_path):
        raise ValueError("x" * 10_000)
    assert len(str(long.value)) < 500
    with pytest.raises(MemoryError), errors_named(tmp_path, kinds=(Exception,)):
        raise MemoryError


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("not here: the right to mount a small file system")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_file_system_that_is_read_only(disk: Path, tmp_path: Path) -> None:
    """Nothing can be written there; a copy holds what a killed search wrote last."""
    study = SearchStudy(disk / "study.db", SPACE)
    study.add_seconds("search", 1.5)
    copy = tmp_path / "killed"
    copy.mkdir()
    for path in disk.iterdir():  # as a kill leaves them: all is in the second file
        shutil.copy(path, copy)
    study.close()
    for path in copy.glob("*[bl]"):
        shutil.copy(path, disk)
    assert (disk / "study.db-wal").stat().st_size > 0
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    try:
        remedy = r"Read-only file system\): the file system is read-only; choose another --out"
        with pytest.raises(RunError, match=remedy):
            write_atomically(disk / "report.html", b"new")
        with pytest.raises(RunError, match=remedy):
            SearchStudy(disk / "study.db", SPACE)
        target = tmp_path / "copy"
        target.mkdir()
        copy_study(disk, target)
        again = SearchStudy(target / "study.db", SPACE)
        assert again.add_seconds("search", 0.0) == 1.5
        again.close()
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    SearchStudy(disk / "study.db", SPACE).close()  # the twin
