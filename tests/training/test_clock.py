"""The deadline, and Ctrl-C between two steps."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from autoequivariant import signals
from autoequivariant.signals import STOP_SIGNALS
from autoequivariant.training.clock import Clock, DeadlineReached, Interrupted


@pytest.fixture(autouse=True)
def ctrl_c() -> Iterator[None]:
    """What a shell starts in the background ignores Ctrl-C, and so do these tests then."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(
    ("timeout", "reserve", "is_over"),
    [
        (None, 0.0, False),
        (None, 1e9, False),
        (100.0, 0.0, False),
        (100.0, 99.0, False),
        (100.0, 101.0, True),
        (1e-9, 0.0, True),
    ],
)
def test_deadline(timeout: float | None, reserve: float, is_over: bool) -> None:
    clock = Clock(timeout)
    if is_over:
        with pytest.raises(DeadlineReached):
            clock.check(reserve)
    else:
        clock.check(reserve)


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_a_signal_is_kept_for_the_next_check(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autoequivariant.signals.DUPLICATE_SECONDS", 0)
    passed_on: list[int] = []
    monkeypatch.setattr(signal, "raise_signal", passed_on.append)
    with Clock() as clock:
        clock.check()
        os.kill(os.getpid(), number)
        with pytest.raises(Interrupted):
            clock.check()
        with pytest.raises(KeyboardInterrupt):  # a second one does not wait
            os.kill(os.getpid(), number)
            signal.pause()
    assert passed_on == [number] * (number != signal.SIGINT)


def test_a_signal_that_the_command_line_got_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    clock.check()
    monkeypatch.setattr(signals._program, "number", int(signal.SIGTERM))
    with pytest.raises(Interrupted):
        clock.check()


def test_handlers_are_given_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Clock():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before


def test_in_another_thread_no_handler_is_set() -> None:
    found = []

    def work() -> None:
        with Clock() as clock:
            clock.check()
            found.append(clock.elapsed)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found[0] >= 0
