"""Operations on a store that may not answer for a while, as when a database restarts."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from optuna.exceptions import UpdateFinishedTrialError

from autoequivariant.errors import AutoequivariantError
from autoequivariant.searching.sharing import faults
from autoequivariant.searching.sharing.address import Address
from autoequivariant.training.clock import DeadlineReached, Interrupted

PATIENCE_SECONDS = 120.0
"""How long a store may not answer before a run ends."""
_AGAIN_SECONDS, _CHECK_SECONDS = 0.3, 0.1
_OURS = (
    AutoequivariantError,
    DeadlineReached,
    Interrupted,
    MemoryError,
    UpdateFinishedTrialError,
)

T = TypeVar("T")
Check = Callable[[], None]


class Patience:
    """Repeats operations while a store does not answer.

    Args:
        address: of the store.
        check: called meanwhile; `Interrupted` stops.

    Attributes:
        restored: when the store last came back (`time.monotonic`); None if it was never away.
    """

    def __init__(self, address: Address, check: Check) -> None:
        self._address, self._check = address, check
        self.restored: float | None = None

    def do(self, operation: Callable[[], T]) -> T:
        """Return what an operation returns, which may be done twice if no answer came.

        Raises:
            RunError: the store does not come back, or cannot be used.
        """
        end: float | None = None
        while True:
            try:
                done = operation()
            except _OURS:
                raise
            except Exception as error:  # Optuna reads any rows and asserts what it expects
                if not faults.passes(error):
                    raise faults.refusal(self._address, error) from None
                now = time.monotonic()
                end = now + PATIENCE_SECONDS if end is None else end
                if now > end:
                    raise faults.gone(self._address, error, PATIENCE_SECONDS) from None
            else:
                if end is not None:
                    self.restored = time.monotonic()
                return done
            sleep(_AGAIN_SECONDS, self._check_interrupted)

    def _check_interrupted(self) -> None:
        with suppress(DeadlineReached):  # what was trained is still to be recorded
            self._check()


def sleep(seconds: float, check: Check) -> None:
    """Wait; call `check` ten times a second, which may raise to stop."""
    end = time.monotonic() + seconds
    while True:
        check()
        left = end - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(left, _CHECK_SECONDS))
