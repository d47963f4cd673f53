"""The memory of this machine, and what reading one data set may take of it."""

from __future__ import annotations

import ctypes
import gc
import math
import os
import sys
from contextlib import suppress

from autoequivariant.errors import DataError

_UNKNOWN = 2**33
_GIB = 2**30
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of malloc.h


def machine_memory() -> int:
    """Return this machine's memory in bytes, or 8 GiB if it is unknown."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return _UNKNOWN


def default_memory_limit() -> int:
    """Return a quarter of this machine's memory in bytes, or 2 GiB if it is unknown."""
    return machine_memory() // 4


def suit_training() -> None:
    """Spare this process, which is ours alone, work on memory that its next step needs again.

    Up to 256 MiB of freed memory are not returned to the system (glibc), and Python looks for
    cycles less often: imports make many objects, and all of them stay.
    """
    gc.set_threshold(50_000)
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):  # another C library
            libc = ctypes.CDLL(None)
            libc.mallopt(_M_MMAP_THRESHOLD, 2**25)  # the largest that all versions take
            libc.mallopt(_M_TRIM_THRESHOLD, 2**28)


class MemoryBudget:
    """The memory that reading one data set may take, and how much of it is reserved.

    Sources reserve memory before they allocate it, as soon as a header or a size tells how much.
    What a source reserves is never given back: it stands for the peak, not for what is held now.

    Args:
        origin: the data set's name or path, for messages.
        limit: bytes. Default: a quarter of this machine's memory.
    """

    def __init__(self, origin: object = "the data set", limit: int | None = None) -> None:
        self._origin = origin
        self._is_default = limit is None
        self.limit = default_memory_limit() if limit is None else limit
        self.reserved = 0

    @property
    def left(self) -> int:
        """Bytes that can still be reserved."""
        return self.limit - self.reserved

    def reserve(self, n_bytes: float) -> None:
        """Count bytes that are about to be allocated.

        Raises:
            DataError: together with what was reserved before they exceed the limit.
        """
        self.reserved += math.ceil(n_bytes)
        if self.reserved <= self.limit:
            return
        limit = f"{self.limit / _GIB:.4g} GiB"
        # Rounded up, so that a limit of the number shown is enough.
        raise DataError(
            f"{self._origin} may take {math.ceil(100 * self.reserved / _GIB) / 100:,.2f} GiB of "
            "memory or more to read, above "
            + (
                f"a quarter of this machine's memory ({limit}): raise --memory-limit"
                if self._is_default
                else f"the {limit} of --memory-limit: raise it"
            )
            + ", or give fewer samples."
        )
