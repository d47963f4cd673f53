"""Estimators of scikit-learn with the symmetries of a board put into them, as a Markdown table.

    python benchmarks/your_own_model/tables.py path/to/tic_tac_toe.csv path/to/connect4.csv

Tic-tac-toe has the turns and mirrors of its board, Connect-4 the left-right mirror. A support
vector machine and gradient boosting, both with their defaults, as they are, fitted on all moved
copies (augmentation), and in `SymmetricClassifier`. Positions that a symmetry turns into each other
are on one side of the split. Accuracy on a held-out fifth, mean and range over the seeds of the
split. `--rows` bounds the training rows of Connect-4 for the support vector machine, whose time
grows with the square of their number.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import GroupShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import SVC

from autoequivariant import SymmetricClassifier

Codes = NDArray[np.int64]


def exchange(names: list[str], image: Callable[[str], str]) -> list[int]:
    """Return where each column goes when its place on the board moves."""
    return [names.index(image(name)) for name in names]


def tic_tac_toe(names: list[str]) -> dict[str, list[int]]:
    """Return a quarter turn and a mirror."""
    return {
        "turn": exchange(names, lambda name: f"r{name[3]}c{2 - int(name[1])}"),
        "mirror": exchange(names, lambda name: f"r{name[1]}c{2 - int(name[3])}"),
    }


def connect4(names: list[str]) -> dict[str, list[int]]:
    """Return the mirror."""
    return {"mirror": exchange(names, lambda name: "gfedcba"["abcdefg".index(name[0])] + name[1:])}


def orbit(x: Codes, images: dict[str, list[int]]) -> list[Codes]:
    """Return the samples moved by each element of the group."""
    found, new = {tuple(range(x.shape[1]))}, [tuple(range(x.shape[1]))]
    for one in new:  # grows
        for image in images.values():
            other = tuple(image[k] for k in one)
            if other not in found:
                found.add(other)
                new.append(other)
    return [x[:, np.argsort(one)] for one in new]


def models(rows: int | None) -> dict[str, tuple[Any, int | None]]:
    """Return estimators, each with the most rows that it is fitted on."""
    one_hot = OneHotEncoder(handle_unknown="ignore")
    return {
        "SVC": (make_pipeline(one_hot, SVC(random_state=0)), rows),
        "HistGradientBoosting": (HistGradientBoostingClassifier(random_state=0), None),
    }


def accuracies(
    path: Path, seeds: int, rows: int | None
) -> Iterator[tuple[str, str, list[float], float]]:
    """Yield the estimator, how it has the symmetries, accuracies and mean seconds."""
    table = pd.read_csv(path, dtype=str)
    *names, target = table.columns
    x = np.stack([pd.factorize(table[name], sort=True)[0] for name in names], axis=1)
    y = table[target].to_numpy()
    images = tic_tac_toe(names) if names[0] == "r0c0" else connect4(names)
    copies = np.stack(orbit(x, images))
    smallest = [min(map(tuple, own.tolist())) for own in copies.swapaxes(0, 1)]
    groups = pd.factorize(pd.Series(smallest))[0]
    for name, (model, most) in models(rows).items():
        ways = ("none", "augmentation", "average", "canonical")
        found: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
        for seed in range(seeds):
            splits = GroupShuffleSplit(1, test_size=0.2, random_state=seed)
            train, test = next(splits.split(x, y, groups))
            train = train[:most]
            for way in ways:
                start = time.perf_counter()
                if way == "none":
                    fitted = model.fit(x[train], y[train])
                elif way == "augmentation":
                    moved = orbit(x[train], images)
                    fitted = model.fit(np.concatenate(moved), np.tile(y[train], len(moved)))
                else:
                    symmetric = SymmetricClassifier(model, list(images.values()), method=way)
                    fitted = symmetric.fit(x[train], y[train])
                score = float((fitted.predict(x[test]) == y[test]).mean())
                found[way].append((score, time.perf_counter() - start))
        for way, results in found.items():
            scores, seconds = zip(*results, strict=True)
            yield name, way, list(scores), float(np.mean(seconds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("tables", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=3, help="of splits")
    parser.add_argument("--rows", type=int, default=10_000)
    arguments = parser.parse_args()
    print("| data | estimator | symmetries | test | range | seconds |")
    print("| --- | --- | --- | --- | --- | ---: |")
    for path in arguments.tables:
        for name, way, scores, seconds in accuracies(path, arguments.seeds, arguments.rows):
            spread = f"{min(scores):.1%} to {max(scores):.1%}"
            cells = [path.stem, name, way, f"{np.mean(scores):.1%}", spread, f"{seconds:.1f}"]
            print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
