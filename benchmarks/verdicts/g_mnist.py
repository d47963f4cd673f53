"""The paper's benchmark without a search: direct tests against searches for the best network.

    python benchmarks/verdicts/g_mnist.py --mnist path/to/mnist --fashion path/to/fashion_mnist

For G-MNIST and G-Fashion-MNIST, every setting and three seeds: the direct tests of the twelve
candidates on train and validation (5,000 images), and the network of those that hold; and searches
with deep Q-learning, with the lattice sampler and of all networks, each ending in the network that
is best on validation. Networks, their test accuracy and the seconds of their training (of one core)
are looked up in `benchmarks/aen_table/table.csv`, so all methods see the same trainings. Seconds of
the direct tests are measured; those of training the baseline and their network are added.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "aen_table"))

import make
import replay

from autoequivariant.searching.asking.direct import ask_data
from autoequivariant.searching.experiment import make_experiment
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training.child import Child

SEEDS = (0, 1, 2)
MOST = 100  # networks that deep Q-learning trains
METHODS = ("direct tests", "deep Q-learning", "lattice", "exhaustive")


@dataclass(frozen=True)
class Answer:
    """What a method found in one data set with one seed."""

    networks: int
    seconds: float
    symmetries: tuple[str, ...]
    test: float


@dataclass(frozen=True)
class Looked:
    """The networks of one data set, setting and seed.

    Attributes:
        problem: the search space with the scores of this seed alone.
        seconds: of the training of each network.
    """

    problem: replay.TabularProblem
    seconds: dict[Child, float]

    def answer(self, trained: Sequence[Child], chosen: Child, more: float = 0.0) -> Answer:
        space = self.problem.space
        names = tuple(space.names[k] for k in space.smallest_generators(chosen))
        seconds = sum(self.seconds[child] for child in trained) + more
        return Answer(len(trained), seconds, names, self.problem.scores[chosen].test)

    def best(self, trained: Sequence[Child]) -> Answer:
        scores = self.problem.scores
        return self.answer(trained, max(trained, key=lambda child: scores[child].validation[0]))


def looked_up(data: str, setting: str, seed: int) -> Looked:
    space = replay.space_of("ours")
    scores, seconds = {}, {}
    with replay.TABLE.open(newline="") as lines:
        for row in csv.DictReader(lines):
            if [row[k] for k in ("data", "setting", "shapes", "seed")] != [
                *(data, setting, "ours", str(seed))
            ]:
                continue
            child = space.child([k for k, bit in enumerate(row["network"]) if bit == "1"])
            scores[child] = replay.Scores(
                (int(row["validation_correct"]) / replay.VALIDATION,),
                int(row["test_correct"]) / replay.TEST,
                int(row["weights"]),
            )
            seconds[child] = float(row["seconds"])
    return Looked(replay.TabularProblem(space, scores), seconds)


def by_tests(looked: Looked, folder: Path, seed: int) -> Answer:
    settings = SearchSettings(
        str(folder),
        network="mlp",
        train_size=make.TRAIN,
        validation_size=make.VALIDATION,
        seed=seed,
        tests=False,
    )
    experiment = make_experiment(settings)
    found = ask_data(experiment.data, experiment.problem.family, seed)
    space = looked.problem.space
    chosen = space.child([space.names.index(name) for name in found.holding])
    return looked.answer(list({space.baseline: 0, chosen: 0}), chosen, found.seconds)


def searched(looked: Looked, method: str, seed: int) -> Answer:
    if method == "exhaustive":
        return looked.best(looked.problem.space.children)
    name = {"deep Q-learning": "dqn", "lattice": "lattice"}[method]
    trained = replay.run(looked.problem, name, seed, MOST)
    if name == "lattice":
        trained = trained[: replay.ends(looked.problem, trained, seed)]
    return looked.best(trained)


def row(data: str, setting: str, method: str, answers: Sequence[Answer]) -> str:
    found = "; ".join(dict.fromkeys(", ".join(one.symmetries) or "none" for one in answers))
    tests = " ".join(f"{one.test:.1%}" for one in answers)
    return (
        f"| {data} | {setting} | {method} | {mean(one.networks for one in answers):.0f} | "
        f"{mean(one.seconds for one in answers):.1f} | {found} | {tests} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mnist", type=Path, required=True, help="folder of its IDX files")
    parser.add_argument("--fashion", type=Path, required=True, help="folder of its IDX files")
    parser.add_argument("--work", type=Path, default=Path("build/aen_table"))
    options: Any = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    for recipe, _, setting in make.sources(options.mnist, options.fashion, options.work):
        print(f"making {recipe} {setting}", file=sys.stderr, flush=True)
    print("| data | setting | method | networks | seconds | symmetries, by seed | test, by seed |")
    print("| --- | --- | --- | ---: | ---: | --- | --- |")
    for data in ("mnist", "fashion_mnist"):
        for setting in make.SETTINGS:
            folder = make.Part(data, setting, "ours", 0).folder(options.work)
            parts = {seed: looked_up(data, setting, seed) for seed in SEEDS}
            for method in METHODS:
                answers = [
                    by_tests(part, folder, seed)
                    if method == "direct tests"
                    else searched(part, method, seed)
                    for seed, part in parts.items()
                ]
                print(row(data, setting, method, answers), flush=True)


if __name__ == "__main__":
    main()
