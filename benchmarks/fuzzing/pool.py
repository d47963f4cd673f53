"""Cases run in watched processes; one that hangs or dies is replaced, and is a finding."""

from __future__ import annotations

import os
import resource
import shutil
import tempfile
import threading
import time
import traceback
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from autoequivariant.errors import AutoequivariantError, printable
from fuzzing.kinds import KINDS
from fuzzing.watch import Watch

MOST_SECONDS, MOST_BYTES = 10.0, 2 * 2**30
_HUNG_SECONDS = 180.0
_WORN_BYTES = 3 * 2**29  # a process that has used so much may not have given all of it back
_ADDRESS_SPACE = 10 * 2**30
_LONGEST_MESSAGE = 4_100
_LONGEST_REPORT = 4_000


@dataclass(frozen=True)
class Case:
    """One case: `number` of a `kind`."""

    kind: str
    number: int


@dataclass(frozen=True)
class Outcome:
    """What became of a case.

    Attributes:
        case: which.
        verdict: `refused`, `accepted` or `exception` (an undocumented one, or a message that is
            longer than a screen or holds control characters).
        seconds: of a core that it took; infinite if it hung or its process died.
        peak: of memory, in bytes.
        elsewhere, connections, programs: how often these were seen.
        detail: the refusal or the traceback, and what was seen.
    """

    case: Case
    verdict: str
    seconds: float
    peak: int
    elsewhere: int = 0
    connections: int = 0
    programs: int = 0
    detail: str = ""

    @property
    def is_clean(self) -> bool:
        """Whether nothing happened that should not."""
        seen = self.elsewhere or self.connections or self.programs
        is_small = self.seconds <= MOST_SECONDS and self.peak <= MOST_BYTES
        return self.verdict != "exception" and is_small and not seen


def make_corpora(root: Path, kinds: Sequence[str]) -> None:
    """Write the valid inputs of each kind into a folder of its own."""
    for name in kinds:
        folder = root / "corpora" / name
        folder.mkdir(parents=True)
        KINDS[name].make(folder)


def run_case(case: Case, seed: int, root: Path, folder: Path, watch: Watch) -> Outcome:
    """Run one case in this process.

    Args:
        case, seed: decide everything.
        root: what `make_corpora` wrote to.
        folder: an empty folder for the input.
        watch: over this process.
    """
    kind = KINDS[case.kind]
    rng = np.random.default_rng([seed, zlib.crc32(case.kind.encode()), case.number])
    try:
        kind.mutate(rng, root / "corpora" / case.kind, folder)
    except Exception:
        traceback.print_exc()
        return Outcome(case, "exception", 0.0, 0, detail="this benchmark's own: see stderr")
    verdict, detail = "accepted", ""
    start = time.process_time()  # other programs do not count
    watch.start()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            kind.feed(rng, folder)
    except AutoequivariantError as error:
        verdict, detail = "refused", str(error)
    except BaseException:
        verdict, detail = "exception", traceback.format_exc()
    finally:
        peak = watch.stop()
    seconds = time.process_time() - start
    is_flood = len(detail) > _LONGEST_MESSAGE or printable(detail) != detail
    if verdict == "refused" and is_flood:
        verdict, detail = "exception", f"a flood: {detail!r}"
    seen = [*watch.elsewhere, *watch.connections, *watch.programs]
    detail = f"{detail[:200]}...\n{detail[-_LONGEST_REPORT:]}" if len(detail) > 5_000 else detail
    detail += "".join(f"\n{one[:300]}" for one in seen[:5])
    counts = (len(watch.elsewhere), len(watch.connections), len(watch.programs))
    return Outcome(case, verdict, seconds, peak, *counts, detail)


def run_cases(
    cases: Iterator[Case], seed: int, root: Path, n_workers: int, done: Callable[[Outcome], None]
) -> None:
    """Run cases in `n_workers` processes; `done` is called with each outcome, in any thread."""
    lock = threading.Lock()

    def work(number: int) -> None:
        worker = _Worker(seed, root, number)
        while True:
            with lock:
                case = next(cases, None)
            if case is None:
                worker.end()
                return
            outcome = worker.run(case)
            if outcome is None or outcome.peak > _WORN_BYTES:
                worker.end()
                worker = _Worker(seed, root, number)
            if outcome is None:
                outcome = Outcome(case, "accepted", float("inf"), 0, detail="hung, or died")
            with lock:
                done(outcome)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(n_workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class _Worker:
    """A process that runs cases, and the pipe to it."""

    def __init__(self, seed: int, root: Path, number: int) -> None:
        context = get_context("spawn")
        self.pipe, end = context.Pipe()
        arguments = (end, seed, root, root / f"worker-{number}")
        self.process = context.Process(target=_serve, args=arguments, daemon=True)
        self.process.start()
        end.close()

    def run(self, case: Case) -> Outcome | None:
        """Run one case; None if the process hangs or dies."""
        with suppress(EOFError, OSError):
            self.pipe.send(case)
            if self.pipe.poll(_HUNG_SECONDS):
                return self.pipe.recv()
        return None

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _serve(pipe: Connection, seed: int, root: Path, folder: Path) -> None:
    """In a worker: run the cases that the pipe delivers."""
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    watch = prepare(folder)
    while True:
        try:
            case: Any = pipe.recv()
        except EOFError:
            return
        shutil.rmtree(folder / "case", ignore_errors=True)
        (folder / "case").mkdir()
        pipe.send(run_case(case, seed, root, folder / "case", watch))


def prepare(folder: Path) -> Watch:
    """Make this process write its temporary files into a folder, and watch it."""
    import torch

    torch.set_num_threads(1)
    (folder / "temporary").mkdir(parents=True, exist_ok=True)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder / "temporary")
    os.chdir(folder)
    return Watch(folder)
