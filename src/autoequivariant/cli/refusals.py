"""Errors that a user can fix, as one sentence and an exit status."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from autoequivariant.cli.console import complain, drop_output
from autoequivariant.errors import AutoequivariantError
from autoequivariant.files import remedy
from autoequivariant.signals import exit_status, working

REFUSED = 2
BROKEN_PIPE = 141
"""As if SIGPIPE had ended the command, which is what shells expect."""
_NO_MEMORY = ("allocate memory", "not enough memory", "out of memory", "ALLOC_FAILED")
"""In torch's errors, of a CPU and of a GPU; a GPU's "illegal memory access" is another fault."""
NOTHING_WRITTEN = "interrupted; nothing was written."


@contextmanager
def refusals(interrupted: str = "interrupted; rerun the command to resume.") -> Iterator[None]:
    """Turn errors that a user can fix into one sentence and an exit status.

    Args:
        interrupted: what to print after Ctrl-C or another signal to stop.
    """
    try:
        with working():
            yield
    except AutoequivariantError as error:
        raise _refused(str(error)) from None
    except KeyboardInterrupt:
        raise _refused(interrupted, exit_status()) from None
    except OSError as error:
        if error.errno == errno.EPIPE:  # `aen ... | head`: the reader has gone, which is no error
            drop_output()
            raise typer.Exit(BROKEN_PIPE) from None
        if error.filename is None:
            space = "free some space, or " if error.errno == errno.ENOSPC else ""
            raise _refused(
                f"the output cannot be written ({error.strerror or error}): {space}write it "
                "elsewhere."
            ) from None
        raise _refused(
            f"{error.filename} cannot be read or written ({error.strerror or error}): "
            f"{remedy(error)}."
        ) from None
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and not any(text in str(error) for text in _NO_MEMORY):
            raise
        raise _refused(
            "there is not enough memory: give smaller --layers, fewer --channels or a smaller data "
            "set."
        ) from None


def _refused(text: str, status: int = REFUSED) -> typer.Exit:
    complain(text)
    return typer.Exit(status)
