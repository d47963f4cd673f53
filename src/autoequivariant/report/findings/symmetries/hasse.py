"""The lattice of closed states as a Hasse diagram.

A node stands for all networks of a closed state, whatever their widths and augmentations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autoequivariant.report.findings.networks import NetworkRow
from autoequivariant.report.render.formatting import named
from autoequivariant.searching.problem import Problem

MOST_NODES = 400
"""With more closed states, only those are drawn that were trained or have one generator."""
_SWEEPS = 12  # over the levels, to bring neighbours together
_FEW = 24  # up to so many nodes, none lies on an edge of others
_CLEAR = 0.12  # of half the width

State = tuple[int, ...]


@dataclass(frozen=True)
class Node:
    """A closed state.

    Attributes:
        name: its generators.
        members: all its symmetries.
        n_parameters: of its best network, or of the default one if none was trained.
        score: of its best unpruned network; None if there is none.
        trained: number of its trained networks.
        best: name of its best network; empty if there is none.
        x, y: its position: x from -1 to 1, y the number of its symmetries.
    """

    name: str
    members: tuple[str, ...]
    n_parameters: int
    score: float | None
    trained: int
    best: str
    is_baseline: bool
    is_chosen: bool
    x: float
    y: int


@dataclass(frozen=True)
class Hasse:
    """The diagram.

    Attributes:
        nodes: the closed states that are drawn.
        edges: pairs of node numbers, the smaller state first, with no state between them.
        hidden: number of other closed states; None if they were not counted.
    """

    nodes: tuple[Node, ...]
    edges: tuple[tuple[int, int], ...]
    hidden: int | None


def hasse_of(problem: Problem, networks: Sequence[NetworkRow]) -> Hasse:
    """Return the diagram of a search."""
    first = len(problem.candidates)
    by_state: dict[State, list[NetworkRow]] = {}
    for network in networks:
        by_state.setdefault(_symmetries(network.key[0], first), []).append(network)
    listed = problem.space.enumeration
    known = {_symmetries(n.members, first): n.generators for n in listed.closed_states}
    whole = listed.complete and len(known) <= MOST_NODES
    singles = [_symmetries(problem.space.child([k]).members, first) for k in range(first)]
    shown = known if whole else dict.fromkeys([(), *singles, *by_state])
    states = sorted(shown, key=lambda state: (len(state), state))[:MOST_NODES]
    states = sorted({*states, *_chosen(by_state)}, key=lambda state: (len(state), state))
    edges = _covers(states)
    places = _places([len(state) for state in states], edges)
    nodes = [
        _node(problem, state, by_state.get(state, []), place, len(state))
        for state, place in zip(states, places, strict=True)
    ]
    hidden = len(known) - len(nodes) if listed.complete else None
    return Hasse(tuple(nodes), edges, hidden)


def _symmetries(members: Sequence[int], first: int) -> State:
    return tuple(k for k in members if k < first)


def _chosen(by_state: dict[State, list[NetworkRow]]) -> list[State]:
    return [state for state, found in by_state.items() if any(n.is_chosen for n in found)]


def _node(
    problem: Problem, state: State, networks: list[NetworkRow], place: float, level: int
) -> Node:
    child = problem.space.child(state)
    whole = [n for n in networks if not n.is_pruned]
    best = max(whole, key=lambda n: n.score, default=None)
    members = tuple(problem.symmetries(state))
    generators = problem.symmetries(problem.space.smallest_generators(child))
    return Node(
        named(members, generators),
        members,
        problem.space.count_parameters(child) if best is None else best.n_parameters,
        None if best is None else best.score,
        len(networks),
        "" if best is None else best.name,
        is_baseline=not state,
        is_chosen=any(n.is_chosen for n in networks),
        x=place,
        y=level,
    )


def _covers(states: Sequence[State]) -> tuple[tuple[int, int], ...]:
    """Pairs of states with no other between them."""
    size = 1 + max((k for state in states for k in state), default=0)
    has = np.zeros((len(states), size), np.float32)
    for row, state in enumerate(states):
        has[row, list(state)] = 1
    counts = has.sum(axis=1)
    below = (has @ has.T == counts[:, None]) & (counts[:, None] < counts[None, :])
    between = below.astype(np.float32) @ below.astype(np.float32) > 0
    return tuple((int(a), int(b)) for a, b in np.argwhere(below & ~between))


def _places(levels: Sequence[int], edges: Sequence[tuple[int, int]]) -> list[float]:
    """A horizontal position for each node, near its neighbours in other levels."""
    level = np.array(levels)
    order = {k: np.flatnonzero(level == k) for k in np.unique(level)}
    widest = max(len(row) for row in order.values())
    x = np.zeros(len(level))
    for row in order.values():
        x[row] = _spread(len(row), widest)
    neighbours: list[list[int]] = [[] for _ in levels]
    for a, b in edges:
        neighbours[a].append(b)
        neighbours[b].append(a)
    for sweep in range(_SWEEPS):
        for k in sorted(order, reverse=bool(sweep % 2)):
            row = order[k]
            side = [[n for n in neighbours[i] if (levels[n] < k) != bool(sweep % 2)] for i in row]
            pulls = [
                float(x[near].mean()) if near else float(x[i])
                for i, near in zip(row, side, strict=True)
            ]
            order[k] = row[np.argsort(pulls, kind="stable")]
            x[order[k]] = _spread(len(row), widest)
    if len(levels) <= _FEW:
        _step_aside(x, levels, edges)
    return [float(place) for place in x]


def _step_aside(
    x: NDArray[np.float64], levels: Sequence[int], edges: Sequence[tuple[int, int]]
) -> None:
    """Move nodes, in place, off the edges of others."""
    for _ in range(_SWEEPS):
        for a, b in edges:
            for n in range(len(levels)):
                if not levels[a] < levels[n] < levels[b]:
                    continue
                share = (levels[n] - levels[a]) / (levels[b] - levels[a])
                off = x[n] - (x[a] + share * (x[b] - x[a]))
                if abs(off) < _CLEAR:
                    x[n] += _CLEAR if off >= 0 else -_CLEAR


def _spread(count: int, widest: int) -> NDArray[np.float64]:
    """Evenly spaced, centred positions; a level with fewer nodes is a little narrower."""
    half = 1.0 if count == widest else min(1.0, 0.35 + 0.65 * count / widest) * (count > 1)
    return np.linspace(-half, half, count) if count > 1 else np.zeros(1)
