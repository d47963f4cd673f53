"""The questions put to the data before a search: which samples, which candidates, which closure."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.samples import Samples, make_samples
from autoequivariant.data.split import split
from autoequivariant.errors import SettingsError
from autoequivariant.evidence.direct import DirectTests
from autoequivariant.evidence.verdict import Answer, Inputs, Task, Verdict
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.searching.asking.answers import Answers, ask, candidates_to_ask, known_samples
from autoequivariant.searching.asking.direct import UNTESTED, consistent, to_test, with_untested
from autoequivariant.searching.asking.table_proposal import (
    GAUSSIAN_PROCESS,
    WHAT_HOLDS,
    TableProposal,
)
from autoequivariant.searching.experiment import Experiment, make_experiment
from autoequivariant.searching.settings.settings import SearchSettings


def asked(**answers: Answer) -> DirectTests:
    verdicts = tuple(Verdict(name, answer, "a reason") for name, answer in answers.items())
    return DirectTests(verdicts, None, 1.5)


CLOSURES: list[tuple[dict[str, Answer], tuple[str, ...]]] = [
    ({"hflip": "holds", "vflip": "holds", "rot180": "undecided"}, ("hflip", "vflip", "rot180")),
    ({"hflip": "holds", "vflip": "does not hold", "rot180": "undecided"}, ("hflip",)),
    ({"hflip": "undecided", "vflip": "undecided", "rot180": "undecided"}, ()),
    ({"hflip": "holds", "vflip": "holds", "rot180": "holds"}, ("hflip", "vflip", "rot180")),
]


@pytest.mark.parametrize(("answers", "closure"), CLOSURES)
def test_the_closure_is_that_of_the_lattice(
    answers: dict[str, Answer],
    closure: tuple[str, ...],
    small_experiment: Callable[..., Experiment],
) -> None:
    family = small_experiment("hflip,vflip,rot180").problem.family
    found = Answers.of(asked(**answers), family)
    assert found.closure == closure
    assert found.seconds == 1.5


def test_a_proposal_replaces_the_closure(small_experiment: Callable[..., Experiment]) -> None:
    family = small_experiment("hflip,vflip,rot180").problem.family
    tests = asked(hflip="holds", vflip="undecided", rot180="undecided")
    found = Answers.of(tests, family, TableProposal((1,), "a source", 0.5))
    assert (found.closure, found.proposal, found.seconds) == (("vflip",), "a source", 2.0)
    found = Answers.of(tests, family, TableProposal((), "a source"))
    assert found.closure == ()
    found = Answers.of(tests, family, TableProposal(None, "a reason"))
    assert (found.closure, found.proposal) == (("hflip",), "a reason")
    assert set(found.to_json()) == {"verdicts", "closure", "seconds"}


def test_a_small_regression_table_is_asked_for_a_proposal(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(120, 2))
    for name, y in (("numbers", np.cos(2 * x[:, 0])), ("classes", x[:, 0] > 0)):
        np.savez(tmp_path / f"{name}.npz", x_train=x, y_train=y)
    mirrors = parse_symmetries("negate_column:0,negate_column:1,swap:0-1")
    numbers, classes = (
        ask(SearchSettings(str(tmp_path / f"{name}.npz"), symmetries=mirrors, kind="features"))
        for name in ("numbers", "classes")
    )
    assert numbers.closure == ("negate_column:0", "negate_column:1")
    assert numbers.proposal == GAUSSIAN_PROCESS
    assert classes.proposal == WHAT_HOLDS


def test_numbers_that_json_lacks_are_null() -> None:
    task = Task(math.nan, (-math.inf, math.inf), 1.0, 0.5)
    verdict = Verdict("hflip", "undecided", "a reason", Inputs(0.5, 0.5, None, ("a",)), task)
    record = Answers((verdict,), ("hflip",), 1.0).to_json()
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    (row,) = record["verdicts"]
    assert row["task"] == {"effect": None, "interval": [None, None], "p": 1.0, "overlap": 0.5}
    assert row["inputs"]["unseen"] == ["a"]


def samples(n: int = 100, n_test: int = 0, **arrays: Any) -> Samples:
    rng = np.random.default_rng(0)
    x, y = np.arange(n * 16.0).reshape(n, 4, 4), rng.integers(0, 2, n)
    test = {"x_test": x[:n_test] + 0.5, "y_test": y[:n_test]} if n_test else {}
    return make_samples("some", Arrays(x, y, **(test | arrays)))


def values(*parts: Any) -> set[float]:
    """The first value of each sample, which tells samples apart."""
    return {float(v) for part in parts for v in part.x[:, 0, 0, 0]}


@pytest.mark.parametrize("n_test", [0, 30])
def test_all_samples_but_those_of_the_test_are_asked(n_test: int) -> None:
    some, settings = samples(n_test=n_test), SearchSettings("some", seed=3)
    data, searched = known_samples(some, settings), split(some, 20, 10, 3)
    assert values(data.test) == values(searched.test)
    assert values(data.train, data.validation) == values(some) - values(data.test)


def test_samples_are_planted() -> None:
    some = samples()
    settings = SearchSettings("some", plant=parse_symmetries("hflip"))
    data = known_samples(some, settings)
    first, last = data.train.x[:, 0, :, 0], data.train.x[:, 0, :, -1]
    is_flipped = (first > last).all(axis=1)
    assert 0 < is_flipped.mean() < 1
    plain = known_samples(some, replace(settings, plant=()))
    assert not (plain.train.x[:, 0, :, 0] > plain.train.x[:, 0, :, -1]).any()


def test_the_candidates_are_those_of_the_search() -> None:
    for settings in (
        SearchSettings("digits"),
        SearchSettings("digits", network="cnn"),
        SearchSettings("digits", symmetries=parse_symmetries("vflip")),
    ):
        problem = make_experiment(settings).problem
        found: list[tuple[str, ...]] = []
        with pytest.raises(StopIteration):
            ask(settings, announce=lambda _, family, __, to=found: stop(to, family))  # type: ignore[misc]
        assert found == [problem.family.names[: len(problem.candidates)]]


def stop(found: list[tuple[str, ...]], family: Any) -> None:
    found.append(tuple(map(str, family.candidates)))
    raise StopIteration


def test_every_candidate_is_counted() -> None:
    counted: list[int] = []
    settings = SearchSettings("digits", symmetries=parse_symmetries("hflip,vflip"))
    answers = ask(settings, on_tested=lambda: counted.append(1))
    assert [one.name for one in answers.verdicts] == ["hflip", "vflip"]
    assert len(counted) == 2


def test_without_a_candidate_there_is_no_question() -> None:
    x = np.random.default_rng(0).normal(size=(50, 2)) * [1, 1000]
    table = make_samples("some", Arrays(x, np.arange(50) % 2))
    with pytest.raises(SettingsError, match="Neither the names of the columns"):
        candidates_to_ask(table, SearchSettings("some"))
    images = make_samples("some", Arrays(np.zeros((50, 16, 16)), np.arange(50) % 2))
    with pytest.raises(SettingsError, match="--symmetries names no candidate to test"):
        candidates_to_ask(images, SearchSettings("some", symmetries=(), network="cnn"))
    assert candidates_to_ask(images, SearchSettings("some", network="mlp")).family.candidates


def test_what_holds_must_not_imply_what_does_not() -> None:
    family = make_experiment(
        SearchSettings("digits", symmetries=parse_symmetries("hflip,vflip,rot180"))
    ).problem.family
    names = ("hflip", "vflip", "rot180")
    fine = [Verdict(n, "holds", "") for n in names[:2]] + [Verdict("rot180", "undecided", "few")]
    follows = Verdict("rot180", "undecided", "few; yet it follows from what holds")
    assert consistent(fine, family) == (*fine[:2], follows)
    alone = [fine[0], *(Verdict(n, "undecided", "few") for n in names[1:])]
    assert consistent(alone, family) == tuple(alone)
    clash = [*fine[:2], Verdict("rot180", "does not hold", "")]
    found = consistent(clash, family)
    assert [one.verdict for one in found] == ["undecided", "undecided", "does not hold"]
    assert "rot180 would hold, too" in found[0].reason


def test_partial_candidates_are_not_tested() -> None:
    candidates = parse_symmetries("rot90,rot90@2,hflip,hflip@1")
    assert to_test(candidates) == parse_symmetries("rot90,hflip")
    found = with_untested(asked(rot90="holds", hflip="does not hold").verdicts, candidates)
    assert [one.name for one in found] == ["rot90", "rot90@2", "hflip", "hflip@1"]
    assert [one.verdict for one in found] == ["holds", "undecided", "does not hold", "undecided"]
    assert found[1].reason == found[3].reason == UNTESTED
