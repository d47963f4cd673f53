"""The candidates of a search, and which samples led to them."""

from typing import Any

import numpy as np
import pytest

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.samples import Samples, make_samples
from autoequivariant.data.split import hold_out
from autoequivariant.groups.custom.definition import Definition, resolve
from autoequivariant.groups.custom.proposal import Proposal
from autoequivariant.searching import proposals as module
from autoequivariant.searching.candidates import find_candidates
from autoequivariant.searching.settings.settings import SearchSettings


@pytest.fixture(autouse=True)
def from_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let labels lead to one candidate, and nothing to another."""

    def proposed(samples: Samples, spec: Any, *_: Any) -> tuple[Proposal, ...]:
        rings = [Definition.of({"name": n, "ring": r}) for n, r in (("a", [0, 1]), ("b", [1, 2]))]
        first, second = resolve(rings, spec)
        return Proposal(first, "data", "labels", True), Proposal(second, "data", "no labels")

    monkeypatch.setattr(module, "propose", proposed)


def table(n: int, values: int) -> Samples:
    x = np.random.default_rng(0).integers(0, values, (n, 3)).astype(float)
    return make_samples("table", Arrays(x, (x.sum(axis=1) > x.sum(axis=1).mean()).astype(int)))


def test_labels_lead_to_candidates_where_samples_are_distinct() -> None:
    found = find_candidates(table(800, 10**6), SearchSettings("table"))
    assert [str(one) for one in found.family.candidates] == ["a", "b"]
    assert found.copies.looked_at is not None and found.copies.looked_at.sum() == 320


@pytest.mark.parametrize(("n", "values"), [(800, 5), (600, 4), (800, 12)])
def test_labels_lead_to_none_where_copies_would_spread_them(n: int, values: int) -> None:
    samples = table(n, values)
    found = find_candidates(samples, SearchSettings("table"))
    assert [str(one) for one in found.family.candidates] == ["b"]
    assert found.copies.looked_at is None


def test_few_copies_are_looked_at_as_well_and_none_is_for_the_test() -> None:
    samples = table(800, 80)
    found = find_candidates(samples, SearchSettings("table"))
    assert found.copies.clusters is not None and found.copies.looked_at is not None
    _, test = hold_out(samples.y, 0, found.copies)
    assert not found.copies.looked_at[test].any()


def test_clusters_of_the_user_are_looked_at_as_wholes() -> None:
    samples = table(800, 10**6)
    pairs = np.arange(800) // 2
    found = find_candidates(samples, SearchSettings("table"), all_known=True, clusters=pairs)
    assert [str(one) for one in found.family.candidates] == ["b"]  # nearly all pairs were touched
    long = np.where(np.arange(800) < 20, 0, np.arange(800))
    found = find_candidates(samples, SearchSettings("table"), all_known=True, clusters=long)
    assert [str(one) for one in found.family.candidates] == ["a", "b"]
