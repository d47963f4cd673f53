"""The first signal is remembered, passed on, and never lost."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from types import FrameType

import pytest

from autoequivariant import signals
from autoequivariant.signals import STOP_SIGNALS, Signals


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """The usual handlers, whatever the tests were started from."""
    usual = [signal.default_int_handler, signal.SIG_DFL, signal.SIG_DFL]
    before = [signal.signal(n, h) for n, h in zip(STOP_SIGNALS, usual, strict=True)]
    yield
    for number, handler in zip(STOP_SIGNALS, before, strict=True):
        signal.signal(number, handler)


class Calls(list[bool]):
    def __call__(self, number: int, frame: FrameType | None, is_first: bool) -> None:
        self.append(is_first)


@pytest.mark.parametrize("seconds", [0.0, 1e9])
@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_the_first_is_remembered_and_its_duplicate_is_none(
    number: int, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signals, "DUPLICATE_SECONDS", seconds)
    calls = Calls()
    found = Signals(calls)
    found.install()
    signal.raise_signal(number)
    signal.raise_signal(signal.SIGINT)
    assert found.number == number
    assert calls == ([True] if seconds else [True, False])
    found.number = None
    found.restore()
    assert [signal.getsignal(n) for n in STOP_SIGNALS[:2]] == [
        signal.default_int_handler,
        signal.SIG_DFL,
    ]


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_what_was_ignored_stays_ignored(number: int) -> None:
    signal.signal(number, signal.SIG_IGN)
    calls = Calls()
    found = Signals(calls)
    found.install()
    signal.raise_signal(number)
    assert (found.number, calls) == (None, [])
    found.restore()
    assert signal.getsignal(number) == signal.SIG_IGN


@pytest.mark.parametrize(("number", "is_passed_on"), [(signal.SIGTERM, True), (2, False)])
def test_another_handler_gets_all_but_ctrl_c(number: int, is_passed_on: bool) -> None:
    got: list[int] = []
    signal.signal(number, lambda number, _: got.append(number))
    found = Signals(Calls())
    found.install()
    signal.raise_signal(number)
    assert got == []
    found.restore()
    assert got == [number] * is_passed_on


def test_an_outer_one_remembers_what_an_inner_one_got() -> None:
    calls = Calls()
    outer, inner = Signals(calls), Signals(Calls())
    outer.install()
    inner.install()
    signal.raise_signal(signal.SIGTERM)
    assert outer.number is None
    inner.restore()
    assert (outer.number, calls) == (signal.SIGTERM, [])
    outer.number = None
    outer.restore()


def test_it_is_repeated_as_the_first_one() -> None:
    calls, repeated = Calls(), threading.Event()

    def act(number: int, frame: FrameType | None, is_first: bool) -> None:
        calls.append(is_first)
        repeated.set()

    found = Signals(act)
    found.install()
    signal.raise_signal(signal.SIGINT)
    repeated.clear()
    found.repeat_soon()
    assert repeated.wait(60)
    assert calls == [True, True]
    found.restore()


def test_in_another_thread_nothing_is_handled() -> None:
    found = Signals(Calls())
    thread = threading.Thread(target=found.install)
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    found.restore()


SCRIPT = """
import importlib, os, signal, sys
from importlib.machinery import ModuleSpec
from autoequivariant.signals import exit_status, handle_stop_signals, stop_signal, working
signal.signal(signal.SIGINT, signal.default_int_handler)
handle_stop_signals()

class Dying:
    def __del__(self):
        os.kill(os.getpid(), {number})
        sum(range(1000))

class Importing:
    def find_spec(self, name, path=None, target=None):
        if name == "missing":
            os.kill(os.getpid(), {number})
            return ModuleSpec(name, None)  # an empty package

sys.meta_path.insert(0, Importing())
try:
    with working():
        {what}
        while True:
            signal.pause()
except KeyboardInterrupt:
    print(stop_signal())
    sys.exit(exit_status())
"""


@pytest.mark.parametrize("number", STOP_SIGNALS)
@pytest.mark.parametrize(
    "what",
    [
        "os.kill(os.getpid(), {number})",
        "Dying()",
        "__import__('importlib.util').util.find_spec('missing')",
    ],
    ids=["at once", "in a destructor", "in an import"],
)
def test_a_signal_is_not_lost(what: str, number: int) -> None:
    code = SCRIPT.format(number=int(number), what=what.format(number=int(number)))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (128 + number, "")
    assert done.stdout == f"{int(number)}\n"


def test_another_exception_in_a_destructor_is_still_shown() -> None:
    code = SCRIPT.format(number=15, what="Broken(); sys.exit(3)")
    code = code.replace(
        "class Dying", "class Broken:\n    def __del__(self):\n        1 / 0\n\nclass Dying"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 3
    assert "ZeroDivisionError" in done.stderr


def test_without_a_signal_the_exit_status_is_that_of_ctrl_c() -> None:
    assert signals.exit_status() == 130


def test_a_forgotten_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals._program, "number", int(signal.SIGTERM))
    assert (signals.stop_signal(), signals.exit_status()) == (15, 143)
    signals.forget_stop_signal()
    assert signals.stop_signal() is None


def test_importing_the_package_installs_no_handler() -> None:
    code = "import signal, autoequivariant; autoequivariant.search; print(signal.getsignal(15))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == f"{signal.SIG_DFL}\n"
