"""The proposals of a search: where they come from, and what becomes of them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.samples import Samples, make_samples
from autoequivariant.errors import RunError, SettingsError
from autoequivariant.evidence.verdict import Answer, Proposed, Verdict
from autoequivariant.groups.closure.layer_compatibility import CONTRADICTION
from autoequivariant.groups.custom.definition import Definition, resolve
from autoequivariant.groups.custom.proposal import Proposal
from autoequivariant.groups.domain import Domain, Features, Grid, Sequence, Volume
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.searching import proposals as module
from autoequivariant.searching.data_spec import data_spec
from autoequivariant.searching.experiment import make_experiment
from autoequivariant.searching.proposals import (
    nothing_proposed,
    origins_of,
    proposals_from,
    proposed_spec,
    to_be_told,
    to_records,
)
from autoequivariant.searching.run import search
from autoequivariant.searching.settings.settings import SearchSettings

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 4)) * [1, 1, 1, 9]
TABLE = make_samples("table", Arrays(X, (X[:, 0] * X[:, 1] > 0).astype(int)))
QUICK: dict[str, Any] = {"epochs": 1, "budget": 3, "fit": "none"}


@pytest.mark.parametrize(
    ("domain", "options", "expected"),
    [
        (Features(4), {}, ("names", "data")),
        (Sequence(9), {}, ("names", "data")),
        (Grid(8, 8), {}, ("names",)),
        (Volume(8, 8, 8), {}, ("names",)),
        (Grid(8, 8), {"propose": "all"}, ("names", "data")),
        (Features(4), {"propose": "none"}, ()),
        (Features(4), {"symmetries": ()}, ()),
        (Features(4), {"symmetries": (), "propose": "data"}, ("data",)),
        (Grid(28, 28), {"preset": "paper"}, ()),
        (Features(4), {"given": True}, ()),
    ],
)
def test_where_candidates_come_from(
    domain: Domain, options: dict[str, Any], expected: tuple[str, ...]
) -> None:
    settings = SearchSettings("some", **({"network": "cnn"} | options if options else {}))
    assert origins_of(settings, domain) == expected


@pytest.mark.parametrize("options", [{"given": True, "fit": "quick"}, {"preset": "paper"}])
def test_what_has_candidates_of_its_own_takes_no_others(options: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="leave out --propose data"):
        SearchSettings("some", propose="data", **options)


def test_listed_candidates_come_first() -> None:
    (ring,) = resolve([Definition.of({"ring": [0, 1, 2]})], data_spec(TABLE))
    settings = SearchSettings("table", symmetries=(ring,), propose="data")
    verdicts = make_experiment(settings, TABLE).problem.verdicts
    assert [one.name for one in verdicts] == ["ring 0 1 2", "swap:0-1", "swap:1-2"]
    alike = Proposed("data", "3 columns with similar distributions")
    assert [one.proposed for one in verdicts] == [None, alike, alike]


def test_records_are_read_as_they_were() -> None:
    _, found = proposed_spec(TABLE, SearchSettings("table"))
    mirror = {"name": "mirror", "image": [2, 1, 0, 3], "outputs": {"image": [1, 0]}}
    given = Proposal(Definition.of(mirror), "names", "a board", True)
    (resolved,) = resolve([given.candidate], data_spec(TABLE))
    proposals = (*found, replace(given, candidate=resolved))
    read = proposals_from(to_records(proposals))
    spec, _ = proposed_spec(TABLE, SearchSettings("table"), read)
    assert spec.proposed == tuple(one.candidate for one in proposals)
    assert [(one.source, one.reason, one.saw_labels) for one in read][-1] == (
        *("names", "a board"),
        True,
    )


def test_proposals_for_other_data_are_made_again() -> None:
    other = make_samples("other", Arrays(X[:, :2], TABLE.y))
    _, found = proposed_spec(TABLE, SearchSettings("table"))
    spec, proposals = proposed_spec(other, SearchSettings("other"), found)
    assert spec.proposed == tuple(one.candidate for one in proposals)
    assert [str(one.candidate) for one in proposals] == ["swap:0-1"]


def with_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let labels lead to one candidate."""
    ring = Definition.of({"name": "from labels", "ring": [0, 1, 2]})

    def proposed(samples: Samples, spec: Any, *_: Any) -> tuple[Proposal, ...]:
        (symmetry,) = resolve([ring], spec)
        return (Proposal(symmetry, "data", "seen in labels", True),)

    monkeypatch.setattr(module, "propose", proposed)


@pytest.mark.parametrize(
    ("answer", "searched"), [("holds", True), ("undecided", False), ("does not hold", False)]
)
def test_what_labels_led_to_is_searched_only_if_it_holds(
    monkeypatch: pytest.MonkeyPatch, answer: Answer, searched: bool
) -> None:
    with_labels(monkeypatch)
    problem = make_experiment(SearchSettings("table"), TABLE).problem
    (before,) = problem.verdicts
    assert before.proposed == Proposed("data", "seen in labels", True)
    verdict = Verdict("from labels", answer, "said so", proposed=before.proposed)
    space = problem.with_verdicts([verdict]).space
    assert any(child.members for child in space.children) == searched


def test_what_was_looked_at_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = make_experiment(SearchSettings("table"), TABLE).data
    with_labels(monkeypatch)
    data = make_experiment(SearchSettings("table"), TABLE).data
    assert plain.train.looked_at is None and data.train.looked_at is not None
    assert data.train.looked_at.sum() == 120  # half of what is not for the test
    assert np.array_equal(plain.train.x, data.train.x)


def test_a_resumed_run_takes_what_was_proposed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = SearchSettings("table", **QUICK)
    first = search(settings, tmp_path / "run", samples=TABLE).results

    def never(*_: Any) -> None:
        raise AssertionError("proposed again")

    monkeypatch.setattr(module, "propose", never)
    again = search(settings, tmp_path / "run", samples=TABLE).results
    assert again.verdicts == first.verdicts
    assert {one.proposed.proposed_from for one in again.verdicts if one.proposed} == {"data"}
    with pytest.raises(RunError, match="propose was names,data and is now names"):
        search(replace(settings, propose="names"), tmp_path / "run", samples=TABLE)


@pytest.mark.parametrize(
    ("propose", "start"),
    [
        (None, "Neither the names of the columns nor their values suggest"),
        ("none", "With --propose none nothing is proposed"),
        ("names", "The names of the columns suggest no symmetry"),
        ("data", "The values of the columns suggest no symmetry"),
    ],
)
def test_the_reason_names_what_was_looked_at(propose: str | None, start: str) -> None:
    text = nothing_proposed(SearchSettings("table", propose=propose))
    assert text.startswith(start) and "name candidates with --symmetries" in text


def test_proposals_may_contradict_each_other_but_listed_candidates_are_warned_of() -> None:
    warnings = ("another", CONTRADICTION)
    _, found = proposed_spec(TABLE, SearchSettings("table"))
    assert to_be_told(warnings, found, SearchSettings("table")) == ("another",)
    assert to_be_told(warnings, (), SearchSettings("table")) == warnings
    listed = SearchSettings("table", symmetries=parse_symmetries("swap:0-1"), propose="data")
    assert to_be_told(warnings, found, listed) == warnings
