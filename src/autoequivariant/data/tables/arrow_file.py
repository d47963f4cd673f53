"""Files opened by Apache Arrow itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def native_file(path: Path) -> Any:
    """Open a file for Arrow without a file object of Python.

    A thread of Arrow may still hold a file when Python ends; if that is a file object of Python,
    the thread calls into Python, which then aborts the process.

    Raises:
        OSError: it cannot be opened.
    """
    import pyarrow

    with path.open("rb"):  # raises the system's own error, which is clearer than Arrow's
        return pyarrow.OSFile(os.fsencode(path))
