"""The Gaussian process's proposals on example 6.1 of Christie and Aston, as a Markdown table.

    python benchmarks/verdicts/christie_aston.py --repeats 200 --counts counts.json

Each function of `REPORTED` has known symmetries among the eight elements of D4 on the first two
columns. No constant of the method was chosen on them, but on the functions of `TUNING`, which
`--functions tuning` runs.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.evidence.gaussian_process.proposal import propose_state
from autoequivariant.evidence.intervals import wilson_interval
from autoequivariant.evidence.testing.moves import Labelled
from autoequivariant.groups.element import Element
from autoequivariant.groups.group_elements import group_elements
from autoequivariant.groups.permutation import Permutation

Vector = NDArray[np.float64]
NOISE, VARIANCE = 0.05, 2.0
SIZES, DIMENSIONS = (20, 50, 100, 200), (2, 4, 6)
SIGNED = {"mirror 1": ([0, 1], [-1, 1]), "mirror 2": ([0, 1], [1, -1]), "swap": ([1, 0], [1, 1])}
STATES = {  # the ten subgroups of D4, by words in these three generators
    "none": (),
    "mirror 1": (("mirror 1",),),
    "mirror 2": (("mirror 2",),),
    "swap": (("swap",),),
    "other swap": (("mirror 1", "mirror 2", "swap"),),
    "half turn": (("mirror 1", "mirror 2"),),
    "mirrors": (("mirror 1",), ("mirror 2",)),
    "swaps": (("swap",), ("mirror 1", "mirror 2")),
    "quarter turn": (("mirror 1", "swap"),),
    "all": (("mirror 1",), ("swap",)),
}
"""Closed states by name: generators, each a product."""

Function = Callable[[Vector, Vector], Vector]
REPORTED: dict[str, tuple[str, Function]] = {
    "exp(-abs(x1))": ("mirrors", lambda a, b: np.exp(-abs(a))),
    "exp(-abs(x1 - 1)) + tanh(x2 + 0.5) / 2": (
        "none",
        lambda a, b: np.exp(-abs(a - 1)) + np.tanh(b + 0.5) / 2,
    ),
    "exp(-(x1**2 + x2**2) / 4)": ("all", lambda a, b: np.exp(-(a**2 + b**2) / 4)),
}
"""The symmetries of each function."""
TUNING: dict[str, tuple[str, Function]] = {
    "cos(x1)": ("mirrors", lambda a, b: np.cos(a)),
    "abs(x1) * cos(x2)": ("mirrors", lambda a, b: abs(a) * np.cos(b)),
    "x1**2 / (1 + x2**2)": ("mirrors", lambda a, b: a**2 / (1 + b**2)),
    "cos(x1) * x2": ("mirror 1", lambda a, b: np.cos(a) * b),
    "sqrt(abs(x2)) + x1 / 2": ("mirror 2", lambda a, b: np.sqrt(abs(b)) + a / 2),
    "tanh(x1) + tanh(x2)": ("swap", lambda a, b: np.tanh(a) + np.tanh(b)),
    "sin(x1 + x2 / 2)**2": ("half turn", lambda a, b: np.sin(a + b / 2) ** 2),
    "tanh(x1 * x2)": ("swaps", lambda a, b: np.tanh(a * b)),
    "x1 * x2 * (x1**2 - x2**2) / (1 + r**4)": (
        "quarter turn",
        lambda a, b: a * b * (a**2 - b**2) / (1 + (a**2 + b**2) ** 2),
    ),
    "1 / (1 + r**2)": ("all", lambda a, b: 1 / (1 + a**2 + b**2)),
    "cos(x1) + cos(x2)": ("all", lambda a, b: np.cos(a) + np.cos(b)),
    "sin(x1) + x2 / 2": ("none", lambda a, b: np.sin(a) + b / 2),
    "tanh(x1 - 1) * x2 + x1 / 3": ("none", lambda a, b: np.tanh(a - 1) * b + a / 3),
    "abs(x1 - 0.5) - exp(x2 / 3)": ("none", lambda a, b: abs(a - 0.5) - np.exp(b / 3)),
}


def states(dimensions: int) -> list[tuple[Element, ...]]:
    """Return all elements of the groups of `STATES`, acting on columns."""
    outputs = Permutation.identity(1)
    identity = Element(Permutation.identity(dimensions), outputs)
    generators = {}
    for name, (image, signs) in SIGNED.items():
        rest = np.arange(2, dimensions)
        points = Permutation([*image, *rest], [*signs, *np.ones(len(rest), int)])
        generators[name] = Element(points, outputs)
    found = []
    for words in STATES.values():
        products = [identity] * len(words)
        for number, word in enumerate(words):
            for name in word:
                products[number] = products[number] @ generators[name]
        group = group_elements(products, identity, 8)
        assert group is not None
        found.append(group)
    return found


def draw(function: Function, n: int, dimensions: int, seed: list[int]) -> Labelled:
    """Return samples of a function."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0, np.sqrt(VARIANCE), (n, dimensions))
    y = function(x[:, 0], x[:, 1]) + NOISE * rng.normal(size=n)
    return Labelled(x.astype(np.float32), y[:, np.newaxis].astype(np.float32), 0)


def proposals(function: Function, n: int, dimensions: int, repeats: int, key: int) -> Counter[str]:
    """Return how often each state was proposed; `no proposal` is one of the keys."""
    names, groups = list(STATES), states(dimensions)
    found: Counter[str] = Counter()
    for repeat in range(repeats):
        samples = draw(function, n, dimensions, [6, 1, key, n, dimensions, repeat])
        state = propose_state(samples, groups).state
        found["no proposal" if state is None else names[state]] += 1
    return found


def rates(truth: str, found: dict[str, int]) -> dict[str, int]:
    """Return how often the answer is exact, and how often it has a symmetry that does not hold."""
    groups = dict(zip(STATES, map(frozenset, states(2)), strict=True))
    false = [name for name in found if name in groups and not groups[name] <= groups[truth]]
    return {"exact": found.get(truth, 0), "false": sum(found[name] for name in false)}


def table(rows: list[dict[str, Any]]) -> str:
    """Return the rates with Wilson intervals as Markdown."""
    lines = ["| y | truth | d | n | exact | a false symmetry kept | no proposal |"]
    lines.append("| --- | --- | ---: | ---: | --- | --- | ---: |")
    for row in rows:
        total, found = sum(row["proposals"].values()), row["proposals"]
        cells = []
        for count in rates(row["truth"], found).values():
            low, high = wilson_interval(count, total)
            cells.append(f"{count / total:.3f} ({low:.3f} to {high:.3f})")
        none = found.get("no proposal", 0) / total
        start = f"| `{row['y']}` | {row['truth']} | {row['d']} | {row['n']} "
        lines.append(start + f"| {cells[0]} | {cells[1]} | {none:.3f} |")
    return "\n".join(lines)


def main() -> None:
    """Run all repeats, write the counts after each cell, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("--functions", choices=["reported", "tuning"], default="reported")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--dimensions", type=int, nargs="+", default=DIMENSIONS)
    parser.add_argument("--counts", type=Path, help="JSON file for the raw counts")
    options = parser.parse_args()
    functions = REPORTED if options.functions == "reported" else TUNING
    rows = []
    for key, (text, (truth, function)) in enumerate(functions.items()):
        for dimensions in options.dimensions:
            for n in options.sizes:
                found = proposals(function, n, dimensions, options.repeats, key)
                rows.append({"y": text, "truth": truth, "d": dimensions, "n": n})
                rows[-1]["proposals"] = dict(found)
                if options.counts:
                    options.counts.write_text(json.dumps(rows, indent=1) + "\n")
    print(table(rows))


if __name__ == "__main__":
    main()
