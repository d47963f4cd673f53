"""Writing files so that nothing is ever half-written, and reading no more than is wanted."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path

from autoequivariant.errors import RunError

_LONGEST = 50  # letters of a name that are kept; a file system takes 255 bytes
_PARTIAL_SUFFIX = ".part"
"""How the names of files end that are not whole yet."""


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` beside `path` first and then put it there in one step.

    The name beside it cannot be foreseen, and what lies there already is never written to: so
    nothing is written through a link that a stranger laid in the folder. Where `path` itself is a
    link, the file takes its place.

    Raises:
        RunError: the disk is full or the folder cannot be written; `path` is as it was before.
    """
    beside = path.with_name(f".{path.name[:_LONGEST]}.{secrets.token_hex(8)}{_PARTIAL_SUFFIX}")
    is_made = False
    try:
        with beside.open("xb") as file:  # x: made anew, and no link is followed
            is_made = True
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        if is_made:
            with contextlib.suppress(OSError):  # the first error is the one to tell
                beside.unlink(missing_ok=True)
        raise RunError(
            f"{path} cannot be written ({error.strerror}): {_remedy(error)}, or choose another "
            "--out."
        ) from error


def is_partial_write(path: Path, name: str) -> bool:
    """Whether a file is what a killed process left of writing the file `name` beside it."""
    return path.name.startswith(f".{name[:_LONGEST]}.") and path.name.endswith(_PARTIAL_SUFFIX)


def regular_file(path: Path) -> Path:
    """Return a file; refuse what may never end, such as a pipe.

    Raises:
        RunError: it is missing, or no regular file.
    """
    if not path.exists():
        raise RunError(f"{path} is missing")
    if not path.is_file():
        raise RunError(f"{path.name} is a directory, or no regular file")
    return path


def read_at_most(path: Path, most: int) -> bytes:
    """Return what a regular file holds.

    Raises:
        RunError: it is missing, no regular file, or has more than `most` bytes.
        OSError: it cannot be read.
    """
    with regular_file(path).open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise RunError(f"{path.name} has more than {most:,} bytes")
    return content


def _remedy(error: OSError) -> str:
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EACCES, errno.EPERM):
        return "check that its folder is there and can be written"
    return "free some space"
