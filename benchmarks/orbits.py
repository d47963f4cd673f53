"""Orbits of (output, input) pairs: ours against SciPy's connected components on the same pairs.

    python benchmarks/orbits.py [--repeats 15]

The paper's layer, 784 inputs and 400 outputs, with its twelve candidates and shift 4: all at once,
and one at a time. Both alternate in one process; times are medians. The exit status is 1 if a
target is missed: at least 8 times as fast on all twelve, never slower on one.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from autoequivariant.groups.catalogue import paper_candidates
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.orbits import pair_orbits
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry

INPUT, HIDDEN = Grid(28, 28), Grid(20, 20)
TARGET_ALL, TARGET_ONE = 8.0, 1.0

Labels = np.ndarray


def by_orbits(outs: Sequence[Permutation], ins: Sequence[Permutation]) -> Labels:
    return pair_orbits(outs, ins, HIDDEN.size, INPUT.size).labels


def edges(outs: Sequence[Permutation], ins: Sequence[Permutation]) -> tuple[np.ndarray, np.ndarray]:
    """One edge from each pair to its image under each generator; not counted in SciPy's time."""
    pairs = np.arange(HIDDEN.size * INPUT.size, dtype=np.int32).reshape(HIDDEN.size, INPUT.size)
    to = [pairs[o.image[:, None], i.image].ravel() for o, i in zip(outs, ins, strict=True)]
    return np.tile(pairs.ravel(), len(to)), np.concatenate(to)


def by_scipy(here: np.ndarray, there: np.ndarray) -> Labels:
    n = HIDDEN.size * INPUT.size
    graph = coo_array((np.ones(here.size, np.int8), (here, there)), shape=(n, n))
    return connected_components(graph, directed=False)[1].reshape(HIDDEN.size, INPUT.size)


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def compare(candidates: Sequence[Symmetry], repeats: int) -> tuple[float, float, int]:
    """Median seconds of ours and of SciPy's, and the number of orbits, on which both agree."""
    outs, ins = [s.action(HIDDEN) for s in candidates], [s.action(INPUT) for s in candidates]
    here, there = edges(outs, ins)
    labels = by_orbits(outs, ins)
    if not np.array_equal(labels, by_scipy(here, there)):
        raise SystemExit(f"The labels differ for {', '.join(map(str, candidates))}.")
    ours, scipys = [], []
    for _ in range(repeats):
        ours.append(seconds(lambda: by_orbits(outs, ins)))
        scipys.append(seconds(lambda: by_scipy(here, there)))
    return median(ours), median(scipys), int(labels.max()) + 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=15)
    repeats = parser.parse_args().repeats
    twelve = paper_candidates(step=4)
    rows = [("all twelve", twelve, TARGET_ALL), *((str(s), (s,), TARGET_ONE) for s in twelve)]
    print(
        f"{'generators':<24}{'orbits':>8}{'ours, ms':>10}{'scipy, ms':>11}{'ratio':>8}{'target':>8}"
    )
    missed = 0
    for name, candidates, target in rows:
        ours, scipys, count = compare(candidates, repeats)
        ratio = scipys / ours
        missed += ratio < target
        times = f"{1e3 * ours:>10.2f}{1e3 * scipys:>11.2f}"
        verdict = "" if ratio >= target else "  missed"
        print(f"{name:<24}{count:>8}{times}{ratio:>7.1f}x{target:>7.0f}x{verdict}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
