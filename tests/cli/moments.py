"""`aen` in a process that sends itself a signal at a moment: no test depends on who is faster."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

PATIENCE = 240  # seconds, on a machine that is busy with other things
NEVER = 10**9


def aen_at(
    number: int, event: str, at: int, *arguments: str | Path, group: bool = False, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run `aen` and send a signal at the `at`-th event whose name begins so.

    Events are those of `sys.audit`, such as `import` and `open`; `step` before each training step,
    `record` after each evaluation that is recorded, and `checkpoint` after each checkpoint, which
    then follows every step of a long training. An empty name stands for all of them. The
    signal goes to the process, or to the whole group. The last line of stderr of a process that
    gets none (`NEVER`) is the number of events.
    """
    return subprocess.run(
        [sys.executable, __file__, str(int(number)), event, str(at), str(int(group))]
        + [str(argument) for argument in arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env=os.environ | {"OMP_NUM_THREADS": "1"} | env,
        # What a shell starts in the background ignores Ctrl-C, and so would what that starts.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.default_int_handler),
        start_new_session=True,
    )


class Moments:
    """Counts events, and sends the signal."""

    def __init__(self, number: int, event: str, at: int, group: bool) -> None:
        self.number, self.event, self.at, self.group = number, event, at, group
        self.seen, self.process = 0, os.getpid()
        self.wrapped: set[str] = set()

    def count(self, event: str, _: object) -> None:
        """As a hook of `sys.addaudithook`."""
        if not event.startswith(self.event) or os.getpid() != self.process:
            return
        self.seen += 1
        if self.seen == self.at:
            send = os.killpg if self.group else os.kill
            send(os.getpgrp() if self.group else self.process, self.number)

    def find_spec(self, *_: object) -> None:
        """As a finder of modules: add the events of this package once it is imported."""
        self.wrap("autoequivariant.training.clock", "Clock", "check", before=lambda *_: 1)
        self.wrap(
            "autoequivariant.searching.storage.study",
            "SearchStudy",
            "record",
            after=lambda study, children, *_: len(children),
        )
        if self.event == "checkpoint":
            self.wrap(
                "autoequivariant.training.checkpoint",
                "Checkpoint",
                "write",
                after=lambda one, *_: int(one.is_due),
            )
            module = sys.modules.get("autoequivariant.training.checkpoint")
            if hasattr(module, "Checkpoint"):
                module.Checkpoint.is_due = property(lambda one: one._path is not None)

    def wrap(
        self,
        module: str,
        owner: str,
        method: str,
        before: Callable[..., int] = lambda *_: 0,
        after: Callable[..., int] = lambda *_: 0,
    ) -> None:
        holder = getattr(sys.modules.get(module), owner, None)
        if holder is None or module in self.wrapped:
            return
        self.wrapped.add(module)
        original = getattr(holder, method)
        event = {"check": "step", "write": "checkpoint"}.get(method, method)

        def wrapped(*arguments: Any) -> Any:
            for _ in range(before(*arguments)):
                sys.audit(event)
            done = original(*arguments)
            for _ in range(after(*arguments)):
                sys.audit(event)
            return done

        setattr(holder, method, wrapped)


if __name__ == "__main__":
    moments = Moments(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4] == "1")
    sys.argv[:] = ["aen", *sys.argv[5:]]
    from autoequivariant.__main__ import main

    sys.meta_path.insert(0, moments)  # type: ignore[arg-type]
    sys.addaudithook(moments.count)
    try:
        main()
    finally:
        if moments.at == NEVER:
            print(moments.seen, file=sys.stderr)
