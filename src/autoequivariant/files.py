"""Atomic writes and bounded reads."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import tempfile
from pathlib import Path

from autoequivariant.errors import RunError

_KEPT_CHARACTERS = 50  # of a name in that of its temporary file; file systems allow 255 bytes
_PARTIAL_SUFFIX = ".part"


def write_atomically(path: Path, content: bytes, option: str = "--out") -> None:
    """Write `content` to a temporary file in the same folder, then rename it to `path`.

    The temporary name is random and the file is created exclusively, so nothing is written through
    a symbolic link planted in the folder. If `path` is a link, the file replaces the link.

    Args:
        path: of the file.
        content: to write.
        option: that names the path, for messages.

    Raises:
        RunError: the disk is full or the folder is not writable; `path` is unchanged.
    """
    suffix = f"{secrets.token_hex(8)}{_PARTIAL_SUFFIX}"
    temporary = path.with_name(f".{path.name[:_KEPT_CHARACTERS]}.{suffix}")
    is_created = False
    try:
        with temporary.open("xb") as file:  # x: fails if the name exists, and follows no link
            is_created = True
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException as error:  # also Ctrl-C
        if is_created:
            with contextlib.suppress(OSError):  # report the first error, not this one
                temporary.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise unwritable(path, error, option) from error


def is_partial_write(path: Path, name: str) -> bool:
    """Whether `path` is a temporary file that an interrupted write of the file `name` left."""
    return path.name.startswith(f".{name[:_KEPT_CHARACTERS]}.") and path.name.endswith(
        _PARTIAL_SUFFIX
    )


def regular_file(path: Path) -> Path:
    """Return `path` if it is a regular file; reading anything else, such as a pipe, may never end.

    Raises:
        RunError: it is missing or not a regular file.
    """
    if not path.exists():
        raise RunError(f"{path} is missing")
    if not path.is_file():
        kind = "a directory" if path.is_dir() else "not a regular file"
        raise RunError(f"{path.name} is {kind}")
    return path


def read_at_most(path: Path, max_bytes: int) -> bytes:
    """Return the content of a regular file.

    Raises:
        RunError: it is missing, not a regular file, or larger than `max_bytes`.
        OSError: it cannot be read.
    """
    with regular_file(path).open("rb") as file:
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise RunError(f"{path.name} has more than {max_bytes:,} bytes")
    return content


def writing_error(path: Path) -> OSError | None:
    """Try to write to a file, without changing it, and to its folder; return what fails."""
    try:
        if path.exists():
            path.open("rb+").close()
        with tempfile.TemporaryFile(dir=path.parent) as file:
            file.write(bytes(2**16))
    except OSError as error:
        return error
    return None


def check_writable(path: Path, option: str = "--out") -> None:
    """Raise `RunError` if a file cannot be written, before the work whose result it is to hold.

    Args:
        path: of the file.
        option: that names the path, for messages.
    """
    error = writing_error(path)
    if error is not None:
        raise unwritable(path, error, option)


def unwritable(path: Path, error: OSError, option: str = "--out") -> RunError:
    """Return the error for a file that cannot be written, with the remedy."""
    return RunError(f"{path} cannot be written ({error.strerror}): {remedy(error, option)}.")


def remedy(error: OSError, option: str = "--out") -> str:
    """Return what helps when a file cannot be written, which an option names."""
    elsewhere = f"choose another {option}"
    match error.errno:
        case errno.EROFS:
            return f"the file system is read-only; {elsewhere}"
        case errno.EMFILE | errno.ENFILE:
            return "close other programs, or raise the limit on open files (ulimit -n)"
        case errno.EFBIG:
            return f"raise the limit on the size of files (ulimit -f), or {elsewhere}"
        case errno.ENOENT | errno.ENOTDIR | errno.EISDIR | errno.EACCES | errno.EPERM:
            return f"check that its folder exists and is writable, or {elsewhere}"
        case errno.EIO:
            return f"check the disk, or {elsewhere}"
        case errno.ELOOP | errno.ENAMETOOLONG | errno.EINVAL | errno.EEXIST:
            return elsewhere
    return f"free some space, or {elsewhere}"
