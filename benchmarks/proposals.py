"""Proposals from the data on planted groups, as a Markdown table.

    python benchmarks/proposals.py --plants 50

Each plant has 8 to 32 columns in random order under a cyclic, a block or a symmetric group, or
none, and 2,000 rows, of which 1,600 are no test samples. Proposals come from one half of these,
direct tests use the other half. No constant of the method was chosen on the targets of `REPORTED`
or on its seeds, but on those of `TUNING`, which `--tuning` runs.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy.combinatorics import Permutation as Images
from sympy.combinatorics import PermutationGroup

from autoequivariant.evidence.direct import direct_tests
from autoequivariant.evidence.intervals import wilson_interval
from autoequivariant.groups.custom.definition import DataSpec, resolve
from autoequivariant.groups.domain import Features
from autoequivariant.proposing.association.propose import association_proposals

ROWS, OUTSIDE_TEST, NOISE = 2000, 1600, 0.2
FIRST_SEED = {"reported": 50_000, "tuning": 0}
SIZES = (8, 12, 16, 20, 24, 32)
Matrix = NDArray[np.float64]
Target = Callable[[Matrix], Matrix]


def next_to(x: Matrix, steps: int = 1) -> Matrix:
    return np.roll(x, -steps, axis=1)


def score(b: Matrix) -> Matrix:
    """A weighted sum in each block, shape `(n, blocks)`; `b` is `(n, blocks, columns)`."""
    return b @ np.array([1.0, -0.6, 0.4, -0.25])[: b.shape[2]]


# Each target with whether the mirror of the ring preserves it, too.
RINGS: dict[str, dict[str, tuple[bool, Target]]] = {
    "tuning": {
        "sum x x'": (True, lambda x: (x * next_to(x)).sum(axis=1)),
        "sum sin(x - x')": (False, lambda x: np.sin(x - next_to(x)).sum(axis=1)),
        "sum relu(x - x')": (True, lambda x: np.maximum(0, x - next_to(x)).sum(axis=1)),
        "sum x + x^2 x'": (False, lambda x: (x + x**2 * next_to(x)).sum(axis=1)),
        "sum x + x x''": (True, lambda x: (x + x * next_to(x, 3)).sum(axis=1)),
    },
    "reported": {
        "sum x x' + x / 2": (True, lambda x: (x * next_to(x) + x / 2).sum(axis=1)),
        "sum max(x, x')": (True, lambda x: np.maximum(x, next_to(x)).sum(axis=1)),
        "sum x exp(x' / 2)": (False, lambda x: (x * np.exp(next_to(x) / 2)).sum(axis=1)),
        "max (x + x')": (True, lambda x: (x + next_to(x)).max(axis=1)),
        "sum |x - x'|": (True, lambda x: np.abs(x - next_to(x)).sum(axis=1)),
        "sum tanh(x) (x'^2 - 1)": (
            False,
            lambda x: (np.tanh(x) * (next_to(x) ** 2 - 1)).sum(axis=1),
        ),
    },
}
BLOCKS: dict[str, dict[str, Target]] = {
    "tuning": {
        "sum x0^2 s": lambda b: (b[..., 0] ** 2 * score(b)).sum(axis=1),
        "max s": lambda b: score(b).max(axis=1),
        "sum s^2": lambda b: np.square(score(b)).sum(axis=1),
        "sum s + s^2 / 2": lambda b: (score(b) + score(b) ** 2 / 2).sum(axis=1),
    },
    "reported": {
        "sum tanh(s) + x0 x1 / 2": lambda b: (np.tanh(score(b)) + b[..., 0] * b[..., -1] / 2).sum(
            axis=1
        ),
        "sum relu(s)": lambda b: np.maximum(0, score(b)).sum(axis=1),
        "log sum exp(2 s)": lambda b: np.log(np.exp(2 * score(b)).sum(axis=1)),
        "sum |s|": lambda b: np.abs(score(b)).sum(axis=1),
        "sum s exp(-x0^2 / 2)": lambda b: (
            score(b) * np.exp(-np.square(b[..., 0]) / 2) + b[..., -1]
        ).sum(axis=1),
    },
}
SYMMETRIC: dict[str, dict[str, Target]] = {
    "tuning": {
        "sum x": lambda x: x.sum(axis=1),
        "sum x^2": lambda x: np.square(x).sum(axis=1),
        "max - median": lambda x: x.max(axis=1) - np.median(x, axis=1),
        "exp mean": lambda x: np.exp(x).mean(axis=1),
    },
    "reported": {
        "max": lambda x: x.max(axis=1),
        "second largest": lambda x: np.sort(x, axis=1)[:, -2],
        "max - min": lambda x: x.max(axis=1) - x.min(axis=1),
        "number above 0": lambda x: (x > 0).sum(axis=1) * 1.0,
        "sum tanh(2 x)": lambda x: np.tanh(2 * x).sum(axis=1),
        "(sum x)^2 + sum x": lambda x: x.sum(axis=1) ** 2 / np.sqrt(x.shape[1]) + x.sum(axis=1),
    },
}


@dataclass(frozen=True, eq=False)
class Plant:
    """A table and the group that preserves its law.

    Attributes:
        x: shape `(n, d)`.
        y: classes, shape `(n,)`, or targets, shape `(n, 1)`.
        n_classes: 0 for regression.
        generators: of the group, images of the columns.
        name: of the target and how it was drawn.
    """

    x: Matrix
    y: NDArray[Any]
    n_classes: int
    generators: list[list[int]]
    name: str


def ring_inputs(n: int, d: int, law: str, rng: np.random.Generator) -> Matrix:
    x = rng.normal(size=(n, d))
    return x if law == "independent" else x + 0.4 * (next_to(x, 1) + next_to(x, -1))


def ring_plant(d: int, law: str, names: str, rng: np.random.Generator) -> tuple[Any, ...]:
    name = str(rng.choice(list(RINGS[names])))
    has_mirror, target = RINGS[names][name]
    x = ring_inputs(ROWS, d, law, rng)
    ring = np.roll(np.arange(d), -1).tolist()
    mirror = np.arange(d)[::-1].tolist()
    return x, target(x), [ring, mirror] if has_mirror else [ring], name


def block_plant(d: int, law: str, names: str, rng: np.random.Generator) -> tuple[Any, ...]:
    name = str(rng.choice(list(BLOCKS[names])))
    width = int(rng.choice([m for m in (2, 3, 4) if d % m == 0 and d // m >= 3]))
    count = d // width
    b = rng.normal(size=(ROWS, count, width))
    if law == "correlated":
        b = b + 0.7 * rng.normal(size=(ROWS, count, 1)) + 0.4 * rng.normal(size=(ROWS, 1, width))
        b /= b.std()
    y = BLOCKS[names][name](b)
    if rng.random() < 0.5:  # fields measure different things
        b = b * np.array([1.0, 3.0, 1.0, 0.5])[:width] + np.array([0.0, 5.0, 2.0, 0.0])[:width]
    numbers = np.arange(d).reshape(count, width)
    swap = numbers.copy()
    swap[[0, 1]] = numbers[[1, 0]]
    generators = [swap.reshape(-1).tolist(), np.roll(numbers, -1, axis=0).reshape(-1).tolist()]
    return b.reshape(ROWS, d), y, generators, f"{name}, {count} blocks of {width}"


def symmetric_plant(d: int, law: str, names: str, rng: np.random.Generator) -> tuple[Any, ...]:
    name = str(rng.choice(list(SYMMETRIC[names])))
    x = rng.normal(size=(ROWS, d))
    if law == "correlated":
        x = x + 0.5 * rng.normal(size=(ROWS, 1))
    count = d if rng.random() < 0.5 else d // 2
    y = SYMMETRIC[names][name](x[:, :count])
    y = (y - y.mean()) / y.std()
    if count < d:  # the others are distinct: each measures something else
        others = np.arange(d - count)
        y = y + x[:, count:] @ (rng.choice([-1, 1], d - count) / np.sqrt(2 * (d - count)))
        x[:, count:] = x[:, count:] * 1.5 ** (1 + others) + 3.0 * others
    swap, ring = np.arange(d), np.arange(d)
    swap[[0, 1]] = 1, 0
    ring[:count] = np.roll(np.arange(count), -1)
    return x, y, [swap.tolist(), ring.tolist()], f"{name}, {count} of {d}"


def control(d: int, law: str, names: str, rng: np.random.Generator) -> tuple[Any, ...]:
    """No symmetry; inputs are exchangeable, or have the symmetry of a ring."""
    name = str(rng.choice(["weights", "products", "weighted ring", "other columns", "noise"]))
    x = ring_inputs(ROWS, d, "independent", rng)
    if law == "correlated":
        x = (
            ring_inputs(ROWS, d, law, rng)
            if name == "weighted ring"
            else x + rng.normal(size=(ROWS, 1)) / 2
        )
    weights = rng.normal(size=d)
    if name == "noise":
        y = rng.normal(size=ROWS)
        x = x * 1.3 ** np.arange(d)
    elif name == "weights":
        y = x @ weights
    elif name == "products":
        i, j = np.triu_indices(d, 1)
        drawn = rng.choice(len(i), d, replace=False)
        y = (x[:, i[drawn]] * x[:, j[drawn]]) @ weights + x @ rng.normal(size=d) / 2
    elif name == "weighted ring":
        y = (x * next_to(x)) @ weights + x @ rng.normal(size=d)
    else:
        y = np.maximum(x[:, : d // 2] @ weights[: d // 2], x[:, d // 2 :] @ weights[d // 2 :])
        x = x * 1.3 ** np.arange(d)
    return x, y, [], name


KINDS = {"cyclic": ring_plant, "block": block_plant, "symmetric": symmetric_plant, "none": control}


def plant(kind: str, seed: int, names: str) -> Plant:
    """Draw a plant."""
    rng = np.random.default_rng([seed, list(KINDS).index(kind)])
    d, law = int(rng.choice(SIZES)), str(rng.choice(["independent", "correlated"]))
    x, y, generators, name = KINDS[kind](d, law, names, rng)
    y = (y - y.mean()) / y.std() + np.sqrt(NOISE / (1 - NOISE)) * rng.normal(size=ROWS)
    n_classes = int(rng.choice([0, 0, 2, 3]))
    places = rng.permutation(d)
    hidden = np.empty_like(x)
    hidden[:, places] = x
    moved = []
    for image in generators:
        relabelled = np.empty(d, np.int64)
        relabelled[places] = places[image]
        moved.append(relabelled.tolist())
    labels = y[:, np.newaxis].astype(np.float32)
    if n_classes:
        labels = np.searchsorted(np.quantile(y, np.arange(1, n_classes) / n_classes), y)
    task = f"{n_classes} classes" if n_classes else "regression"
    return Plant(hidden, labels, n_classes, moved, f"{name}; {d} columns, {law}, {task}")


def group(generators: Sequence[Sequence[int]], d: int) -> PermutationGroup:
    return PermutationGroup([Images(list(one)) for one in generators] or [Images(d - 1)])


def outcome(kind: str, seed: int, names: str) -> dict[str, Any]:
    """Propose on one half and test on the other."""
    one = plant(kind, seed, names)
    d = one.x.shape[1]
    first = slice(0, OUTSIDE_TEST // 2)
    start = time.process_time()
    proposals = association_proposals(one.x[first], one.y[first], one.n_classes)
    seconds = time.process_time() - start
    outputs = tuple(map(str, range(one.n_classes))) or ("y",)
    spec = DataSpec(Features(d), outputs=outputs, has_classes=bool(one.n_classes))
    candidates = [one for each in proposals for one in resolve([each.candidate], spec)]
    images = [candidate.action(spec.domain).image.tolist() for candidate in candidates]
    x = one.x[:OUTSIDE_TEST].astype(np.float32)[:, np.newaxis]
    tests = direct_tests(
        x,
        one.y[:OUTSIDE_TEST],
        one.n_classes,
        spec.domain,
        candidates,
        seed,
        looked_at=np.arange(OUTSIDE_TEST) < OUTSIDE_TEST // 2,
        saw_labels=[True] * len(candidates),
    )
    truth = group(one.generators, d)
    holds = [k for k, verdict in enumerate(tests.verdicts) if verdict.verdict == "holds"]
    inside = [truth.contains(Images(image)) for image in images]

    def is_truth(numbers: Sequence[int]) -> bool:
        if not all(inside[k] for k in numbers):
            return False
        return group([images[k] for k in numbers], d).order() == truth.order()

    return {
        "kind": kind,
        "seed": seed,
        "name": one.name,
        "proposed": is_truth(range(len(images))),
        "recovered": is_truth(holds),
        "ring": bool(one.generators)
        and group([images[k] for k in holds], d).contains(Images(one.generators[-1])),
        "false proposal": not all(inside),
        "false holds": not all(inside[k] for k in holds),
        "verdicts": [
            f"{verdict.name}{'' if is_inside else ' (false)'}: {verdict.verdict}, {verdict.reason}"
            for verdict, is_inside in zip(tests.verdicts, inside, strict=True)
        ],
        "seconds": seconds,
    }


def share(rows: Sequence[dict[str, Any]], key: str) -> str:
    count = sum(row[key] for row in rows)
    low, high = wilson_interval(count, len(rows))
    return f"{count / len(rows):.2f} ({low:.2f} to {high:.2f})"


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return a row for each kind of plant."""
    keys = ("proposed", "recovered", "false proposal", "false holds")
    lines = [
        "| group | plants | proposed | recovered | false proposal | false `holds` | seconds |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for kind in dict.fromkeys(row["kind"] for row in rows):
        own = [row for row in rows if row["kind"] == kind]
        cells = [share(own, key) for key in keys]
        seconds = max(row["seconds"] for row in own)
        lines.append(f"| {kind} | {len(own)} | {' | '.join(cells)} | {seconds:.1f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plants", type=int, default=50, help="of each kind")
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--tuning", action="store_true", help="on the targets of TUNING")
    parser.add_argument("--verbose", action="store_true", help="print each plant")
    arguments = parser.parse_args()
    names = "tuning" if arguments.tuning else "reported"
    rows = []
    for kind in arguments.kinds:
        for number in range(arguments.plants):
            rows.append(outcome(kind, FIRST_SEED[names] + number, names))
            if arguments.verbose:
                print(json.dumps(rows[-1]), flush=True)
    print(table(rows))


if __name__ == "__main__":
    main()
