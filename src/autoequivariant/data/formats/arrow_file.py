"""Files that Apache Arrow opens by itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def native_file(path: Path) -> Any:
    """Open a file for Arrow, and for no other.

    A thread of Arrow may still hold a file when Python ends, and where that is a file of Python's
    the thread asks for Python, which then aborts the process. So Arrow never gets one.

    Raises:
        OSError: it cannot be opened.
    """
    import pyarrow

    with path.open("rb"):  # what the system refuses is said in its own words
        return pyarrow.OSFile(os.fsencode(path))
