"""Signals that ask a program to stop: Ctrl-C, SIGTERM, and SIGHUP when its terminal closes.

`Signals` remembers the first one. The command line handles them from its first import to its end
(`handle_stop_signals`): a signal raises `KeyboardInterrupt`, as Ctrl-C does, while a command works
(`working`), and at any other time ends the process at once, because nothing is open.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

STOP_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""SIGINT, SIGTERM and, except on Windows, SIGHUP."""
DUPLICATE_SECONDS = 0.5
"""A signal so soon after the first is the same request: `timeout` sends each twice."""
_RETRY_SECONDS = 0.02
_OFFSET = 128  # shells add it to the number of a signal


class Signals:
    """Remembers the first signal, and handles signals in the main thread while installed.

    What is ignored stays ignored, as SIGHUP under `nohup`. In other threads, handlers are not
    installed.

    Args:
        act: called with the number, the interrupted frame, and whether the signal is the first.

    Attributes:
        number: of the first signal; None before it.
    """

    def __init__(self, act: Callable[[int, FrameType | None, bool], None]) -> None:
        self.number: int | None = None
        self._act = act
        self._since = 0.0
        self._is_repeated = False
        self._previous: dict[int, Any] = {}

    def install(self) -> None:
        """Handle the signals."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in STOP_SIGNALS:
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                self._previous[number] = signal.signal(number, self._handle)

    def restore(self) -> None:
        """Restore the previous handlers, and pass on what came.

        Other `Signals` remember it, too. Any other handler gets the signal again, so that a script
        ends by SIGTERM once its search is recorded; except SIGINT, which the caller answers.
        """
        previous, self._previous = self._previous, {}
        try:
            _restore_handlers(previous)
        finally:
            _restore_handlers(previous)  # a handler may have raised in between
        if self.number is None or self.number not in previous:
            return
        outer = getattr(previous[self.number], "__self__", None)
        if isinstance(outer, Signals):
            outer.number = outer.number or self.number
        elif self.number != signal.SIGINT:
            signal.raise_signal(self.number)

    def repeat_soon(self) -> None:
        """Get the signal as the first one again, from another thread a little later."""

        def send() -> None:
            self._is_repeated = True
            if hasattr(signal, "pthread_kill"):
                signal.pthread_kill(threading.main_thread().ident or 0, self.number or 0)
            else:
                signal.raise_signal(self.number or 0)

        timer = threading.Timer(_RETRY_SECONDS, send)
        timer.daemon = True
        timer.start()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        is_first = self.number is None or self._is_repeated
        self._is_repeated = False
        if self.number is None:
            self.number, self._since = number, now
        elif not is_first and now - self._since < DUPLICATE_SECONDS:
            return
        self._act(number, frame, is_first)


def _restore_handlers(handlers: Mapping[int, Any]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler)


def handle_stop_signals() -> None:
    """Handle the signals until the process ends; for the command line alone."""
    _program.install()
    sys.unraisablehook = _retry_if_lost


@contextmanager
def working() -> Iterator[None]:
    """Make signals raise `KeyboardInterrupt` in this block."""
    global _is_working
    before, _is_working = _is_working, True
    try:
        yield
    finally:
        _is_working = before


def stop_signal() -> int | None:
    """Return the number of the signal that the command line got; None if there was none."""
    return _program.number


def forget_stop_signal() -> None:
    """Regard the signal as answered."""
    _program.number = None


def exit_status() -> int:
    """Return 128 plus the number of the signal: 130 for Ctrl-C, also if none came, and 143 for
    SIGTERM.
    """
    return _OFFSET + (signal.SIGINT if _program.number is None else _program.number)


def _stop_program(number: int, frame: FrameType | None, is_first: bool) -> None:
    is_importing = _is_importing(frame)
    if not _is_working or (is_importing and not is_first):
        with suppress(OSError):  # the terminal may be gone
            os.write(2, b"aen: interrupted.\n")  # the stream may be in use, or closed
        os._exit(_OFFSET + number)
    if is_importing:  # extension modules may swallow or garble an exception
        _program.repeat_soon()
    else:
        raise KeyboardInterrupt


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _retry_if_lost(lost: Any) -> None:
    """Raise again what a destructor or a callback has swallowed; see `sys.unraisablehook`."""
    if issubclass(lost.exc_type, KeyboardInterrupt):
        _program.repeat_soon()
    else:
        sys.__unraisablehook__(lost)


_is_working = False
_program = Signals(_stop_program)
