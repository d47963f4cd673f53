"""All proposals for a data set."""

import numpy as np
import pytest

from autoequivariant.data.samples import Samples
from autoequivariant.groups.custom.definition import Definition
from autoequivariant.groups.custom.proposal import Proposal
from autoequivariant.groups.domain import Features
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.proposing import propose as module
from autoequivariant.proposing.propose import MOST_PROPOSALS, propose
from autoequivariant.searching.data_spec import data_spec

X = np.random.default_rng(0).normal(size=(500, 1, 4)) * [1, 1, 1, 9]
SAMPLES = Samples("made", Features(4), 1, ("a", "b"), X, np.arange(500) % 2)


def names(*origins: str) -> list[str]:
    found = propose(SAMPLES, data_spec(SAMPLES), origins)
    return [str(one.candidate) for one in found]


def test_similar_columns_are_proposed_from_the_data_alone() -> None:
    assert names("data") == ["swap:0-1", "swap:1-2"]
    assert names("names") == names() == []


def given(monkeypatch: pytest.MonkeyPatch, *candidates: Symmetry | Definition) -> list[str]:
    """The names of what is proposed where these are."""
    made = [Proposal(one, "data", "a reason") for one in candidates]
    monkeypatch.setattr(module, "_proposals", lambda *_: iter(made))
    return names("data")


def test_each_action_is_proposed_once_by_a_name_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    ring, back = (Definition.of({"name": "turn", "ring": r}) for r in ([0, 1, 2], [2, 1, 0]))
    again = Definition.of({"name": "another", "ring": [1, 2, 0]})
    assert given(monkeypatch, ring, again, back) == ["turn", "turn (2)"]


def test_what_does_not_fit_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert given(monkeypatch, Symmetry("swap", (0, 9)), Symmetry("hflip")) == []


def test_there_are_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = Samples("wide", Features(60), 1, ("a", "b"), np.ones((9, 1, 60)), np.arange(9) % 2)
    made = [Proposal(Symmetry("swap", (k, k + 1)), "data", "a reason") for k in range(59)]
    monkeypatch.setattr(module, "_proposals", lambda *_: iter(made))
    found = propose(wide, data_spec(wide), ["data"])
    assert [one.candidate for one in found] == [one.candidate for one in made[:MOST_PROPOSALS]]


def test_places_of_a_board_are_not_exchanged_one_by_one() -> None:
    columns = tuple(f"r{row}c{column}" for row in range(2) for column in range(3))
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 1, 8))
    board = Samples(
        "board", Features(8), 1, ("a", "b"), x, np.arange(500) % 2, columns=(*columns, "t", "u")
    )
    found = propose(board, data_spec(board), ["names", "data"])
    assert [str(one.candidate) for one in found] == [
        *("mirror left-right", "mirror top-bottom", "turn by 180 degrees", "swap t <-> u")
    ]
    alone = propose(board, data_spec(board), ["data"])
    assert len(alone) == 7
