"""Locks on files that end with their process, also if it is killed."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl

_IN_USE = (errno.EACCES, errno.EAGAIN)


class Lock:
    """A lock on an open file, which excludes other processes and other open files of this one.

    On NFS it also excludes other machines, where the server has locks. Without any, as on Windows,
    nothing is excluded.

    Args:
        path: of the file; created if missing.
        waits: whether to wait until the lock is free. Default: no.
        is_left: whether the file stays once the lock is given back. Default: yes. A process that is
            killed leaves it in any case, without a lock.

    Attributes:
        file: descriptor of the file.

    Raises:
        BlockingIOError: another has the lock.
        OSError: the file cannot be opened.
    """

    def __init__(self, path: Path, waits: bool = False, is_left: bool = True) -> None:
        self._path, self._is_left, self._has_lock = path, is_left, False
        while not self._has_lock:
            # Not inherited by processes that this one starts, which may outlive it.
            self.file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
            try:
                self._acquire(waits)
                # Otherwise its former owner has just removed the file.
                self._has_lock = os.fstat(self.file).st_nlink > 0
            finally:
                if not self._has_lock:
                    self.release()

    def _acquire(self, waits: bool) -> None:
        if sys.platform != "win32":
            try:
                fcntl.flock(self.file, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
            except OSError as error:
                if error.errno in _IN_USE:
                    raise BlockingIOError(error.errno, error.strerror) from error

    def release(self) -> None:
        """Give the lock back; does nothing the second time."""
        file, self.file = self.file, -1
        if file < 0:
            return
        with suppress(OSError):
            if self._has_lock and not self._is_left:
                self._path.unlink()
        with suppress(OSError):
            os.close(file)

    def __del__(self) -> None:
        self.release()
