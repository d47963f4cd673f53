"""Every sampler, many times, on every data set and setting of the table.

    python benchmarks/aen_table/compare.py [--repeats 100] [--shapes ours paper]

searches on `table.csv` and adds a row for each search to `samplers.csv` beside it. Rerun it to
resume: searches in that file are not repeated; remove it to start over. It takes an hour or two on
two cores. `summarise.py` makes tables and figures of the result.
"""

from __future__ import annotations

import argparse
import csv
import os
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from itertools import product
from multiprocessing import get_context
from pathlib import Path

import torch
from replay import SAMPLERS, TabularProblem, ends, load, run

RUNS = Path(__file__).with_name("samplers.csv")
DATA = ("mnist", "fashion_mnist")
SETTINGS = ("none", "mix1", "mix2", "mix3", "mix4", "mix5")
COLUMNS = ("shapes", "data", "setting", "sampler", "repeat", "until", "end", "tests")
NEAR = 0.005
"""Largest distance from the best test accuracy that counts as near."""
SHOWN = 50
"""Fewest networks that a search trains."""
MOST = 100
"""Most networks that a search trains; one that is not near by then counts as never near."""
SLOW = {"gp": (5, 40)}
"""Slow samplers, which run only on request: their number of repeats, and their most networks."""
TOGETHER = 5

Search = tuple[str, str, str, str, int]


@cache
def problem_of(data: str, setting: str, shapes: str) -> TabularProblem:
    """Read the table once for all searches of a process."""
    return load(data, setting, shapes)


def searched(shapes: str, data: str, setting: str, sampler: str, repeat: int) -> list[str]:
    """Search once; return a row."""
    problem = problem_of(data, setting, shapes)
    count = len(problem.scores)
    most = min(count, SLOW.get(sampler, (0, MOST))[1])

    def until(tests: list[float]) -> int | None:
        near = (number for number, test in enumerate(tests, 1) if test >= problem.best_test - NEAR)
        return next(near, None)

    def enough(trained: list) -> bool:
        return len(trained) >= SHOWN and until(problem.test_of_best(trained, repeat)) is not None

    trained = run(problem, sampler, repeat, most, enough)
    tests = problem.test_of_best(trained, repeat)
    end = ends(problem, trained, repeat) if sampler == "lattice" else None
    shown = " ".join(f"{test:.4f}" for test in tests[:SHOWN])
    row = (shapes, data, setting, sampler, repeat, until(tests), end, shown)
    return ["" if value is None else str(value) for value in row]


def searches(some: list[Search]) -> list[list[str]]:
    """Run some searches in one process."""
    torch.set_num_threads(1)
    return [searched(*one) for one in some]


def missing(shapes: list[str], samplers: list[str], repeats: int) -> list[list[Search]]:
    """Searches without a row, in small groups: the first repeats of everything first, slow samplers
    last.
    """
    known = set()
    if RUNS.exists():
        with RUNS.open(newline="") as lines:
            known = {tuple(row[:5]) for row in csv.reader(lines)}
    found = []
    for first in range(0, repeats, TOGETHER):
        for shape, data, setting, sampler in product(shapes, DATA, SETTINGS, samplers):
            most = min(repeats, SLOW.get(sampler, (repeats, 0))[0])
            some = [
                (shape, data, setting, sampler, repeat)
                for repeat in range(first, min(first + TOGETHER, most))
                if (shape, data, setting, sampler, str(repeat)) not in known
            ]
            if some:
                found.append(some)
    return sorted(found, key=lambda some: some[0][3] in SLOW)


def main() -> None:
    """Run the missing searches."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=100)
    parser.add_argument("--shapes", nargs="+", default=["ours"], choices=["ours", "paper"])
    parser.add_argument(
        "--samplers",
        nargs="+",
        default=[n for n in SAMPLERS if n not in SLOW],
        choices=SAMPLERS,
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    options = parser.parse_args()
    parts = missing(options.shapes, options.samplers, options.repeats)
    if not RUNS.exists():
        RUNS.write_text(",".join(COLUMNS) + "\n")
    start = time.perf_counter()
    # A process slows down over hundreds of searches, so each is replaced after some.
    fresh = {"mp_context": get_context("spawn"), "max_tasks_per_child": 40}
    with ProcessPoolExecutor(options.workers, **fresh) as pool:
        waiting = [pool.submit(searches, part) for part in parts]
        for done, future in enumerate(as_completed(waiting), 1):
            rows = future.result()
            with RUNS.open("a", newline="") as lines:
                csv.writer(lines, lineterminator="\n").writerows(rows)
            if done % 20 == 0 or done == len(waiting):
                minutes = (time.perf_counter() - start) / 60
                print(f"{done}/{len(waiting)} parts, {minutes:.1f} minutes", flush=True)


if __name__ == "__main__":
    main()
