"""Small tables whose symmetries are known."""

import numpy as np
from numpy.typing import NDArray

Table = tuple[NDArray[np.float64], NDArray[np.float64]]


def table(kind: str, d: int, n: int = 800, seed: int = 0) -> Table:
    """Samples and one target: `ring`, `blocks` of two columns, `all`, `weights` or `noise`."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d))
    if kind == "ring":
        y = (x + x**2 * np.roll(x, -1, axis=1)).sum(axis=1)
    elif kind == "mirrored ring":
        y = (x + x * np.roll(x, -1, axis=1)).sum(axis=1)
    elif kind == "blocks":
        y = (np.maximum(0, x[:, ::2] - 2 * x[:, 1::2])).sum(axis=1)
    elif kind == "all":
        y = x.max(axis=1)
    elif kind == "weights":
        y = x @ np.linspace(-1, 1, d)
    else:
        y = rng.normal(size=n)
    y = (y - y.mean()) / y.std() + rng.normal(size=n) / 3
    return x, y[:, np.newaxis]


def group_of(kind: str, d: int) -> list[list[int]]:
    """Generators of the permutations that preserve the law, as images of the columns."""
    first = np.arange(d)
    swap, blocks = first.copy(), first.copy()
    swap[[0, 1]] = 1, 0
    blocks[:4] = 2, 3, 0, 1
    return {
        "ring": [np.roll(first, -1)],
        "mirrored ring": [np.roll(first, -1), first[::-1]],
        "blocks": [blocks, np.roll(first, -2)],
        "all": [swap, np.roll(first, -1)],
        "weights": [],
        "noise": [],
    }[kind]
