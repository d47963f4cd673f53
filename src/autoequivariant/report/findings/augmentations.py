"""Scores of groups with sets of augmentations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autoequivariant.report.findings.networks import NetworkRow
from autoequivariant.searching.problem import Problem


@dataclass(frozen=True)
class Augmented:
    """Scores by group and set of augmentations.

    Attributes:
        groups: by their generators, smallest first.
        augmentations: all that were searched.
        sets: the sets of augmentations that were trained, smallest first.
        scores: the best score of each group (row) with each set (column); None if the pair was not
            trained without pruning.
    """

    groups: tuple[str, ...]
    augmentations: tuple[str, ...]
    sets: tuple[tuple[str, ...], ...]
    scores: tuple[tuple[float | None, ...], ...]


def augmented_of(problem: Problem, networks: Sequence[NetworkRow]) -> Augmented | None:
    """Return the scores; None if no augmentations were searched."""
    names = problem.augmentations(range(len(problem.space.names)))
    if not names:
        return None
    best: dict[tuple[str, tuple[str, ...]], float] = {}
    groups: dict[str, int] = {}
    for network in networks:
        child = problem.space.child(*network.key)
        members = problem.symmetries(child.members)
        generators = problem.symmetries(problem.space.smallest_generators(child))
        group = ", ".join(generators) or "none"
        groups[group] = len(members)
        if not network.is_pruned:
            pair = group, tuple(problem.augmentations(child.members))
            best[pair] = max(network.score, best.get(pair, 0.0))
    rows = sorted(groups, key=lambda group: (groups[group], group))
    order = {name: k for k, name in enumerate(names)}
    sets = sorted({s for _, s in best}, key=lambda s: (len(s), [order[name] for name in s]))
    scores = tuple(tuple(best.get((group, s)) for s in sets) for group in rows)
    return Augmented(tuple(rows), tuple(names), tuple(sets), scores)
