"""Proposals from the pattern of association, on tables whose symmetries are known."""

import numpy as np
import pytest

from autoequivariant.groups.custom.definition import DataSpec, resolve
from autoequivariant.groups.domain import Features
from autoequivariant.groups.group_elements import group_elements
from autoequivariant.groups.permutation import Permutation
from autoequivariant.proposing.association.propose import (
    FEWEST_SAMPLES,
    MOST_COLUMNS,
    MOST_PROPOSALS,
    association_proposals,
)

from .plants import group_of, table


def images(proposals, d, columns=()):
    spec = DataSpec(Features(d), columns, outputs=("y",), has_classes=False)
    found = [one for each in proposals for one in resolve([each.candidate], spec)]
    return [one.action(spec.domain) for one in found]


def elements(generators, d):
    return set(group_elements(generators, Permutation.identity(d), 100_000) or ())


@pytest.mark.parametrize("kind", ["ring", "mirrored ring", "blocks", "all", "weights", "noise"])
@pytest.mark.parametrize("is_class", [False, True])
def test_the_group_of_a_plant_is_found(kind: str, is_class: bool) -> None:
    d = 8
    x, y = table(kind, d, n=1500)
    if is_class:
        y = (y[:, 0] > np.median(y)).astype(np.int64)
    proposals = association_proposals(x, y, 2 if is_class else 0)
    truth = [Permutation(image) for image in group_of(kind, d)]
    assert elements(images(proposals, d), d) == elements(truth, d)
    assert all(one.saw_labels and one.source == "data" for one in proposals)
    assert all(len(one.reason) <= 100 for one in proposals)


def test_relabelled_columns_have_the_conjugate_group() -> None:
    x, y = table("ring", 12)
    places = np.random.default_rng(1).permutation(12)
    moved = np.empty_like(x)
    moved[:, places] = x
    first = Permutation(places)
    expected = {
        first @ one @ first.inverse()
        for one in elements(images(association_proposals(x, y, 0), 12), 12)
    }
    assert elements(images(association_proposals(moved, y, 0), 12), 12) == expected
    assert len(expected) == 12


def test_names_of_columns_are_used() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1500, 10)) + 5.0 * (np.arange(10) > 4)
    y = (x[:, :5].max(axis=1) + np.square(x[:, 5:] - 5).sum(axis=1) / 3)[:, np.newaxis]
    columns = tuple(f"column {k}" for k in range(10))
    proposals = association_proposals(x, y, 0, columns)
    names = [str(one.candidate) for one in proposals]
    assert sorted(names) == [
        *["ring of 5 columns"] * 2,
        "swap column 0 <-> column 1",
        "swap column 5 <-> column 6",
    ]
    assert "column 0, column 1, column 2 and 2 more" in " ".join(one.reason for one in proposals)
    named = images(proposals, 10, columns)
    assert named == images(association_proposals(x, y, 0), 10)
    assert len(named) <= MOST_PROPOSALS


def test_columns_of_other_categories_are_not_exchanged() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 3, size=(1500, 6))
    y = ((codes == 1).sum(axis=1) > 1).astype(np.int64)
    same = association_proposals(codes, y, 2, (), [("a", "b", "c")] * 6)
    assert len(elements(images(same, 6), 6)) == 720
    alphabets = [("a", "b", "c")] * 3 + [("x", "y", "z")] * 3
    for one in images(association_proposals(codes, y, 2, (), alphabets), 6):
        assert (one.image[:3] < 3).all()


@pytest.mark.parametrize(
    "shape", [(FEWEST_SAMPLES - 1, 4), (200, 1), (100, MOST_COLUMNS + 1), (60, 4), (200, 80)]
)
def test_tables_with_nothing_to_say(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    assert association_proposals(rng.normal(size=shape), rng.normal(size=(shape[0], 1)), 0) == []


def test_constant_columns_and_few_samples_of_many_are_handled() -> None:
    x, y = table("all", 6, n=2500)
    x = np.concatenate([x, np.ones((2500, 2))], axis=1)
    first, second = (association_proposals(x, y, 0) for _ in range(2))
    assert first == second
    assert all((one.image[6:] == [6, 7]).all() for one in images(first, 8))
    assert len(elements(images(first, 8), 8)) == 720
