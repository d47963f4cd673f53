"""Partial symmetries where a whole one is wrong, and where it is right, as a Markdown table.

    python benchmarks/partial.py --source path/to/mnist --out runs/partial

Data sets, all from MNIST's own training and test images:

- `turned`: its sixes, of which a half is turned by 180 degrees; the label says which. This is
  MNIST6-180 of Romero and Lohit, "Learning Partial Equivariances from Data", NeurIPS 2022
  (arXiv 2110.10211), by its description; their draw is another.
- `both`: its digits that look otherwise when turned (2, 3, 4, 5, 6, 7 and 9), of which a half is
  turned; the label says which digit it is and whether it is turned (14 classes).
- `digits`: its sixes and nines, of which a half is turned; the label says which digit it is.
- `upright`: the same, none turned.
- `rotmnist`: as `aen data make rotmnist`.

On each, two runs. The first compares all networks of one candidate, without direct tests: with no
symmetry, with it up to each level, with all of it; each is trained on four folds. The second is a
search with direct tests, whose chosen network alone is scored on test, beside the baseline.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.registry import read
from autoequivariant.data.samples import Samples
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.paper.rot_mnist import rot_mnist
from autoequivariant.searching.run import search
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.results import Results

Images = NDArray[np.uint8]
Labels = NDArray[np.int64]
Part = Callable[[Images, Labels, np.random.Generator], tuple[Images, Labels]]


def half_turned(x: Images, rng: np.random.Generator) -> tuple[Images, NDArray[np.bool_]]:
    """Turn a random half of the images; return them and which are turned."""
    turned = rng.permutation(len(x)) < len(x) // 2
    return np.where(turned[:, None, None], np.rot90(x, 2, (1, 2)), x), turned


def turned_sixes(x: Images, y: Labels, rng: np.random.Generator) -> tuple[Images, Labels]:
    moved, turned = half_turned(x[y == 6], rng)
    return moved, turned.astype(np.int64)


def both(x: Images, y: Labels, rng: np.random.Generator) -> tuple[Images, Labels]:
    some = np.isin(y, (2, 3, 4, 5, 6, 7, 9))
    moved, turned = half_turned(x[some], rng)
    return moved, y[some] + 10 * turned


def digits(x: Images, y: Labels, rng: np.random.Generator) -> tuple[Images, Labels]:
    some = np.isin(y, (6, 9))
    return half_turned(x[some], rng)[0], y[some]


def upright(x: Images, y: Labels, rng: np.random.Generator) -> tuple[Images, Labels]:
    some = np.isin(y, (6, 9))
    return x[some], y[some]


PARTS: dict[str, Part] = {
    "turned": turned_sixes,
    "both": both,
    "digits": digits,
    "upright": upright,
}
CANDIDATES = {**dict.fromkeys(PARTS, "rot180"), "rotmnist": "rot90"}


def make(name: str, mnist: Samples, out: Path) -> Path:
    """Write a data set as an npz file, unless it is there."""
    path = out / f"{name}.npz"
    if path.exists():
        return path
    if name == "rotmnist":
        made = rot_mnist(mnist, 0)
        arrays = (made.x[:, 0], made.y, made.x_test[:, 0], made.y_test)
    else:
        rng, part = np.random.default_rng(0), PARTS[name]
        train = part(mnist.x[:, 0], mnist.y, rng)
        arrays = (*train, *part(mnist.x_test[:, 0], mnist.y_test, rng))
    keys = ("x_train", "y_train", "x_test", "y_test")
    np.savez_compressed(path, **dict(zip(keys, arrays, strict=True)))
    return path


def run(
    name: str, path: Path, out: Path, train_size: int | None, tests: bool, seed: int
) -> Results:
    """Compare all networks of the candidate (without tests), or search (with them)."""
    settings = SearchSettings(
        data=str(path),
        symmetries=(Symmetry.parse(CANDIDATES[name]),),
        augmentations=(),
        network="cnn",
        partial=True,
        train_size=train_size,
        sampler="auto" if tests else "exhaustive",
        tests=tests,
        fit="quick" if tests else "none",
        seed=seed,
    )
    what = "search" if tests else "levels"
    folder = out / f"{name}-{train_size or 'default'}-{what}-{seed}"
    return search(settings, folder, rivals=False).results


def show_levels(results: Results) -> None:
    print("| kept | folds | accuracy | behind in log loss |")
    print("| --- | --- | --- | --- |")
    for one in results.finalists:
        behind = f"{one.behind_best:.4f} ± {one.standard_error:.4f}"
        kept = ", ".join(one.generators) or "nothing"
        print(f"| {kept} | {one.folds} | {one.validation_score:.2%} | {behind} |")


def show_search(results: Results) -> None:
    whole = next(one for one in results.verdicts if "@" not in one.name)
    print(f"\n{whole.name}: {whole.verdict} ({whole.reason}).")
    for one in results.verdicts:
        if one.trained is not None:
            low, high = one.trained.interval
            print(f"{one.name}: {one.use}, {one.trained.difference:.4f} ({low:.4f} to {high:.4f}).")
    for label, network in (("chosen", results.best), ("baseline", results.baseline)):
        low, high = network.test_interval
        kept = ", ".join(getattr(network, "generators", ())) or "nothing"
        print(f"{label}: {kept}; test {network.test_score:.2%} ({low:.2%} to {high:.2%}).")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("runs/partial"))
    parser.add_argument("--data", nargs="+", default=list(CANDIDATES), choices=list(CANDIDATES))
    parser.add_argument("--train-size", type=int, default=None)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    mnist = read("mnist", source=given.source)
    for name in given.data:
        path = make(name, mnist, given.out)
        print(f"\n### {name}\n", flush=True)
        show_levels(run(name, path, given.out, given.train_size, False, given.seed))
        show_search(run(name, path, given.out, given.train_size, True, given.seed))


if __name__ == "__main__":
    main()
