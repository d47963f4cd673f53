"""Which state is proposed, and when none is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autoequivariant.evidence.gaussian_process import proposal
from autoequivariant.evidence.gaussian_process.proposal import (
    Proposal,
    propose_state,
)
from autoequivariant.evidence.testing.moves import Labelled
from autoequivariant.groups.element import Element

from .groups import (
    IDENTITY,
    MIRROR,
    ODD,
    OTHER_MIRROR,
    QUARTER_TURN,
    SWAP,
    element,
    group,
)

STATES = {
    "none": group(IDENTITY),
    "mirror": group(MIRROR),
    "other mirror": group(OTHER_MIRROR),
    "half turn": group(MIRROR @ OTHER_MIRROR),
    "swap": group(SWAP),
    "mirrors": group(MIRROR, OTHER_MIRROR),
    "quarter turn": group(QUARTER_TURN),
    "square": group(QUARTER_TURN, SWAP),
}


def labelled(f: Callable[[Any], Any], n: int = 60, offset: float = 0.0) -> Labelled:
    rng = np.random.default_rng(0)
    x = rng.normal(offset, 1, size=(n, 3))
    y = f(x).reshape(n, -1)
    y = y + 0.03 * rng.normal(size=y.shape)
    return Labelled(x.astype(np.float32), y.astype(np.float32), 0)


def proposed(samples: Labelled, **states: tuple[Element, ...]) -> str | None:
    chosen = states or STATES
    state = propose_state(samples, list(chosen.values())).state
    return None if state is None else list(chosen)[state]


KNOWN: list[tuple[Callable[[Any], Any], str]] = [
    (lambda x: np.sin(x[:, 0]) + x[:, 1] / 2, "none"),
    (lambda x: np.cos(2 * x[:, 0]) * (1 + x[:, 1]), "mirror"),
    (lambda x: np.cos(2 * x[:, 0]), "mirrors"),  # a tie with smaller states, broken upwards
    (lambda x: np.tanh(x[:, 0] + x[:, 1]), "swap"),
    (lambda x: x[:, 0] * x[:, 1] * (x[:, 0] ** 2 - x[:, 1] ** 2), "quarter turn"),
    (lambda x: np.exp(-(x[:, :2] ** 2).sum(axis=1)), "square"),
]


@pytest.mark.parametrize(("f", "name"), KNOWN)
def test_the_state_of_a_known_function(f: Callable[[Any], Any], name: str) -> None:
    assert proposed(labelled(f)) == name


def test_several_targets_have_one_state() -> None:
    both = labelled(lambda x: np.stack([np.cos(2 * x[:, 0]), x[:, 1]], axis=1))
    states = {
        name: tuple(element(e.points.image, e.points.signs, (1, 1)) for e in STATES[name])
        for name in ("none", "mirror", "other mirror", "mirrors")
    }
    assert proposed(both, **states) == "mirror"


def test_a_target_may_be_negated() -> None:
    states = {"none": group(IDENTITY), "even": group(MIRROR), "odd": group(ODD)}
    assert proposed(labelled(lambda x: x[:, 0] ** 3), **states) == "odd"
    assert proposed(labelled(lambda x: x[:, 0] ** 2), **states) == "even"
    assert proposed(labelled(lambda x: np.exp(x[:, 0])), **states) == "none"


def test_what_moves_samples_to_where_there_are_none_is_out() -> None:
    flat = labelled(lambda x: x[:, 2], offset=8.0)
    assert proposed(flat) == "swap"  # not `square`: nothing is known of negative values
    assert proposed(labelled(lambda x: x[:, 2])) == "square"
    found = propose_state(flat, [STATES["mirror"]])
    assert found == Proposal(None, "moved samples hardly ever occur")


def test_ties_are_broken_upwards(monkeypatch: pytest.MonkeyPatch) -> None:
    evidence = {1: 0.0, 2: -0.9, 4: -1.4}
    monkeypatch.setattr(proposal, "_log_evidence", lambda x, y, group: evidence[len(group)])
    states = [group(IDENTITY), group(SWAP), group(SWAP, MIRROR @ OTHER_MIRROR)]
    few, many = (labelled(lambda x: x[:, 2], n) for n in (20, 200))
    assert [len(states[propose_state(s, states).state or 0]) for s in (few, many)] == [2, 4]


def test_it_is_deterministic() -> None:
    samples = labelled(KNOWN[0][0])
    first, second = (propose_state(samples, list(STATES.values())) for _ in range(2))
    assert first == second
    assert np.isfinite(first.log_evidence[0])


def test_larger_states_than_an_improbable_one_are_not_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[int] = []
    evidence = {1: 0.0, 2: -50.0, 8: 9.0}

    def log_evidence(x: Any, targets: Any, group: Any) -> float:
        tried.append(len(group))
        return evidence[len(group)]

    monkeypatch.setattr(proposal, "_log_evidence", log_evidence)
    states = [STATES["square"], STATES["swap"], STATES["none"]]
    found = propose_state(labelled(lambda x: x[:, 2]), states)
    assert tried == [1, 2]
    assert found.log_evidence == (-np.inf, -50.0, 0.0)
    assert found.state == 2


CONSTANT = np.ones((20, 1), np.float32)
NOISE = np.random.default_rng(1).normal(size=(60, 1)).astype(np.float32)
X = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
NONE: list[tuple[Labelled, tuple[Element, ...], str]] = [
    (Labelled(X[:20], CONSTANT, 0), group(SWAP), "a target is the same in all rows"),
    (Labelled(X, NOISE, 0), group(SWAP), "the columns explain too little of the target"),
    (Labelled(X[:3], NOISE[:3], 0), group(SWAP), "the columns explain too little of the target"),
    (Labelled(X[:20], np.arange(20) % 2, 2), group(SWAP), "the labels are classes"),
]


@pytest.mark.parametrize(("samples", "elements", "reason"), NONE)
def test_nothing_is_proposed(samples: Labelled, elements: tuple[Element, ...], reason: str) -> None:
    found = propose_state(samples, [group(IDENTITY), elements])
    assert found.state is None
    assert found.reason.startswith(reason)


def test_exchanged_targets_are_refused() -> None:
    swap = Element(SWAP.points, SWAP.points)
    samples = Labelled(X, X, 0)
    assert propose_state(samples, [group(swap)]).reason == "a candidate exchanges targets"
    kept = Element(SWAP.points, IDENTITY.points)
    assert propose_state(samples, [group(kept)]).state == 0


def test_degenerate_columns_do_no_harm() -> None:
    samples = labelled(lambda x: np.cos(2 * x[:, 0]))
    x = samples.x.copy()
    x[:, 2] = 0.1
    assert proposed(Labelled(x, samples.y, 0)) == "mirrors"
    negated = group(element([0, 1, 2], [1, 1, -1]))
    assert proposed(Labelled(x, samples.y, 0), none=group(IDENTITY), negated=negated) == "none"
