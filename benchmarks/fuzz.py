"""Mutated inputs of every kind that the program reads.

    python benchmarks/fuzz.py [--cases 100000] [--seed 0] [--kinds npz,yaml] [--workers 2]

makes valid files of each kind, changes bytes and fields of them, and lets the program read each in
a watched process: is it refused in a sentence or accepted, and does it ever end in an exception
that is not documented, take more than 10 seconds of a core or 2 GiB, write outside of its folder,
connect to anything, start a program or unpickle a class? Prints a table, and one example of each
finding. Exits with 1 if there is any.

    python benchmarks/fuzz.py --kinds npz --case 1234 [--keep folder]

runs one case again, prints what became of it, and keeps its input.

Linux only. It needs about 4 GB of disk in the temporary folder and 10 GB of memory for two workers.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from fuzzing.kinds import KINDS
from fuzzing.pool import (
    MOST_BYTES,
    MOST_SECONDS,
    Case,
    Outcome,
    make_corpora,
    prepare,
    run_case,
    run_cases,
)

_COLUMNS = (
    *("cases", "refused", "accepted", "undocumented exceptions", "over 10 s", "over 2 GiB"),
    *("files elsewhere", "connections", "programs"),
)
_SHOWN_SECONDS = 30.0


def all_cases(n: int, kinds: list[str]) -> Iterator[Case]:
    """Yield `n` cases, distributed over kinds by their shares and mixed."""
    whole = sum(KINDS[kind].share for kind in kinds)
    numbers: Counter[str] = Counter()
    for number in range(n):
        # The kind that is furthest behind its share.
        kind = max(kinds, key=lambda one: KINDS[one].share * (number + 1) / whole - numbers[one])
        yield Case(kind, numbers[kind])
        numbers[kind] += 1


class Tally:
    """Counts by kind, and one example of each finding."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        self.slowest: dict[str, float] = defaultdict(float)
        self.largest: dict[str, int] = defaultdict(int)
        self.findings: dict[str, list[Outcome]] = defaultdict(list)
        self.shown = time.monotonic()

    def add(self, outcome: Outcome) -> None:
        """Count an outcome."""
        kind = outcome.case.kind
        counts = self.counts[kind]
        counts["cases"] += 1
        counts["refused"] += outcome.verdict == "refused"
        counts["accepted"] += outcome.verdict == "accepted"
        counts["undocumented exceptions"] += outcome.verdict == "exception"
        counts["over 10 s"] += outcome.seconds > MOST_SECONDS
        counts["over 2 GiB"] += outcome.peak > MOST_BYTES
        counts["files elsewhere"] += outcome.elsewhere
        counts["connections"] += outcome.connections
        counts["programs"] += outcome.programs
        self.slowest[kind] = max(self.slowest[kind], outcome.seconds)
        self.largest[kind] = max(self.largest[kind], outcome.peak)
        if not outcome.is_clean:
            same = self.findings[_signature(outcome)]
            same.append(outcome)
            if len(same) == 1:
                print(_signature(outcome), outcome, sep="\n", file=sys.stderr, flush=True)
        if time.monotonic() - self.shown > _SHOWN_SECONDS:
            self.shown = time.monotonic()
            cases = sum(one["cases"] for one in self.counts.values())
            found = sum(map(len, self.findings.values()))
            print(f"{cases:,} cases, {found} with a finding", file=sys.stderr, flush=True)

    def show(self) -> None:
        """Print the table and the findings."""
        print(f"| kind | {' | '.join(_COLUMNS)} | slowest | largest |")
        print("| --- " * (len(_COLUMNS) + 3) + "|")
        names = [name for name in KINDS if name in self.counts]
        for name in names:
            figures = [f"{self.counts[name][column]:,}" for column in _COLUMNS]
            extremes = f"{self.slowest[name]:.1f} s | {self.largest[name] / 2**30:.1f} GiB"
            print(f"| {name} | {' | '.join(figures)} | {extremes} |")
        total = [f"{sum(self.counts[name][column] for name in names):,}" for column in _COLUMNS]
        slowest, largest = max(self.slowest.values()), max(self.largest.values())
        print(f"| all | {' | '.join(total)} | {slowest:.1f} s | {largest / 2**30:.1f} GiB |")
        for signature, outcomes in sorted(self.findings.items()):
            first = min(outcomes, key=lambda outcome: outcome.case.number)
            print(f"\n{len(outcomes)} of {signature}")
            print(f"again: python benchmarks/fuzz.py --kinds {first.case.kind} --case", end=" ")
            print(f"{first.case.number} ({first.seconds:.1f} s, {first.peak / 2**30:.1f} GiB)")
            print("    " + first.detail[-1500:].replace("\n", "\n    "))


def _signature(outcome: Outcome) -> str:
    """Return the kind of a finding, so that equal ones are shown once."""
    name = outcome.case.kind
    if outcome.verdict == "exception":
        places = re.findall(r'autoequivariant/(\S+)", line (\d+)', outcome.detail)
        lines = outcome.detail.strip().splitlines()
        error = lines[-1].partition(":")[0] if places else "a flood"
        return f"{name}: {error}" + (f" at {places[-1][0]}:{places[-1][1]}" if places else "")
    if outcome.seconds > MOST_SECONDS:
        return f"{name}: over {MOST_SECONDS:.0f} s"
    if outcome.peak > MOST_BYTES:
        return f"{name}: over 2 GiB"
    return f"{name}: {outcome.detail.splitlines()[-1][:80]}"


def main() -> int:
    """Run the cases and print the table; return the exit status."""
    parser = argparse.ArgumentParser(description="Let the program read mutated inputs.")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", default=",".join(KINDS), help=f"of {', '.join(KINDS)}")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--case", type=int, help="run this one of the single --kinds again")
    parser.add_argument("--keep", type=Path, help="new folder for the input of --case")
    options = parser.parse_args()
    kinds = options.kinds.split(",")
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        parser.error(f"there is no kind {', '.join(unknown)}: choose from {', '.join(KINDS)}")
    if options.case is not None and len(kinds) != 1:
        parser.error("--case needs one kind, as in --kinds npz")
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        root = Path(name)
        make_corpora(root, kinds)
        if options.case is not None:
            folder = (options.keep or root / "case").absolute()
            folder.mkdir()
            watch = prepare(root / "worker-0")
            watch.allowed = folder
            print(run_case(Case(kinds[0], options.case), options.seed, root, folder, watch))
            return 0
        tally = Tally()
        cases = all_cases(options.cases, kinds)
        run_cases(cases, options.seed, root, options.workers, tally.add)
    tally.show()
    return 1 if tally.findings else 0


if __name__ == "__main__":
    sys.exit(main())
