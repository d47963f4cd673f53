"""The whole search space of G-MNIST and G-Fashion-MNIST, trained once, as one table.

    python benchmarks/aen_table/make.py --mnist path/to/mnist --fashion path/to/fashion_mnist

trains every distinct network of every setting and writes `table.csv` beside this file; `README.md`
is its card. It takes an hour or two on two cores; rerun it to resume. Each row is what `aen search`
trains with the same seed. Another processor rounds differently, so some networks score a little
better or worse there: `--check 64` retrains some and prints by how much. With `--executor ray` the
machines of a cluster share the work; they have to see the folder `--work`.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch

from autoequivariant.errors import AutoequivariantError
from autoequivariant.files import write_atomically
from autoequivariant.paper.derived_data import make_data
from autoequivariant.searching.experiment import make_experiment
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training.child import Child
from autoequivariant.training.executors.executor import Executor, OnStep
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.executors.options import ExecutorOptions
from autoequivariant.training.executors.registry import EXECUTORS, make_executor
from autoequivariant.training.loop import scores

TABLE = Path(__file__).with_name("table.csv")
SETTINGS = ("none", "mix1", "mix2", "mix3", "mix4", "mix5")
COLUMNS = (
    "data",
    "setting",
    "shapes",
    "seed",
    "network",
    "weights",
    "validation_correct",
    "test_correct",
    "seconds",
)
EPOCHS, TRAIN, VALIDATION = 4, 4000, 1000
TOGETHER = 16


@dataclass(frozen=True)
class Part:
    """The networks of one data set, setting, list of shapes and seed.

    Attributes:
        data: `mnist` or `fashion_mnist`.
        setting: `none` or `mix1` to `mix5`.
        shapes: `ours` (28x28 -> 14x14 -> 14x14, two channels) or `paper` (28x28 -> 20x20 -> 20x20).
        seed: of the split, the initial weights and the order of the samples.
    """

    data: str
    setting: str
    shapes: str
    seed: int

    def named(self) -> tuple[str, ...]:
        """The first cells of its rows."""
        return self.data, self.setting, self.shapes, str(self.seed)

    def folder(self, work: Path) -> Path:
        """The folder of its images."""
        return work / f"{self.data}-{self.setting}"

    def file(self, work: Path) -> Path:
        """The file of its rows until all parts are trained."""
        return work / f"{self.data}-{self.setting}-{self.shapes}-{self.seed}.csv"


def parts() -> list[Part]:
    """All parts: the first seed of everything first."""
    pairs = [(data, setting) for setting in SETTINGS for data in ("mnist", "fashion_mnist")]
    kinds = [("ours", 0), ("paper", 0), ("ours", 1), ("ours", 2)]
    return [Part(*pair, *kind) for kind in kinds for pair in pairs]


class Trainer:
    """Trains the networks of a part as `aen search` does."""

    def __init__(self, part: Part, work: Path) -> None:
        torch.set_num_threads(1)
        self.part = part
        experiment = make_experiment(
            SearchSettings(
                data=str(part.folder(work)),
                network="mlp",
                preset="paper" if part.shapes == "paper" else None,
                epochs=EPOCHS,
                train_size=TRAIN,
                validation_size=VALIDATION,
                seed=part.seed,
            )
        )
        self.problem, data = experiment.problem, experiment.data
        executor = LocalExecutor(1)
        self.evaluator = self.problem.evaluator(data.train, data.validation, executor)
        self.test = self.evaluator.trainer.scaling.normalised(data.test, self.problem.device)

    def bits(self, child: Child) -> str:
        """The network's name in the table: a bit for each candidate."""
        return "".join(str(int(k in child.members)) for k in range(len(self.problem.candidates)))

    def rows(self, children: list[Child], on_step: OnStep = lambda count: None) -> list[list[str]]:
        """Train networks together, score them and return their rows."""
        start = time.perf_counter()
        model = self.evaluator.trainer.train_batch(children, 0, on_step)
        validation = self.evaluator.trainer.score_batch(model).sum(1)
        seconds = (time.perf_counter() - start) / len(children)
        test = scores(model, *self.test).sum(1)
        rows = zip(children, model.n_parameters_per_child, validation, test, strict=True)
        return [
            [
                *self.part.named(),
                self.bits(child),
                *(str(int(count)) for count in counts),
                f"{seconds:.3f}",
            ]
            for child, *counts in rows
        ]


def train(work: Path, part: Part, on_step: OnStep) -> int:
    """Train and record what is missing of a part; return the number of its rows."""
    file = part.file(work)
    rows = read_rows(file) or [row for row in read_rows(TABLE) if tuple(row[:4]) == part.named()]
    trainer = Trainer(part, work)
    known = {row[COLUMNS.index("network")] for row in rows}
    missing = [c for c in trainer.problem.space.children if trainer.bits(c) not in known]
    if not missing:
        write_rows(file, rows)
    for first in range(0, len(missing), TOGETHER):
        rows += trainer.rows(missing[first : first + TOGETHER], on_step)
        write_rows(file, rows)
    return len(rows)


def check(count: int, work: Path) -> None:
    """Retrain some networks of the table, a few of some parts, and compare."""
    rows = {tuple(row[:5]): row for row in read_rows(TABLE)}
    rng = np.random.default_rng(0)
    every = parts()
    differences = []
    for number in rng.permutation(len(every))[: -(-count // TOGETHER)]:
        trainer = Trainer(every[number], work)
        children = trainer.problem.space.children
        chosen = [children[k] for k in rng.permutation(len(children))[:TOGETHER]]
        for row in trainer.rows(chosen):
            pairs = zip(row[5:8], rows[tuple(row[:5])][5:8], strict=True)
            differences.append([abs(int(now) - int(then)) for now, then in pairs])
    n_parameters, validation, test = np.array(differences).T
    same = (validation + test == 0).mean()
    print(
        f"{len(differences)} networks retrained: {100 * same:.0f}% have the same scores; the "
        f"others' test accuracy differs by {100 * np.median(test[test > 0]) / 1e4:.2f} "
        f"points in the median, {100 * test.max() / 1e4:.2f} at most; the number of "
        f"parameters differs in {(n_parameters > 0).sum()}."
    )


def read_rows(file: Path) -> list[list[str]]:
    """Return the rows of a file without its header; none if there is no file."""
    if not file.exists():
        return []
    with file.open(newline="") as lines:
        return list(csv.reader(lines))[1:]


def write_rows(file: Path, rows: list[list[str]]) -> None:
    """Write a header and rows atomically."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows])
    write_atomically(file, text.getvalue().encode())


def sources(mnist: Path, fashion: Path, work: Path) -> Iterator[tuple[str, Path, str]]:
    """Make the data sets that are missing; yield each before it is made."""
    for setting in SETTINGS:
        for data, recipe, source in (
            ("mnist", "g-mnist", mnist),
            ("fashion_mnist", "g-fashion-mnist", fashion),
        ):
            out = Part(data, setting, "ours", 0).folder(work)
            if not (out / "README.md").exists():
                yield recipe, source, setting
                make_data(recipe, source, setting, 0, out)


def main() -> None:
    """Parse the options and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mnist", type=Path, required=True, help="folder of its IDX files")
    parser.add_argument("--fashion", type=Path, required=True, help="folder of its IDX files")
    parser.add_argument("--work", type=Path, default=Path("build/aen_table"))
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="with local")
    parser.add_argument("--executor", choices=list(EXECUTORS), default="local")
    parser.add_argument("--ray-address")
    parser.add_argument("--cpus-per-child", type=float, default=1.0)
    parser.add_argument(
        "--check", type=int, help="retrain about this number of networks, and compare"
    )
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    for recipe, _, setting in sources(options.mnist, options.fashion, options.work):
        print(f"making {recipe} {setting}", flush=True)
    if options.check:
        check(options.check, options.work)
    else:
        chosen = ExecutorOptions(options.executor, options.ray_address, options.cpus_per_child)
        is_local = options.executor == "local"
        with LocalExecutor(options.workers, 0) if is_local else make_executor(chosen) as executor:
            make(executor, options.work.absolute())


def make(executor: Executor, work: Path) -> None:
    """Train what is missing and write the table."""
    start = time.perf_counter()
    every = parts()
    trained = executor.run(partial(train, work), every, lambda count: None)
    for done, (number, rows) in enumerate(trained, 1):
        minutes = (time.perf_counter() - start) / 60
        part = every[number]
        name = " ".join(part.named())
        print(f"{done}/{len(every)} {name}: {rows} rows, {minutes:.1f} minutes", flush=True)
    rows = [row for part in every for row in read_rows(part.file(work))]
    write_rows(TABLE, rows)
    print(f"{len(rows):,} rows in {TABLE}")


if __name__ == "__main__":
    try:
        main()
    except AutoequivariantError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("interrupted: rerun the command to resume", file=sys.stderr)
        sys.exit(130)
