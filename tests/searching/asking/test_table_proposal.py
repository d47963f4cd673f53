"""Which closed state is proposed for a small regression table, and for what nothing is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_diabetes

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.samples import Samples, make_samples
from autoequivariant.evidence.verdict import Answer, Proposed, Verdict
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.searching.asking import table_proposal
from autoequivariant.searching.asking.answers import candidates_to_ask
from autoequivariant.searching.asking.table_proposal import (
    GAUSSIAN_PROCESS,
    WHAT_HOLDS,
    TableProposal,
    propose_for_table,
)
from autoequivariant.searching.settings.settings import SearchSettings

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
Y = np.cos(2 * X[:, 0]) + X[:, 1] * X[:, 2] + 0.02 * RNG.normal(size=60)
MIRROR, SWAP, OTHER = "negate_column:0", "swap:1-2", "swap:2-3"


def proposed(
    x: Any = X,
    y: Any = Y,
    names: str | None = f"{MIRROR},{SWAP},{OTHER}",
    answers: dict[str, Answer] | None = None,
    from_labels: tuple[str, ...] = (),
    **settings: Any,
) -> TableProposal:
    samples: Samples = make_samples("some", Arrays(x, y), settings.pop("kind", None), **settings)
    symmetries = None if names is None else parse_symmetries(names)
    settings = SearchSettings("some", symmetries=symmetries)
    family = candidates_to_ask(samples, settings).family
    verdicts = [
        Verdict(
            str(one),
            (answers or {}).get(str(one), "undecided"),
            "a reason",
            proposed=Proposed("data", "a reason", str(one) in from_labels),
        )
        for one in family.candidates
    ]
    return propose_for_table(
        samples.x, samples.y, len(samples.classes), samples.domain, family, verdicts
    )


def test_the_state_of_a_known_function() -> None:
    found = proposed()
    assert (found.members, found.source) == ((0, 1), GAUSSIAN_PROCESS)
    assert found.seconds > 0


def test_few_rows_are_a_reservation() -> None:
    found = proposed(X[:49], Y[:49], MIRROR)
    assert found.members == (0,)
    assert found.source.startswith(f"{GAUSSIAN_PROCESS} (with fewer than 50 rows")
    assert proposed(X[:50], Y[:50], MIRROR).source == GAUSSIAN_PROCESS


AGREEING: list[tuple[dict[str, Answer], tuple[int, ...]]] = [
    ({SWAP: "does not hold"}, (0,)),
    ({MIRROR: "does not hold", SWAP: "does not hold"}, ()),
    ({MIRROR: "holds"}, (0, 1)),
    ({OTHER: "holds", SWAP: "does not hold"}, (0, 2)),
]


@pytest.mark.parametrize(("answers", "members"), AGREEING)
def test_it_agrees_with_the_verdicts(answers: dict[str, Answer], members: tuple[int, ...]) -> None:
    assert proposed(answers=answers).members == members


@pytest.mark.parametrize("answer", ["holds", "does not hold"])
def test_where_the_verdicts_leave_no_choice_nothing_is_proposed(answer: Answer) -> None:
    assert proposed(names=MIRROR, answers={MIRROR: answer}) == TableProposal()


def test_verdicts_that_contradict_each_other_leave_no_state() -> None:
    third = "swap:1-3"  # swaps 1-2 and 2-3 imply it
    answers: dict[str, Answer] = {SWAP: "holds", OTHER: "holds", third: "does not hold"}
    found = proposed(names=f"{SWAP},{OTHER},{third}", answers=answers)
    assert found.members is None
    assert found.source.endswith("what holds implies a candidate that does not hold")


OUTSIDE: list[dict[str, Any]] = [
    {"y": np.arange(60) % 2},
    {"x": RNG.normal(size=(60, 4, 4)), "names": "hflip"},
    {"x": RNG.normal(size=(201, 4)), "y": RNG.normal(size=201)},
]


@pytest.mark.parametrize("arguments", OUTSIDE)
def test_other_data_have_no_proposal(arguments: dict[str, Any]) -> None:
    assert proposed(**arguments) == TableProposal(None, WHAT_HOLDS, 0.0)


def test_the_largest_table_has_one() -> None:
    x = RNG.normal(size=(200, 4))
    found = proposed(x, x[:, 0], f"{SWAP},{MIRROR}")  # the target ignores columns 1 and 2
    assert found == TableProposal((0,), GAUSSIAN_PROCESS, found.seconds)


DECLINED: list[tuple[dict[str, Any], str]] = [
    ({"y": RNG.normal(size=60)}, "the columns explain too little of the target in so few rows"),
    ({"x": X[:3], "y": Y[:3]}, "the columns explain too little of the target in so few rows"),
    ({"x": RNG.normal(size=(60, 31))}, "there are more than 30 columns"),
    (
        {"x": RNG.normal(size=(60, 8)), "names": ",".join(f"negate_column:{k}" for k in range(8))},
        "there are more than 100 closed states",
    ),
]


@pytest.mark.parametrize(("arguments", "reason"), DECLINED)
def test_it_says_why_nothing_is_proposed(arguments: dict[str, Any], reason: str) -> None:
    found = proposed(**arguments)
    assert found.members is None
    assert found.source == f"{WHAT_HOLDS}; a Gaussian process proposes nothing: {reason}"


@pytest.mark.parametrize(("limit", "most"), [("MOST_ELEMENTS", 5), ("MOST_CELLS", 20)])
def test_large_groups_are_declined(limit: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_proposal, limit, most)
    assert proposed(names=f"{SWAP},{OTHER}").source.endswith("generate too large a group")
    assert proposed(names=SWAP).members == (0,)


def diabetes(names: str | None) -> TableProposal:
    x, y = load_diabetes(return_X_y=True)
    return proposed(x[:200], y[:200], names, task="regression")


def test_a_real_table_keeps_no_exchange_of_unlike_columns() -> None:
    found = diabetes("swap:1-2,swap:2-6")  # body mass with sex, and with a blood value
    assert (found.members, found.source) == ((), GAUSSIAN_PROCESS)


def test_a_real_table_has_too_many_states() -> None:
    assert diabetes(None).source.endswith("there are more than 100 closed states")


def test_what_labels_led_to_is_in_no_proposal_unless_it_holds() -> None:
    members = proposed().members
    assert members is not None and 1 in members  # the swap
    without = proposed(from_labels=(SWAP,))
    assert without.members is None or 1 not in without.members
    held = proposed(from_labels=(SWAP,), answers={SWAP: "holds"}).members
    assert held is not None and 1 in held
