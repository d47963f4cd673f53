"""`aen` in a process that shares its work: it tells what it trains, and waits where it is told to.

As a script: options in JSON, then the arguments of `aen`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE = 240  # seconds, on a machine that is busy with other things
HEARTBEAT_SECONDS, GRACE_SECONDS = 0.2, 2


@dataclass(frozen=True)
class SharingProcess:
    """A process and what it tells."""

    popen: subprocess.Popen[str]
    events: Path
    go: Path

    @classmethod
    def start(
        cls,
        folder: Path,
        *arguments: str | Path,
        hold: int | None = None,
        patience: float = 60,
        stuck: float = PATIENCE,
    ) -> SharingProcess:
        """Start `aen`.

        Args:
            folder: for what it tells; made if missing.
            arguments: of `aen`.
            hold: at which training it waits until `release`. Default: it does not.
            patience: seconds that the store may not answer.
            stuck: seconds without a step after which it is stuck.
        """
        folder.mkdir(exist_ok=True)
        events, go = folder / "events", folder / "go"
        events.touch()
        options = {"events": str(events), "go": str(go), "hold": hold, "patience": patience}
        options["stuck"] = stuck
        popen = subprocess.Popen(
            [sys.executable, __file__, json.dumps(options), *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )
        return cls(popen, events, go)

    def told(self, kind: str) -> list[str]:
        """What the process has told so far."""
        lines = [json.loads(line) for line in self.events.read_text().splitlines()]
        return [what for found, what in lines if found == kind]

    def wait_for(self, kind: str) -> None:
        """Wait until the process tells something."""
        wait_until(lambda: bool(self.told(kind)) or self.popen.poll() is not None)
        assert self.told(kind), self.popen.communicate()

    def release(self) -> None:
        """Let a process that waits go on."""
        self.go.touch()

    def end(self, code: int = 0) -> str:
        """Wait for the end; return what it printed, or its complaint."""
        out, err = self.popen.communicate(timeout=PATIENCE)
        assert self.popen.returncode == code, err
        return err if code else out


def trained(*processes: SharingProcess) -> Counter[str]:
    """How often each network was trained."""
    return Counter(what for process in processes for what in process.told("train"))


def wait_until(is_true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_true():
        assert time.monotonic() < end
        time.sleep(0.02)


def _main(options: dict[str, Any]) -> None:
    from autoequivariant.__main__ import main
    from autoequivariant.searching.sharing import faults, opening, patience, watchdog
    from autoequivariant.searching.sharing.store import Store
    from autoequivariant.training.families.mlp.trainer import MLPTrainer

    opening.HEARTBEAT_SECONDS = HEARTBEAT_SECONDS  # type: ignore[assignment]
    opening.GRACE_SECONDS = GRACE_SECONDS
    patience.PATIENCE_SECONDS = options["patience"]
    watchdog.LEAST_SECONDS = options["stuck"]

    def tell(kind: str, what: str = "") -> None:
        with Path(options["events"]).open("a") as file:
            file.write(json.dumps([kind, what]) + "\n")

    calls = 0
    train, wait, passes = MLPTrainer.train_batch, Store.wait, faults.passes

    def train_batch(self: Any, children: Any, replicate: int, *rest: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == options["hold"]:
            tell("held")
            while not Path(options["go"]).exists():
                time.sleep(0.02)
        done = train(self, children, replicate, *rest)
        for child in children:
            epochs = self.training.epochs
            tell("train", f"{child.members} {child.width} {replicate} {epochs}")
        return done

    def waits(self: Any, *arguments: Any) -> None:
        tell("wait")
        wait(self, *arguments)

    def is_passing(error: BaseException) -> bool:
        found = passes(error)
        if found:
            tell("away", str(error))
        return found

    MLPTrainer.train_batch = train_batch  # type: ignore[method-assign]
    Store.wait = waits  # type: ignore[method-assign, assignment]
    faults.passes = is_passing
    main()


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    sys.argv[:] = ["aen", *sys.argv[2:]]
    _main(given)
