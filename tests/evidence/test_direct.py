"""Direct tests of planted data, and of data that cannot be tested."""

from collections import Counter

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from autoequivariant.errors import SymmetryError
from autoequivariant.evidence.direct import DirectTests, direct_tests
from autoequivariant.evidence.testing import tester
from autoequivariant.groups.domain import Features, Grid, Sequence
from autoequivariant.groups.symmetry import parse_symmetries

CANDIDATES = "hflip,vflip,rot90,translate_x:4"


def images(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return images of three patterns, each mirrored half of the time, and their classes."""
    rng = np.random.default_rng(seed)
    patterns = gaussian_filter(rng.normal(size=(3, 1, 8, 8)), (0, 0, 1, 1))
    y = rng.integers(0, 3, n)
    x = 3 * patterns[y] + 0.4 * rng.normal(size=(n, 1, 8, 8))
    mirrored = rng.random(n) < 0.5
    x[mirrored] = x[mirrored][..., ::-1]
    return x.astype(np.float32), y


def answers(n: int = 800, names: str = CANDIDATES, **options) -> DirectTests:  # type: ignore[no-untyped-def]
    x, y = images(n)
    found = direct_tests(x, y, 3, Grid(8, 8), parse_symmetries(names), **options)
    assert found.holding == ("hflip",)
    assert [one.name for one in found.verdicts] == names.split(",")
    return found


def test_images() -> None:
    assert answers().closure is None


def test_the_same_seed_gives_the_same_answer() -> None:
    first, second = (answers(800, "hflip,rot90", seed=3) for _ in range(2))
    assert first.verdicts == second.verdicts


def test_labels_that_depend_on_the_mirror_are_refuted() -> None:
    rng = np.random.default_rng(0)
    x, _ = images(800)
    left, right = x[..., :4].mean(axis=(1, 2, 3)), x[..., 4:].mean(axis=(1, 2, 3))
    y = (left > right).astype(np.int64)
    y ^= rng.random(800) < 0.05
    found = direct_tests(x, y, 2, Grid(8, 8), parse_symmetries("hflip"))
    assert found.verdicts[0].verdict == "does not hold"
    assert found.closure is None


def test_all_that_hold_are_tested_together() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1200, 1, 4)).astype(np.float32)
    y = np.abs(x).sum(axis=2) + 0.3 * rng.normal(size=(1200, 1))
    names = "swap:0-1,swap:1-2,swap:2-3,negate_column:0"
    found = direct_tests(x, y.astype(np.float32), 0, Features(4), parse_symmetries(names))
    assert found.holding == tuple(names.split(","))
    assert found.closure is not None
    assert found.closure.verdict == "holds"


@pytest.mark.parametrize("clustered", [False, True])
def test_more_samples_than_are_tested(monkeypatch: pytest.MonkeyPatch, clustered: bool) -> None:
    monkeypatch.setattr(tester, "MOST_SAMPLES", 400)
    monkeypatch.setattr(tester, "MOST_OF_TASK", 300)
    x, y = images(900)
    clusters = np.arange(900) // 2 if clustered else None
    found = direct_tests(x, y, 3, Grid(8, 8), parse_symmetries("hflip,rot90"), clusters=clusters)
    assert all(one.inputs is not None and one.task is not None for one in found.verdicts)


def test_copies_in_clusters_do_not_count_as_more_samples() -> None:
    x, y = images(60)
    rows = np.repeat(np.arange(60), 20)
    candidates = parse_symmetries("hflip")
    noise = np.random.default_rng(0).normal(0, 1e-3, x[rows].shape).astype(np.float32)
    copied = x[rows] + noise
    naive = direct_tests(copied, y[rows], 3, Grid(8, 8), candidates).verdicts[0]
    clustered = direct_tests(copied, y[rows], 3, Grid(8, 8), candidates, clusters=rows).verdicts[0]
    assert naive.inputs is not None
    assert naive.inputs.p_x < 0.05  # wrong: the 60 samples are counted 20 times
    assert clustered.inputs is not None
    assert clustered.inputs.p_x > 0.05


def test_sequences_are_told_from_reversed_ones_by_their_patches() -> None:
    rng = np.random.default_rng(0)
    x = np.zeros((900, 1, 60))
    for row in x[:, 0]:  # rises slowly and falls at once, at random times
        for start in rng.integers(0, 52, 4):
            row[start : start + 8] += np.arange(8)
    x += 0.5 * rng.normal(size=x.shape)
    y = rng.integers(0, 2, 900)
    found = direct_tests(x.astype(np.float32), y, 2, Sequence(60), parse_symmetries("reverse"))
    assert found.verdicts[0].inputs is not None
    assert found.verdicts[0].inputs.p_x <= 0.002
    assert found.verdicts[0].verdict != "holds"


@pytest.mark.parametrize("n", [1, 3, 24, 30])
def test_few_samples_decide_nothing(n: int) -> None:
    x, y = images(n)
    found = direct_tests(x, y, 3, Grid(8, 8), parse_symmetries(CANDIDATES))
    assert Counter(one.verdict for one in found.verdicts) == {"undecided": 4}


@pytest.mark.parametrize("scale", [0.0, 1e-30, 1e30])
def test_extreme_and_constant_values(scale: float) -> None:
    x, y = images(200)
    found = direct_tests(x * np.float32(scale), y, 3, Grid(8, 8), parse_symmetries("hflip,rot90"))
    for one in found.verdicts:
        assert one.reason
        assert scale != 0 or "moves no sample" in one.reason


def test_a_candidate_that_is_not_defined() -> None:
    with pytest.raises(SymmetryError, match="rot90"):
        direct_tests(*images(50), 3, Grid(4, 16), parse_symmetries("rot90"))


def test_each_candidate_is_reported() -> None:
    seen = []
    answers(800, "hflip,rot90", on_tested=lambda: seen.append(1))
    assert len(seen) == 2
