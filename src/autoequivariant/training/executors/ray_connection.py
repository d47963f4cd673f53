"""Connections to Ray: a running one, or one that is started on this machine."""

from __future__ import annotations

import logging
import os
import re
import secrets
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from autoequivariant.errors import SettingsError, shown

PROBE_SECONDS = 3.0
"""The longest wait for a connection to an address."""
CONNECT_SECONDS = 60.0
"""The longest wait until Ray lets a process in; Ray itself tries for minutes. For each `ray://` it
starts a process, which takes 20 s where others use all cores.
"""
AUTO = "auto"
_CLIENT, _CLIENT_PORT = "ray://", 10001
# A client's first words in HTTP/2, which gRPC speaks: the preface and empty settings.
_GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
_SETTINGS_FRAME = 4
_TOKEN = "RAY_AUTH_TOKEN"
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}


def import_ray() -> Any:
    """Return the module `ray`.

    Raises:
        SettingsError: it is not installed.
    """
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError:
        raise SettingsError(
            "--executor ray requires Ray: install it with pip install 'autoequivariant[ray]'."
        ) from None
    return ray


def connect(address: str | None) -> bool:
    """Connect this process to Ray, quietly.

    Args:
        address: of a running Ray. Default: the one that this process is connected to, or else one
            that is started on this machine.

    Returns:
        Whether it has to be disconnected afterwards.

    Raises:
        SettingsError: nobody answers at the address, or a Ray of another version.
    """
    ray = import_ray()
    if ray.is_initialized():
        if address is not None:
            raise SettingsError(
                "This process is already connected to a Ray: leave --ray-address out to use that."
            )
        return False
    options = {"log_to_driver": False, "logging_level": logging.CRITICAL}
    if address is None:
        _give_token()
        with _without_stderr(), _same_handlers():
            ray.init("local", include_dashboard=False, **options)
        return True
    try:
        host, port = _place_of(ray, address)
        if not _answers(host, port):
            raise ConnectionError
    except OSError:
        raise SettingsError(
            f"Nobody answers at --ray-address {shown(address)}: start Ray there with ray start "
            "--head, or leave the address out."
        ) from None
    target = address if address.startswith(_CLIENT) else f"{host}:{port}"
    try:
        with _without_stderr():
            _in_time(lambda: ray.init(target, **options), ray.shutdown)
    except ImportError:
        raise SettingsError(
            "--ray-address ray://... requires Ray's client: install it with pip install "
            "'autoequivariant[ray]'."
        ) from None
    except Exception as error:
        raise SettingsError(_refusal(address, str(error))) from None
    return True


def _give_token() -> None:
    """Let a Ray that is started here have a token, unless the user has one or wants none.

    Ray would write one into the home folder and leave it there. This one stays in the environment,
    as Ray also keeps it for as long as the process lives.
    """
    if os.environ.get("RAY_AUTH_MODE", "token").lower() != "token":
        return
    has_file = (
        "RAY_AUTH_TOKEN_PATH" in os.environ or Path("~/.ray/auth_token").expanduser().exists()
    )
    if not has_file:
        os.environ.setdefault(_TOKEN, secrets.token_hex(32))


def _refusal(address: str, reason: str) -> str:
    """Return a sentence for what kept Ray from letting this process in."""
    versions = re.findall(r"Ray: (\S+)\s+Python: (\S+)", reason)
    if len(versions) == 2:
        there, here = (f"Ray {ray} with Python {python}" for ray, python in versions)
        return f"At --ray-address {shown(address)} is {there}, here {here}: use the same for both."
    return (
        f"What answers at --ray-address {shown(address)} does not let this process in: give "
        "HOST:PORT as ray start prints it, or ray:// with the port of Ray's clients; with tokens, "
        "set RAY_AUTH_MODE=token and the token of that Ray."
    )


def _place_of(ray: Any, address: str) -> tuple[str, int]:
    """Return host and port of an address.

    Raises:
        ConnectionError: it is `auto`, and no Ray runs on this machine.
        SettingsError: it is malformed.
    """
    if address == AUTO:
        found = ray._private.services.canonicalize_bootstrap_address_or_die(AUTO)
        return _place_of(ray, str(found))
    is_client = address.startswith(_CLIENT)
    with suppress(ValueError):
        parts = urlsplit(f"//{address.removeprefix(_CLIENT)}")
        port = parts.port or (_CLIENT_PORT if is_client else None)
        if parts.hostname and port and parts.netloc == address.removeprefix(_CLIENT).rstrip("/"):
            return parts.hostname, port
    raise SettingsError(
        f"--ray-address must be auto, ray://HOST:PORT or HOST:PORT; got {shown(address)}."
    )


def _answers(host: str, port: int) -> bool:
    """Whether somebody at an address speaks gRPC, as Ray does."""
    with socket.create_connection((host, port), PROBE_SECONDS) as connection:
        if os.environ.get("RAY_USE_TLS", "0") not in ("", "0"):
            return True
        connection.settimeout(PROBE_SECONDS)
        connection.sendall(_GREETING)
        answer = connection.recv(9)
        return len(answer) > 3 and answer[3] == _SETTINGS_FRAME


def _in_time(work: Callable[[], object], undo: Callable[[], object]) -> None:
    """Do something within `CONNECT_SECONDS`; what is done later is undone.

    Raises:
        TimeoutError: it takes longer.
    """
    done: Future[None] = Future()
    has_left = threading.Event()

    def target() -> None:
        try:
            work()
        except BaseException as error:
            done.set_exception(error)
        else:
            done.set_result(None)
            if has_left.is_set():
                undo()

    threading.Thread(target=target, daemon=True).start()
    try:
        done.result(CONNECT_SECONDS)
    except BaseException:
        has_left.set()
        raise


@contextmanager
def _without_stderr() -> Iterator[None]:
    """Silence the standard error of C++, which repeats what is wrong for a minute."""
    kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


@contextmanager
def _same_handlers() -> Iterator[None]:
    """Keep the handlers of signals, which Ray replaces."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
