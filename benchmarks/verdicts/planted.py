"""Data sets whose symmetries are known: images, tables, sequences and volumes, drawn by a seed.

Nothing of this was used to choose a constant of the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from autoequivariant.evidence.testing.moves import Labelled, Moves
from autoequivariant.groups.domain import Domain, Features, Grid, Volume
from autoequivariant.groups.domain import Sequence as Places
from autoequivariant.groups.element import Element, element_of
from autoequivariant.groups.symmetry import Symmetry, parse_symmetries

KINDS = ("image", "table", "sequence", "volume")
MOST_ELEMENTS = 64  # of a planted group

Rng = np.random.Generator


@dataclass(frozen=True)
class Case:
    """A data set with its candidates.

    Attributes:
        x: shape `(n, channels, *domain.shape)`.
        y: class indices `(n,)`, or targets `(n, 1)`.
        n_classes: 0 for regression.
        domain, candidates: as the tests take them.
        members: names of the candidates in the planted group: those that hold.
        group: all elements of the planted group; empty without one.
        target: a candidate that a control has broken; empty in a plant.
        share: share of samples that the control's departure affects.
        what: the kind of control, or `plant`.
    """

    x: NDArray[np.float32]
    y: NDArray[Any]
    n_classes: int
    domain: Domain
    candidates: tuple[Symmetry, ...]
    members: frozenset[str]
    group: tuple[Element, ...] = ()
    target: str = ""
    share: float = 1.0
    what: str = "plant"

    def elements(self) -> dict[str, Element]:
        """Return each candidate's action."""
        outputs = self.n_classes or 1
        channels = self.x.shape[1]
        return {str(c): element_of(c, self.domain, channels, outputs) for c in self.candidates}

    def labelled(self) -> Labelled:
        """Return the samples as flat values."""
        return Labelled(self.x.reshape(len(self.x), -1), self.y, self.n_classes)

    def with_samples(self, samples: Labelled) -> Case:
        """Return the case with other samples."""
        return replace(self, x=samples.x.reshape(self.x.shape), y=samples.y)


def plant(kind: str, n: int, rng: Rng) -> Case:
    """Draw a data set without symmetries, and symmetrise it: one or two candidates are planted."""
    case = base(kind, n, rng)
    elements = case.elements()
    while True:
        chosen = rng.choice(list(elements), rng.integers(1, 3), replace=False)
        group = generated([elements[name] for name in chosen])
        if group is not None:
            break
    members = frozenset(name for name, element in elements.items() if element in group)
    return moved(replace(case, members=members, group=tuple(group)), group, rng)


def base(kind: str, n: int, rng: Rng) -> Case:
    """Draw a data set without symmetries."""
    domain, channels, names = _domain(kind, rng)
    regression = kind == "table" and rng.random() < 0.5
    n_classes = 0 if regression else int(rng.integers(2, 11))
    if isinstance(domain, Features):
        x, y = _table(domain.size, n, n_classes, rng)
    else:
        x, y = _fields(domain, channels, n, n_classes, rng)
    candidates = tuple(parse_symmetries(names))
    return Case(x, y, n_classes, domain, candidates, frozenset())


def moved(case: Case, group: Sequence[Element], rng: Rng) -> Case:
    """Move each sample, with its label, by a random element of a group."""
    moves = Moves(tuple(group))
    drawn = rng.integers(len(group), size=len(case.x))
    return case.with_samples(moves.apply(case.labelled(), drawn))


def generated(generators: Sequence[Element]) -> list[Element] | None:
    """Return all elements of a group; None for more than `MOST_ELEMENTS`."""
    found = {generators[0] ** 0: None}
    queue = list(found)
    while queue:
        here = queue.pop()
        for generator in generators:
            there = generator @ here
            if there not in found:
                found[there] = None
                queue.append(there)
        if len(found) > MOST_ELEMENTS:
            return None
    return list(found)


def _domain(kind: str, rng: Rng) -> tuple[Domain, int, str]:
    if kind == "image":
        side = 2 * int(rng.integers(5, 11))
        names = f"rot90,hflip,vflip,translate_x:{side // 2},translate_y:{side // 2},"
        names += "swap_left_right_top,swap_top_bottom_left,cycle_quadrants"
        return Grid(side, side), int(rng.choice([1, 3])), names
    if kind == "sequence":
        length = 4 * int(rng.integers(8, 26))
        return Places(length), int(rng.integers(1, 4)), f"reverse,shift:{length // 4},swap_halves"
    if kind == "volume":
        side = 2 * int(rng.integers(3, 6))
        names = f"rot90_xy,rot90_yz,flip_x,flip_y,flip_z,translate_x:{side // 2}"
        return Volume(side, side, side), 1, names
    columns = int(rng.integers(5, 13))
    names = "swap:0-1,swap:1-2,swap:2-3,swap:3-4,negate_column:0,negate_column:4"
    return Features(columns), 1, names


def _fields(
    domain: Domain, channels: int, n: int, n_classes: int, rng: Rng
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return a smooth pattern for each class, with smooth and white noise."""
    shape, smooth = domain.shape, float(rng.uniform(0.7, 2.0))

    def smoothed(count: int) -> NDArray[np.float64]:
        noise = rng.standard_normal((count, channels, *shape))
        field = gaussian_filter(noise, (0, 0, *(smooth,) * len(shape)))
        return np.asarray(field / field.std())

    common, patterns = smoothed(1), smoothed(n_classes)
    y = rng.integers(0, n_classes, n)
    strength = rng.uniform(0.4, 1.2)
    x = (
        strength * (patterns[y] + common)
        + smoothed(n)
        + 0.3 * rng.standard_normal((n, channels, *shape))
    )
    noisy = rng.random(n) < rng.uniform(0, 0.2)
    return x.astype(np.float32), np.where(noisy, rng.integers(0, n_classes, n), y)


def _table(
    columns: int, n: int, n_classes: int, rng: Rng
) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """Return correlated columns, some skewed or of few values, and a random network's labels."""
    mix = np.eye(columns) + 0.4 * rng.standard_normal((columns, columns))
    x = rng.standard_normal((n, columns)) @ mix + rng.uniform(-1, 1, columns)
    for column in range(columns):
        form = rng.integers(3)
        if form == 1:
            x[:, column] = np.exp(0.5 * x[:, column])
        elif form == 2:
            x[:, column] = np.round(x[:, column])
    hidden = np.tanh(x @ rng.standard_normal((columns, 16)) / columns**0.5)
    out = hidden @ rng.standard_normal((16, n_classes or 1))
    out += 0.3 * out.std() * rng.standard_normal(out.shape)
    y = out.argmax(axis=1) if n_classes else out.astype(np.float32)
    return x[:, np.newaxis].astype(np.float32), y
