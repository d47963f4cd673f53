"""A watch over one process: files written elsewhere, connections, programs started, memory."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_PEAK = "VmHWM:"
_RENAMES = {"os.rename", "os.link", "os.symlink"}
_CHANGES = {"os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.chmod", "os.chown", "os.utime"}
_CONNECTIONS = {"socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo"}
_PROGRAMS = {
    *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty"),
    *("pickle.find_class", "ctypes.dlopen"),
}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


@dataclass
class Watch:
    """What the program does while it is on; it is made once in a process, and hooks stay.

    Attributes:
        allowed: the folder that may be written to.
        is_on: whether it looks.
        elsewhere: paths written outside `allowed`.
        connections: network connections.
        programs: programs started, and classes that a pickle names.
    """

    allowed: Path
    is_on: bool = False
    elsewhere: list[str] = field(default_factory=list)
    connections: list[str] = field(default_factory=list)
    programs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        sys.addaudithook(self._see)

    def start(self) -> None:
        """Forget what was seen, set the peak of memory back, and look."""
        self.elsewhere, self.connections, self.programs = [], [], []
        Path("/proc/self/clear_refs").write_text("5")
        self.is_on = True

    def stop(self) -> int:
        """Stop looking; return the peak of memory since `start`, in bytes."""
        self.is_on = False
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith(_PEAK):
                return int(line.split()[1]) * 1024
        raise RuntimeError("/proc/self/status has no peak of memory: Linux is needed")

    def _see(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.is_on:
            return
        if event == "open":
            path, mode, flags = arguments
            is_writing = bool(flags & _WRITING) if isinstance(flags, int) else mode != "r"
            if is_writing and not isinstance(path, int):
                self._written(path)
        elif event == "sqlite3.connect" or event in _CHANGES:
            self._written(arguments[0])
        elif event in _RENAMES:
            self._written(arguments[0])
            self._written(arguments[1])
        elif event in _CONNECTIONS:
            self.connections.append(f"{event} {arguments[1:]}")
        elif event in _PROGRAMS:
            self.programs.append(f"{event} {arguments[:1]}")

    def _written(self, path: Any) -> None:
        text = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else str(path)
        if text.startswith("file:"):
            text = text.removeprefix("file://").partition("?")[0]
        if text in (":memory:", os.devnull):
            return
        found = Path(os.path.normpath(Path.cwd() / text))
        if found != self.allowed and self.allowed not in found.parents:
            self.elsewhere.append(text)
