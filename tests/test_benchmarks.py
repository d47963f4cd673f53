"""Benchmarks that can be run again: their scripts go with the package."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from autoequivariant import equivariance_error
from autoequivariant.data.formats.idx import idx_bytes

from .report.outcomes import outcome, small_problem

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


def load(path: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A script, as a module."""
    name = path.replace("/", "_").removesuffix(".py")
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """`make.py`, for few images."""
    module = load("aen_table/make.py", monkeypatch)
    for name, value in (("EPOCHS", 1), ("TRAIN", 60), ("VALIDATION", 40)):
        monkeypatch.setattr(module, name, value)
    return module


@pytest.mark.parametrize("shapes", ["ours", "paper"])
def test_rows_of_the_table(make: ModuleType, tmp_path: Path, shapes: str) -> None:
    part = make.Part("mnist", "none", shapes, 0)
    folder = part.folder(tmp_path)
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name, count in (("train", 120), ("t10k", 30)):
        images = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        labels = np.arange(count, dtype=np.uint8) % 10
        (folder / f"{name}-images-idx3-ubyte").write_bytes(idx_bytes(images))
        (folder / f"{name}-labels-idx1-ubyte").write_bytes(idx_bytes(labels))
    trainer = make.Trainer(part, tmp_path)
    assert len(trainer.problem.space.children) == {"ours": 215, "paper": 216}[shapes]
    rows = trainer.rows(list(trainer.problem.space.children[:2]))
    known = {tuple(row[:6]) for row in make.read_rows(make.TABLE)}
    for row in rows:
        assert tuple(row[:6]) in known  # the same network, with as many weights
        assert 0 <= int(row[6]) <= 40
        assert 0 <= int(row[7]) <= 30


@pytest.mark.parametrize(
    ("scores", "cell"), [((0.75, 0.8741), "0.874"), ((0.75, None), "0.750"), ((None, None), "")]
)
def test_a_row_of_results_has_the_area_or_the_balanced_accuracy(
    monkeypatch: pytest.MonkeyPatch, scores: tuple[float | None, float | None], cell: str
) -> None:
    found = outcome(small_problem()).results
    best = replace(found.best, balanced_accuracy=scores[0], auc=scores[1])
    module = load("results.py", monkeypatch)
    assert module.balanced(replace(found, best=best)) == cell


@pytest.fixture
def christie_aston(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return load("verdicts/christie_aston.py", monkeypatch)


def test_functions_have_the_symmetries_that_are_said(christie_aston: ModuleType) -> None:
    x = np.random.default_rng(0).normal(size=(50, 2))
    groups = dict(zip(christie_aston.STATES, christie_aston.states(2), strict=True))
    assert sorted(map(len, groups.values())) == [1, 2, 2, 2, 2, 2, 4, 4, 4, 8]
    assert len(set(map(frozenset, groups.values()))) == 10
    for truth, function in [
        *christie_aston.REPORTED.values(),
        *christie_aston.TUNING.values(),
    ]:
        moved = {one: function(*one.points.apply(x).T) for one in groups["all"]}
        kept = {one for one, y in moved.items() if np.allclose(y, function(*x.T))}
        assert kept == set(groups[truth]), truth
    assert not set(christie_aston.REPORTED) & set(christie_aston.TUNING)


def test_rates_and_table_of_proposals(christie_aston: ModuleType) -> None:
    found = {"mirrors": 6, "mirror 1": 2, "all": 1, "no proposal": 1}
    assert christie_aston.rates("mirrors", found) == {"exact": 6, "false": 1}
    row = {"y": "f", "truth": "mirrors", "d": 2, "n": 20, "proposals": found}
    assert "| 0.600 (0.313 to 0.832) | 0.100 (" in christie_aston.table([row])


def test_proposals_are_counted_and_repeatable(christie_aston: ModuleType) -> None:
    truth, function = christie_aston.REPORTED["exp(-abs(x1))"]
    first, second = (christie_aston.proposals(function, 50, 2, 3, 0) for _ in range(2))
    assert first == second
    assert sum(first.values()) == 3
    assert first[truth] >= 2


@pytest.fixture
def proposals(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return load("proposals.py", monkeypatch)


@pytest.mark.parametrize("names", ["tuning", "reported"])
def test_targets_have_the_planted_groups(proposals: ModuleType, names: str) -> None:
    x = np.random.default_rng(0).normal(size=(50, 8))
    for has_mirror, target in proposals.RINGS[names].values():
        assert np.allclose(target(x), target(np.roll(x, 1, axis=1)))
        assert np.allclose(target(x), target(x[:, ::-1])) == has_mirror
    blocks = x.reshape(50, 4, 2)
    for target in proposals.BLOCKS[names].values():
        assert np.allclose(target(blocks), target(blocks[:, [1, 0, 2, 3]]))
        assert not np.allclose(target(blocks), target(blocks[:, :, ::-1]))
    for target in proposals.SYMMETRIC[names].values():
        assert np.allclose(target(x), target(x[:, [3, 0, 2, 1, 7, 6, 5, 4]]))
    for table in (proposals.RINGS, proposals.BLOCKS, proposals.SYMMETRIC):
        assert not set(table["tuning"]) & set(table["reported"])


def test_a_plant_of_proposals_is_repeatable(proposals: ModuleType) -> None:
    first, second = (proposals.plant("symmetric", 3, "tuning") for _ in range(2))
    assert (first.x == second.x).all()
    assert (first.y == second.y).all()
    assert proposals.group(first.generators, first.x.shape[1]).order() > 1
    row = proposals.outcome("symmetric", 3, "tuning")
    assert proposals.table([row]).count("\n") == 2


# --- searches of more closed states than can be listed --------------------------------------------


@pytest.fixture
def scale(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return load("scale.py", monkeypatch)


@pytest.mark.parametrize("kind", ["plant", "pairs", "fives"])
def test_the_best_of_all_synthetic_scores(scale: ModuleType, kind: str) -> None:
    """Beside every one of them: the benchmark knows the best of 2^40 without looking."""
    scores = scale.Scores(kind, 3, count=10)
    true = [scores.true(np.flatnonzero(number >> np.arange(10) & 1)) for number in range(2**10)]
    assert max(true) == pytest.approx(scores.true(scores.best)) == pytest.approx(scale.OPTIMUM)
    assert scores.true(()) == pytest.approx(scale.BASELINE)
    assert sum(np.isclose(true, max(true))) == 1


@pytest.mark.parametrize(("kind", "seed"), [("plant", 0), ("plant", 1), ("pairs", 0)])
def test_lattice_finds_the_best_of_a_trillion(scale: ModuleType, kind: str, seed: int) -> None:
    """In at most 500 trainings, where closed states are too many to list."""
    space = scale.Space(scale.Subsets(), scale.LIMIT)
    assert space.size is None
    assert len(space.children) == scale.LIMIT < 2**scale.CANDIDATES
    scores = scale.Scores(kind, seed)
    assert scores.best not in {frozenset(child.members) for child in space.children}
    found = scale.simulate(scores, 500, seed, until_solved=True)
    assert found.solved_after is not None
    assert found.solved_after <= 500


def test_random_order_does_not_find_it(scale: ModuleType) -> None:
    """The twin: as many random states are far from the best."""
    scores = scale.Scores("plant", 0)
    best = max(scores.true(state) for state in scale.random_states(500, 0))
    assert scale.OPTIMUM - best > 0.02


@pytest.mark.parametrize(("side", "holds"), [(32, False), (33, True), (34, False), (35, True)])
def test_strides_are_exact_at_odd_sides(
    side: int, holds: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = load("strides.py", monkeypatch)
    x = torch.randn(8, 3, side, side, generator=torch.Generator().manual_seed(0))
    found = equivariance_error(module.Turned(), "rot90", x)["rot90"]
    assert module.cell(found).endswith("fails") != holds
