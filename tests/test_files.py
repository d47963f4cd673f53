"""A file is there whole, or is as it was before."""

import contextlib
import errno
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autoequivariant.errors import RunError
from autoequivariant.files import (
    check_writable,
    is_partial_write,
    read_at_most,
    write_atomically,
    writing_error,
)


def test_a_new_file_and_a_replaced_one(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    for content in (b"first", b"second, longer", b""):
        write_atomically(path, content)
        assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_run_left_does_no_harm(tmp_path: Path) -> None:
    left = tmp_path / ".results.json.part"
    left.write_bytes(b"half a fi")
    write_atomically(tmp_path / "results.json", b"whole")
    assert (tmp_path / "results.json").read_bytes() == b"whole"
    assert is_partial_write(left, "results.json") and not is_partial_write(left, "config.json")


def test_nothing_is_written_through_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the file itself nor one beside it, even where its name was foreseen."""
    precious, run = tmp_path / "precious.txt", tmp_path / "run"
    precious.write_bytes(b"precious")
    run.mkdir()
    monkeypatch.setattr("autoequivariant.files.secrets.token_hex", lambda _: "foreseen")
    names = [".report.html.part", ".report.html.foreseen.part", "report.html"]
    for name in names:
        (run / name).symlink_to(precious)
    with pytest.raises(RunError, match="cannot be written"):
        write_atomically(run / "report.html", b"new")
    assert (run / names[1]).is_symlink()
    (run / names[1]).unlink()
    write_atomically(run / "report.html", b"new")
    assert precious.read_bytes() == b"precious"
    assert (run / "report.html").read_bytes() == b"new"
    assert not (run / "report.html").is_symlink() and (run / names[0]).is_symlink()


@pytest.mark.skipif(sys.platform == "win32", reason="not here: POSIX permissions")
def test_others_may_read_it_as_any_new_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "file", b"content")
    (tmp_path / "plain").write_bytes(b"content")
    modes = [(tmp_path / name).stat().st_mode for name in ("file", "plain")]
    assert modes[0] == modes[1]


def test_a_long_name(tmp_path: Path) -> None:
    write_atomically(tmp_path / ("\N{SNOWMAN}" * 80), b"content")
    assert len(list(tmp_path.iterdir())) == 1


def test_a_file_is_read_within_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    with pytest.raises(RunError, match="is missing"):
        read_at_most(path, 5)
    path.write_bytes(b"12345")
    assert read_at_most(path, 5) == b"12345"
    with pytest.raises(RunError, match=r"config\.json has more than 4 bytes"):
        read_at_most(path, 4)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(RunError, match="not a regular file"):
        read_at_most(path, 5)


class FullDisk:
    """A file object on a disk that takes so many bytes."""

    def __init__(self, path: Path, room: int) -> None:
        self.file, self.room = open(path, "wb"), room  # noqa: SIM115, PTH123

    def __enter__(self) -> "FullDisk":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def write(self, content: bytes) -> None:
        self.file.write(content[: self.room])
        if len(content) > self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def flush(self) -> None:
        self.file.flush()

    def fileno(self) -> int:
        return self.file.fileno()


@pytest.mark.parametrize("before", [None, b"as it was"])
@pytest.mark.parametrize(("content", "fits"), [(b"123456789", False), (b"1234", True)])
def test_a_full_disk(
    before: bytes | None,
    content: bytes,
    fits: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "results.json"
    if before is not None:
        path.write_bytes(before)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", lambda self, _mode: FullDisk(self, 4))
        if fits:
            write_atomically(path, content)
        else:
            with pytest.raises(RunError, match="No space left on device.*free some space") as error:
                write_atomically(path, content)
            assert str(path) in str(error.value)
    after = content if fits else before
    assert (path.read_bytes() if path.exists() else None) == after
    assert [p.name for p in tmp_path.iterdir()] == ([] if after is None else ["results.json"])


FAILING = {
    "on the way to the disk": (os, "fsync"),
    "when it is put in place": (Path, "replace"),
}


@pytest.mark.parametrize("name", FAILING)
def test_late_failures(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    path = tmp_path / "results.json"
    write_atomically(path, b"as it was")
    with monkeypatch.context() as patch:
        patch.setattr(*FAILING[name], fail)
        with pytest.raises(RunError, match=r"results\.json cannot be written \(Input/output error"):
            write_atomically(path, b"new")
    assert path.read_bytes() == b"as it was"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("number", "helps"),
    [
        (errno.EROFS, "the file system is read-only; choose another --out"),
        (errno.ENOSPC, "free some space, or choose another --out"),
        (errno.EIO, "check the disk, or choose another --out"),
        (errno.EMFILE, "raise the limit on open files"),
        (errno.EFBIG, "raise the limit on the size of files"),
        (errno.EACCES, "check that its folder exists and is writable, or choose another --out"),
        (errno.ENAMETOOLONG, "choose another --out"),
    ],
)
def test_the_remedy_fits_the_error(
    number: int, helps: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise OSError(number, os.strerror(number))

    assert writing_error(tmp_path / "file") is None  # the twin
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", fail)
        message = re.escape(f"({os.strerror(number)}): ") + f".*{re.escape(helps)}"
        with pytest.raises(RunError, match=message):
            write_atomically(tmp_path / "file", b"content")
    assert list(tmp_path.iterdir()) == []


def test_why_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"as it was")
    assert writing_error(tmp_path / "file") is None
    assert (tmp_path / "file").read_bytes() == b"as it was"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
    for path in (tmp_path / "missing" / "file", tmp_path):
        error = writing_error(path)
        assert error is not None
        assert error.errno in (errno.ENOENT, errno.EISDIR)
        with pytest.raises(RunError, match="cannot be written .*, or choose another --picture"):
            check_writable(path, "--picture")
    check_writable(tmp_path / "file")


def no_folder(folder: Path) -> Path:
    return folder / "missing" / "file"


def file_for_a_folder(folder: Path) -> Path:
    (folder / "file").write_bytes(b"")
    return folder / "file" / "file"


def folder_for_a_file(folder: Path) -> Path:
    (folder / "taken").mkdir()
    return folder / "taken"


@pytest.mark.parametrize("place", [no_folder, file_for_a_folder, folder_for_a_file])
def test_places_that_cannot_be_written(place: Callable[[Path], Path], tmp_path: Path) -> None:
    path = place(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(RunError, match="cannot be written .*: check that its folder exists"):
        write_atomically(path, b"content")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="not here: POSIX permissions")
def test_a_read_only_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    try:
        if os.access(tmp_path, os.W_OK):
            pytest.skip("not here: permissions that bind this user (root)")
        with pytest.raises(RunError, match="Permission denied"):
            write_atomically(tmp_path / "file", b"content")
        assert list(tmp_path.iterdir()) == []
    finally:
        tmp_path.chmod(0o755)


LIMITED = """
import resource, signal, sys
from pathlib import Path
from autoequivariant.errors import RunError
from autoequivariant.files import is_partial_write, read_at_most, write_atomically
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    write_atomically(Path(sys.argv[1]), b"x" * int(sys.argv[2]))
except RunError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="not here: limits on file sizes")
@pytest.mark.parametrize(("size", "fits"), [(5000, False), (4000, True)])
def test_a_write_that_the_system_itself_cuts_short(size: int, fits: bool, tmp_path: Path) -> None:
    """As on a full disk: the kernel takes a part and refuses the rest."""
    path = tmp_path / "file"
    run = subprocess.run(
        [sys.executable, "-c", LIMITED, path, str(size)], capture_output=True, text=True, check=True
    )
    assert ("cannot be written (File too large)" in run.stdout) is not fits
    assert path.exists() is fits
    assert len(list(tmp_path.iterdir())) == fits


@pytest.mark.parametrize("error", [KeyboardInterrupt, None])
def test_an_interrupted_write_leaves_nothing(
    error: type[BaseException] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = os.fsync

    def interrupted(number: int) -> None:
        sync(number)
        if error is not None:
            raise error

    monkeypatch.setattr(os, "fsync", interrupted)
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(error) if error else contextlib.nullcontext():
        write_atomically(path, b"new")
    assert path.read_bytes() == (b"old" if error else b"new")
    assert list(tmp_path.iterdir()) == [path]
