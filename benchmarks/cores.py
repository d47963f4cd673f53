"""Training on several cores: torch's threads, Python threads, and processes.

    python benchmarks/cores.py [--cores 2] [--children 32]

trains networks with the paper's shapes, spread over its 216, in three ways: as one model, with
torch's threads for each operation; in one part for each core, each in its own thread; and as a
search does, in one process for each core. Each runs on an otherwise idle machine and while another
program keeps one core busy. The ways alternate; times are medians of three.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import median

import numpy as np
import torch

from autoequivariant.data.split import Split
from autoequivariant.groups.catalogue import paper_candidates
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Grid
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.searching.space import Space
from autoequivariant.training.child import Child
from autoequivariant.training.evaluator import Evaluator
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.families.mlp.family import MLPFamily
from autoequivariant.training.loop import Training

SAMPLES, EPOCHS, REPEATS = 4000, 1, 3


@contextmanager
def busy_core(is_wanted: bool) -> Iterator[None]:
    """Another program that keeps one core busy."""
    other = subprocess.Popen([sys.executable, "-c", "while True: pass"]) if is_wanted else None
    try:
        yield
    finally:
        if other is not None:
            other.kill()
            other.wait()


def ways(cores: int, children: list[Child], make: Callable[[Executor], Evaluator]) -> dict:
    """The ways to train, by name."""
    alone, workers = make(LocalExecutor(1)), make(LocalExecutor(cores, seconds_alone=0.0))
    size = -(-len(children) // cores)
    parts = [children[first : first + size] for first in range(0, len(children), size)]

    def by_torch() -> None:
        torch.set_num_threads(cores)
        alone.trainer.train_batch(children, 0, lambda count: None)

    def by_threads() -> None:
        torch.set_num_threads(1)
        with ThreadPoolExecutor(cores) as pool:
            list(
                pool.map(lambda part: alone.trainer.train_batch(part, 0, lambda count: None), parts)
            )

    def by_processes() -> None:
        list(workers.evaluate(children, 0, lambda count: None))

    return {
        "one model, torch's threads": by_torch,
        "a thread for each core": by_threads,
        "a process for each core": by_processes,
    }


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--children", type=int, default=32)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    split = Split(
        rng.random((SAMPLES, 1, 28, 28), np.float32), rng.integers(0, 10, SAMPLES, np.int64)
    )
    actions = layer_actions(
        paper_candidates(), Grid(28, 28), [Grid(20, 20)] * 2, allow_improper=True
    )
    space = Space(MLPFamily(MLPArchitecture(actions, 1, (1, 1), 10, "dense")), limit=500)
    last = len(space.children) - 1
    children = [space.children[k * last // (options.children - 1)] for k in range(options.children)]

    def make(executor: Executor) -> Evaluator:
        cpu = torch.device("cpu")
        return Evaluator(space.family, split, split, Training(EPOCHS), 0, cpu, executor=executor)

    measured = ways(options.cores, children, make)
    measured["a process for each core"]()  # starts the processes, as a search does once
    print("| | machine idle, s | one core busy, s |\n| --- | ---: | ---: |")
    found: dict[tuple[str, bool], list[float]] = {}
    for _ in range(REPEATS):
        for is_busy in (False, True):
            with busy_core(is_busy):
                for name, way in measured.items():
                    start = time.perf_counter()
                    way()
                    found.setdefault((name, is_busy), []).append(time.perf_counter() - start)
    for name in measured:
        print(f"| {name} | {median(found[name, False]):.1f} | {median(found[name, True]):.1f} |")


if __name__ == "__main__":
    main()
