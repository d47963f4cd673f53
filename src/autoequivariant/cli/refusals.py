"""Errors that a user can mend, as one sentence and an exit status."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from autoequivariant.errors import AutoequivariantError, printable

REFUSED, INTERRUPTED = 2, 130


@contextmanager
def refusals() -> Iterator[None]:
    """Turn errors that a user can mend into one sentence and an exit status."""
    try:
        yield
    except AutoequivariantError as error:
        print(f"aen: {error}", file=sys.stderr)
        raise typer.Exit(REFUSED) from None
    except KeyboardInterrupt:
        print("aen: interrupted; the same command goes on with what was recorded.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    except OSError as error:
        if error.errno == errno.EPIPE:  # `aen ... | head`: nobody reads on, and nothing is wrong
            raise
        print(
            f"aen: {printable(str(error.filename or 'what it prints'))} cannot be written or read "
            f"({error.strerror or error}): free some space, or check the path.",
            file=sys.stderr,
        )
        raise typer.Exit(REFUSED) from None
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "memory" not in str(error):  # torch's, otherwise
            raise
        print(
            "aen: there is too little memory: give smaller --layers, fewer --channels or a smaller "
            "data set.",
            file=sys.stderr,
        )
        raise typer.Exit(REFUSED) from None
