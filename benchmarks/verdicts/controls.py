"""Negative controls: data sets in which one candidate nearly holds, but does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from planted import Case, Rng, base, generated, plant

from autoequivariant.evidence.testing.moves import Moves
from autoequivariant.groups.permutation import Permutation

LEAST_SHARE, MOST_SHARE = 0.05, 1.0


def other_group(kind: str, n: int, rng: Rng) -> Case:
    """Another group is planted: every candidate outside of it is broken."""
    return replace(plant(kind, n, rng), what="other group")


def broken_task(kind: str, n: int, rng: Rng) -> Case:
    """Inputs are symmetric, but the label of some classes depends on the move.

    Moved samples of one class (up to half of the classes) are labelled as another class; in
    regression moved samples have a larger target.
    """
    case = base(kind, n, rng)
    name, moves, is_moved = _half_moved(case, rng)
    case = case.with_samples(moves.apply(case.labelled(), is_moved.astype(np.int64)))
    target = replace(case, target=name, what="broken task")
    if not case.n_classes:
        share = float(rng.uniform(0.2, 1.0))
        high = np.quantile(case.y[:, 0], 1 - share)
        change = is_moved & (case.y[:, 0] >= high)
        y = case.y + np.where(change, 1.5 * case.y.std(), 0)[:, np.newaxis].astype(np.float32)
        return replace(target, y=y, share=share / 2)
    count = int(rng.integers(1, case.n_classes // 2 + 1))
    classes = rng.permutation(case.n_classes)
    others = np.arange(case.n_classes)
    others[classes[:count]] = np.roll(classes, -count)[:count]
    y = np.where(is_moved, others[case.y], case.y)
    share = float((y != case.y).mean())
    return replace(target, y=y, share=share)


def uneven_inputs(kind: str, n: int, rng: Rng) -> Case:
    """Labels depend on the orbit alone, but some of the samples are never moved."""
    case = base(kind, n, rng)
    name, moves, is_moved = _half_moved(case, rng)
    share = float(rng.uniform(LEAST_SHARE, MOST_SHARE))
    is_moved &= rng.random(n) >= share
    case = case.with_samples(moves.apply(case.labelled(), is_moved.astype(np.int64)))
    return replace(case, target=name, share=share, what="uneven inputs")


def scrambled(kind: str, n: int, rng: Rng) -> Case:
    """A group is planted, then values are permuted: no candidate holds."""
    case = plant(kind, n, rng)
    flat = case.labelled()
    order = rng.permutation(flat.x.shape[1])
    case = case.with_samples(replace(flat, x=np.ascontiguousarray(flat.x[:, order])))
    elements = case.elements()
    there = Permutation(order).inverse()
    group = {there @ element.points @ there.inverse() for element in case.group}
    kept = {name for name, element in elements.items() if element.points in group}
    return replace(case, members=frozenset(kept), what="scrambled")


CONTROLS: dict[str, Callable[[str, int, Rng], Case]] = {
    "other group": other_group,
    "broken task": broken_task,
    "uneven inputs": uneven_inputs,
    "scrambled": scrambled,
}


def _half_moved(case: Case, rng: Rng) -> tuple[str, Moves, np.ndarray]:
    """Return a candidate that is its own inverse, its moves, and which samples are moved."""
    elements = case.elements()
    involutions = [name for name, e in elements.items() if (e @ e).is_identity]
    name = str(rng.choice(involutions))
    group = generated([elements[name]])
    assert group is not None
    return name, Moves(tuple(group)), rng.random(len(case.x)) < 0.5
