"""A long search that is killed again and again, beside the same search undisturbed.

    python benchmarks/soak.py [--networks 500] [--kills 100] [--seed 0] [--folder soak]

searches a table with ten columns, of which the first three do not care about signs, with the random
sampler. Then it searches once more in another folder and kills that process with SIGKILL at the
moment in which it writes evaluations, restarts it, and so on, until the search is through. Some
processes are killed while they start, and now and then a worker is killed instead. After each kill
it checks that

- every evaluation that had been recorded is still there, as it was, and none is there twice;
- no process of the killed search is left: workers notice by themselves.

At the end, results, model and evaluations must be those of the undisturbed search, and no file may
be left in the run's folder, the temporary folder or shared memory. Then the file descriptors of a
process are counted before and after a search in it. Linux only. Exit status: 0 if all of this
holds. Target: all of it, with at least as many kills as asked for, in a quarter of an hour.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import optuna

from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.searching.run import search
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training.executors.local import LocalExecutor

COLUMNS, ROWS = 10, 800
NAMES = ",".join(f"negate_column:{k}" for k in range(COLUMNS))
FILES = {"config.json", "study.db", "results.json", "model.json", "model.safetensors"}
PATIENCE = 120.0  # seconds for anything that must happen, on a busy machine
WHILE_STARTING, OF_A_WORKER = 0.05, 0.3  # shares of the lives of the search with such a kill
MARK = "AEN_SOAK"
TORCH = f"torchinductor_{getpass.getuser()}"  # an empty folder that torch makes once for a user

Records = dict[tuple[int, tuple[int, ...], int], dict[str, Any]]


@dataclass
class Soak:
    """A search in processes that carry a mark, and what was seen of it."""

    folder: Path
    data: Path
    networks: int
    rng: random.Random
    epochs: int
    writing: int = 0
    starting: int = 0
    workers: int = 0
    slowest_end: float = 0.0
    pids: set[int] = field(default_factory=set)

    @property
    def out(self) -> Path:
        return self.folder / "run"

    def start(self) -> subprocess.Popen[bytes]:
        """Start or resume the search."""
        temporary = self.folder / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        command = [
            *(sys.executable, "-m", "autoequivariant", "search", str(self.data)),
            *("--target", "y", "--symmetries", NAMES, "--sampler", "random"),
            *("--budget", str(self.networks), "--epochs", str(self.epochs)),
            *("--no-tests", "--smallest", "--out", str(self.out)),
            *("--memory-limit", "0.002"),  # one network at a time
        ]
        with (self.folder / "errors.txt").open("ab") as errors:
            return subprocess.Popen(
                command,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env=os.environ | {MARK: str(self.folder), "TMPDIR": str(temporary)},
            )

    def marked(self) -> list[int]:
        """Return the processes that the search has started, without those that have ended."""
        mark, found = f"{MARK}={self.folder}\0".encode(), []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (process / "environ").read_bytes():
                    found.append(int(process.name))
            except OSError:
                continue  # it has ended, or is another user's
        self.pids.update(found)
        return found

    def count(self) -> int:
        """Return the number of attributes with evaluations, while the search writes to them."""
        try:
            address = f"file:{self.out}/study.db?mode=ro"
            with closing(sqlite3.connect(address, uri=True, timeout=PATIENCE)) as connection:
                query = "SELECT count(*) FROM study_user_attributes WHERE key LIKE 'evaluations %'"
                return int(connection.execute(query).fetchone()[0])
        except sqlite3.OperationalError:
            return 0  # there is no table yet

    def records(self) -> Records:
        """Return all evaluations of a search that does not run, from a copy of its files."""
        found: Records = {}
        with tempfile.TemporaryDirectory() as copy:
            for path in self.out.glob("study.db*"):
                shutil.copy(path, copy)
            try:
                with closing(sqlite3.connect(Path(copy) / "study.db")) as connection:
                    query = "SELECT key, value_json FROM study_user_attributes"
                    rows = connection.execute(query).fetchall()
            except sqlite3.OperationalError:
                return {}
        for key, content in rows:
            if key.startswith("evaluations "):
                for record in json.loads(content):
                    name = int(key.split()[1]), tuple(record["state"]), record["width"]
                    check(name not in found, f"{name} is recorded twice")
                    found[name] = record
        return found

    def survive(self, kills: int, expected: int) -> Records:
        """Search, killed `kills` times while it writes, of `expected` evaluations."""
        records: Records = {}
        while True:
            left = kills - self.writing
            mean = (expected - len(records)) / (left + 1)
            process = self.start()
            if left > 0:
                writes = self.rng.randint(2, max(2, round(2 * mean) - 2))
                is_through = self.live(process, self.count() + writes)
            else:
                check(process.wait() == 0, f"exit status {process.returncode}")
                is_through = True
            self.wait(lambda: not self.marked(), "processes are left")
            after = self.records()
            same = {name: after.get(name) for name in records} == records
            check(same, "a recorded evaluation is gone or another")
            records = after
            if is_through:
                return records
            print(f"\r{self.writing} kills, {len(records)} evaluations", end="", file=sys.stderr)

    def live(self, process: subprocess.Popen[bytes], target: int) -> bool:
        """Wait for a moment and kill; return whether the search was through before."""
        if self.rng.random() < WHILE_STARTING:
            try:
                process.wait(self.rng.uniform(0, 5))
            except subprocess.TimeoutExpired:
                self.starting += self.kill(process)
            return process.poll() == 0
        worker_at = target - 1 if self.rng.random() < OF_A_WORKER else None
        wal = self.out / "study.db-wal"
        while process.poll() is None:
            recorded = self.count()
            if worker_at is not None and recorded >= worker_at:
                others = [pid for pid in self.marked() if is_worker(pid)]
                if others:
                    os.kill(self.rng.choice(others), signal.SIGKILL)
                    self.workers += 1
                worker_at, target = None, recorded + 1
            if recorded >= target - 1:
                before = size_of(wal)
                while size_of(wal) == before and process.poll() is None:
                    time.sleep(0.0002)
                time.sleep(self.rng.uniform(0, 0.003))
                self.writing += self.kill(process)
            else:
                time.sleep(0.005)
        check(process.returncode in (0, -signal.SIGKILL), f"exit status {process.returncode}")
        return process.returncode == 0

    def kill(self, process: subprocess.Popen[bytes]) -> bool:
        """Kill the search, not its workers; return whether it was still running."""
        self.marked()
        process.kill()
        process.wait()
        start = time.monotonic()
        self.wait(lambda: not self.marked(), "workers outlive the search")
        self.slowest_end = max(self.slowest_end, time.monotonic() - start)
        return process.returncode == -signal.SIGKILL

    def wait(self, condition: Callable[[], bool], otherwise: str) -> None:
        """Wait for a condition."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            check(time.monotonic() < deadline, otherwise)
            time.sleep(0.01)


def check(holds: bool, otherwise: str) -> None:
    """Stop if something does not hold."""
    if not holds:
        sys.exit(f"\nsoak: {otherwise}")


def size_of(path: Path) -> int:
    """Return the size of a file; 0 if it is missing."""
    return path.stat().st_size if path.exists() else 0


def is_worker(pid: int) -> bool:
    """Whether a process trains networks for another."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return b"popen_loky" in command


def answer(out: Path) -> tuple[dict[str, Any], bytes, bytes]:
    """Return the results without their times, and the model."""
    results = json.loads((out / "results.json").read_text())
    del results["seconds"]
    return results, *((out / n).read_bytes() for n in ("model.safetensors", "model.json"))


def scores(records: Records) -> dict[tuple[int, tuple[int, ...], int], str]:
    """Return the bits of all evaluations."""
    return {name: record["correct"] for name, record in records.items()}


def write_table(path: Path, seed: int) -> None:
    """Write the table."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(ROWS, COLUMNS))
    y = np.abs(x[:, :3]).sum(axis=1) + x[:, 3] + 0.5 * x[:, 4] > 2.4
    names = [*(f"c{k}" for k in range(COLUMNS)), "y"]
    rows = [
        [*(f"{value:.5f}" for value in row), "no yes".split()[int(t)]]
        for row, t in zip(x, y, strict=True)
    ]
    path.write_text("\n".join(map(",".join, [names, *rows])) + "\n")


def descriptors_left(data: Path, folder: Path) -> int:
    """Return how many file descriptors a search in this process leaves open."""
    counts = []
    settings = SearchSettings(
        str(data), target=("y",), symmetries=parse_symmetries(NAMES), budget=12, epochs=2
    )
    for number in range(3):  # the first one opens what Python and torch keep
        with LocalExecutor(2, seconds_alone=0.0) as executor:
            search(settings, folder / str(number), executor=executor)
        counts.append(len(list(Path("/proc/self/fd").iterdir())))
    return counts[-1] - counts[0]


def main() -> None:
    """Run both searches and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--networks", type=int, default=500)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=25, help="of each network")
    parser.add_argument("--folder", type=Path, help="must not exist. Default: a temporary one.")
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    folder = (options.folder or Path(tempfile.mkdtemp(prefix="soak-"))).absolute()
    folder.mkdir(parents=True, exist_ok=options.folder is None)
    data = folder / "table.csv"
    write_table(data, options.seed)
    rng = random.Random(options.seed)
    before = set(Path("/dev/shm").iterdir())
    whole, killed = (
        Soak(folder / name, data, options.networks, rng, options.epochs)
        for name in ("undisturbed", "killed")
    )
    start = time.monotonic()
    check(whole.start().wait() == 0, "the undisturbed search failed")
    seconds = time.monotonic() - start
    expected = whole.records()
    start = time.monotonic()
    records = killed.survive(options.kills, len(expected))
    killed_seconds = time.monotonic() - start
    check(answer(killed.out) == answer(whole.out), "the answer is another")
    check(scores(records) == scores(expected), "the evaluations are others")
    check({p.name for p in killed.out.iterdir()} == FILES, "files are left in the run's folder")
    files = [p for p in (killed.folder / "tmp").rglob("*") if p.name != TORCH]
    check(not files, f"files are left in the temporary folder: {files}")
    left = {path.name for path in set(Path("/dev/shm").iterdir()) - before}
    ours = [name for name in left if any(str(pid) in name for pid in killed.pids)]
    check(not ours, f"shared memory is left: {ours}")
    check(not (killed.folder / "errors.txt").read_bytes(), "the search complained")
    leaked = descriptors_left(data, folder / "descriptors")
    check(leaked <= 0, f"{leaked} file descriptors are left open")
    check(killed.writing >= options.kills, f"only {killed.writing} kills")
    print(
        "\n| | undisturbed | killed |\n| --- | ---: | ---: |\n"
        f"| evaluations recorded | {len(expected)} | {len(records)} |\n"
        f"| of them in the search | {in_search(expected)} | {in_search(records)} |\n"
        f"| kills while evaluations were written | 0 | {killed.writing} |\n"
        f"| kills while the search started | 0 | {killed.starting} |\n"
        f"| kills of a worker | 0 | {killed.workers} |\n"
        f"| seconds in all | {seconds:.0f} | {killed_seconds:.0f} |\n"
        f"| slowest end of all workers, in seconds | | {killed.slowest_end:.1f} |\n"
        "| evaluations lost, changed or recorded twice | 0 | 0 |\n"
        "| processes, files, shared memory and descriptors left | 0 | 0 |\n"
        "| results, model and evaluations | | the same to the bit |"
    )
    if options.folder is None:
        shutil.rmtree(folder)


def in_search(records: Records) -> int:
    """Return the number of networks trained in the search."""
    return sum(replicate == 0 for replicate, *_ in records)


if __name__ == "__main__":
    main()
