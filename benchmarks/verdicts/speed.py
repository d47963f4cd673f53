"""Seconds that the direct tests take.

    python benchmarks/verdicts/speed.py [--repeats 5]

Twelve candidates on 5,000 images of 28x28, of which two hold, and twenty on a table of 10,000 rows
and 50 columns; the shortest of the repeats counts. The exit status is 1 if a target is missed: 3
and 5 seconds on two cores.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable

import numpy as np
from planted import generated
from scipy.ndimage import gaussian_filter

from autoequivariant.evidence.direct import DirectTests, direct_tests
from autoequivariant.evidence.testing.moves import Labelled, Moves
from autoequivariant.groups.catalogue import paper_candidates
from autoequivariant.groups.domain import Features, Grid
from autoequivariant.groups.element import element_of
from autoequivariant.groups.symmetry import parse_symmetries

IMAGES, ROWS = 3.0, 5.0


def images() -> DirectTests:
    rng = np.random.default_rng(0)
    domain, candidates = Grid(28, 28), paper_candidates()
    y = rng.integers(0, 10, 5000)
    patterns = gaussian_filter(rng.standard_normal((10, 28, 28)), (0, 2, 2))
    noise = gaussian_filter(rng.standard_normal((5000, 28, 28)), (0, 2, 2))
    x = (patterns[y] + noise).astype(np.float32).reshape(5000, -1)
    planted = [element_of(s, domain, 1, 10) for s in parse_symmetries("hflip,swap_left_right")]
    group = generated(planted)
    assert group is not None
    moves = Moves(tuple(group))
    moved = moves.apply(Labelled(x, y, 10), rng.integers(len(group), size=5000))
    return direct_tests(moved.x.reshape(5000, 1, 28, 28), y, 10, domain, candidates)


def rows() -> DirectTests:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((10_000, 50)).astype(np.float32)
    y = np.abs(x[:, :25]).sum(axis=1) + x[:, 25:] @ np.arange(25) / 25
    candidates = parse_symmetries(",".join(f"swap:{k}-{k + 1}" for k in range(15, 35)))
    target = y[:, np.newaxis].astype(np.float32)
    return direct_tests(x[:, np.newaxis], target, 0, Features(50), candidates)


def shortest(work: Callable[[], DirectTests], repeats: int) -> float:
    return min(work().seconds for _ in range(repeats))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    started = time.perf_counter()
    print(f"| {os.cpu_count()} cores | seconds | target |\n| --- | --- | --- |")
    missed = 0
    for name, work, target in (
        ("5,000 images of 28x28, 12 candidates", images, IMAGES),
        ("10,000 rows of 50 columns, 20 candidates", rows, ROWS),
    ):
        seconds = shortest(work, repeats)
        missed += seconds > target
        print(f"| {name} | {seconds:.2f} | {target:.0f} |", flush=True)
    print(f"\n{time.perf_counter() - started:.0f} s in all", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
