"""Writing files so that nothing is ever half-written."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

from autoequivariant.errors import RunError


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` beside `path` first and then put it there in one step.

    Raises:
        RunError: the disk is full or the folder cannot be written; `path` is as it was before.
    """
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):  # the first error is the one to tell
            beside.unlink(missing_ok=True)
        raise RunError(
            f"{path} cannot be written ({error.strerror}): {_remedy(error)}, or choose another "
            "--out."
        ) from error


def _remedy(error: OSError) -> str:
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EACCES, errno.EPERM):
        return "check that its folder is there and can be written"
    return "free some space"
