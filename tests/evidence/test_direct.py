"""Direct tests of planted data, and of data that cannot be tested."""

import pickle
from collections import Counter
from collections.abc import Iterator
from threading import get_ident
from typing import Any

import numpy as np
import pytest
from joblib.externals.loky.backend.reduction import dumps
from scipy.ndimage import gaussian_filter

from autoequivariant.errors import SymmetryError
from autoequivariant.evidence import direct
from autoequivariant.evidence.direct import NO_TIME, DirectTests, direct_tests
from autoequivariant.evidence.testing import tester
from autoequivariant.groups.custom.definition import DataSpec, candidate_of, resolve
from autoequivariant.groups.domain import Features, Grid, Pairs, Sequence
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.training.executors.executor import Job, OnStep
from autoequivariant.training.executors.local import LocalExecutor

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


def answers(n: int = 800, names: str = CANDIDATES, **options: Any) -> DirectTests:
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


@pytest.mark.parametrize("cores", [1, 3])
def test_the_number_of_threads_changes_nothing(monkeypatch: pytest.MonkeyPatch, cores: int) -> None:
    monkeypatch.setattr(direct, "cpu_count", lambda: cores)
    threads = set()
    whole = tester.Tester.test

    def test(self: tester.Tester, *arguments: Any) -> Any:
        threads.add(get_ident())
        return whole(self, *arguments)

    expected = answers().verdicts
    monkeypatch.setattr(tester.Tester, "test", test)
    assert answers().verdicts == expected
    assert len(threads) <= cores


def test_what_the_callback_raises_ends_the_tests() -> None:
    seen: list[int] = []

    def stop() -> None:
        seen.append(1)
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        answers(on_tested=stop)
    assert len(seen) == 2


class Elsewhere(LocalExecutor):
    """Stands for other machines, for which this process waits: what it runs was pickled."""

    caller_works = False

    def run(self, job: Job[Any, Any], parts: Any, on_step: OnStep) -> Iterator[tuple[int, Any]]:
        for number, part in reversed(list(enumerate(parts))):  # in any order
            on_step(0)
            yield number, pickle.loads(dumps(job))(pickle.loads(dumps(part)), on_step)


def test_workers_elsewhere_change_nothing() -> None:
    seen: list[int] = []
    expected = answers(800, CANDIDATES).verdicts
    there = answers(800, CANDIDATES, executor=Elsewhere(1), on_tested=lambda: seen.append(1))
    assert there.verdicts == expected
    assert len(seen) == len(expected)
    assert answers(800, CANDIDATES, executor=LocalExecutor(1)).verdicts == expected


def test_what_is_not_tested_in_time_is_undecided_there_too() -> None:
    x, y = images(800)
    seen: list[int] = []
    found = direct_tests(
        x,
        y,
        3,
        Grid(8, 8),
        parse_symmetries(CANDIDATES),
        on_tested=lambda: seen.append(1),
        is_late=lambda: len(seen) >= 3,
        executor=Elsewhere(1),
    )
    assert [one.reason == NO_TIME for one in found.verdicts] == [True, False, False, False]
    assert len(seen) == 4


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


def test_items_of_pairs() -> None:
    """Distances of points in any order, and of points that lie along a line in theirs."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(900, 6, 3))
    points[:450, :, 2] *= 2
    y = np.arange(900) // 450
    candidates = parse_symmetries("swap:0-1,shift:1")
    ordered = points + 3 * np.arange(6)[:, np.newaxis]
    for places, expected in ((points, ("swap:0-1", "shift:1")), (ordered, ())):
        x = np.linalg.norm(places[:, :, np.newaxis] - places[:, np.newaxis], axis=-1)
        found = direct_tests(x[:, np.newaxis].astype(np.float32), y, 2, Pairs(6), candidates)
        assert found.holding == expected


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


# --- boards and other data of few values ----------------------------------------------------------


def table(n: int, levels: int, columns: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, levels, (n, 1, columns)).astype(np.float32)


def answers_of_swap(x: np.ndarray, y: np.ndarray, n_classes: int, seed: int) -> str:
    swap = parse_symmetries("swap:0-1")
    return direct_tests(x, y, n_classes, Features(x.shape[2]), swap, seed).verdicts[0].verdict


def test_noisy_labels_of_equal_samples_are_no_proof() -> None:
    for seed in range(4):
        x, rng = table(1000, 2, 4, seed), np.random.default_rng(seed)
        chance = 0.7 + 0.2 * np.sign(x[:, 0, 0] - x[:, 0, 1])
        broken = (rng.random(1000) < chance).astype(np.int64)
        assert answers_of_swap(x, broken, 2, seed) != "holds"


def test_noise_does_not_refute_a_symmetry_of_few_values() -> None:
    for seed in range(4):
        rng = np.random.default_rng(seed)
        x = table(600, 4, 3, seed)
        target = x[:, 0, :2].sum(axis=1, keepdims=True) + 0.1 * rng.normal(size=(600, 1))
        assert answers_of_swap(x, target.astype(np.float32), 0, seed) != "does not hold"
        y = (x[:, 0, :2].sum(axis=1) > 3).astype(np.int64) ^ (rng.random(600) < 0.1)
        assert answers_of_swap(x, y, 2, seed) != "does not hold"


def test_samples_that_a_candidate_leaves_alone_are_no_overlap() -> None:
    rng = np.random.default_rng(0)
    x = np.zeros((1500, 1, 3), np.float32)
    x[:, 0, 2] = rng.normal(size=1500)
    x[:300, 0, :2] = np.array([5, -5]) + rng.normal(size=(300, 2))
    y = (x[:, 0, 2] > 0).astype(np.int64)
    (one,) = direct_tests(x, y, 2, Features(3), parse_symmetries("swap:0-1")).verdicts
    assert one.task is not None
    assert one.task.overlap < 0.2
    assert "never occur" in one.reason


@pytest.mark.parametrize("scale", [1e-20, 1e20])
def test_a_scale_changes_no_verdict_on_sequences(scale: float) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(600, 1, 20)), rng.integers(0, 2, 600)
    plain, scaled = (
        direct_tests((x * s).astype(np.float32), y, 2, Sequence(20), parse_symmetries("reverse"))
        for s in (1.0, scale)
    )
    assert plain.verdicts[0].verdict == scaled.verdicts[0].verdict
    assert scaled.verdicts[0].inputs is not None
    assert scaled.verdicts[0].inputs.p_joint > 0.01


def test_other_candidates_do_not_change_a_draw() -> None:
    x, y = images(800)
    alone, beside = (
        direct_tests(x, y, 3, Grid(8, 8), parse_symmetries(names)).verdicts
        for names in ("hflip", "rot90,hflip")
    )
    assert alone[0].inputs is not None and beside[1].inputs is not None
    assert alone[0].inputs.p_x == beside[1].inputs.p_x


@pytest.mark.parametrize("outputs", [{"negate": "0"}, {"swap": "0 <-> 1"}])
def test_candidates_that_move_targets(outputs: dict[str, str]) -> None:
    spec = DataSpec(Features(3), outputs=("0", "1"), has_classes=False)
    mapping = {"name": "mirror", "swap": "0 <-> 1", "outputs": outputs}
    (mirror,) = resolve([candidate_of(mapping)], spec)
    wrong = 0
    for seed in range(5):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(700, 1, 3)).astype(np.float32)
        a, b, c = x[:, 0].T
        difference = 5 * (a - b)
        y = np.stack([difference, c + a * b] if "negate" in outputs else [a + c, b + c], axis=1)
        y = (y + 0.2 * rng.normal(size=y.shape)).astype(np.float32)
        (one,) = direct_tests(x, y, 0, Features(3), [mirror], seed).verdicts
        wrong += one.verdict == "does not hold"
        (plain,) = direct_tests(x, y, 0, Features(3), parse_symmetries("swap:0-1"), seed).verdicts
        assert plain.verdict == "does not hold"
    assert wrong <= 1  # nominally one in twenty


def test_what_labels_led_to_is_tested_on_other_samples() -> None:
    x, y = images(900)
    looked_at = np.arange(900) % 3 == 0
    names = parse_symmetries("hflip,vflip,rot180")
    whole = direct_tests(x, y, 3, Grid(8, 8), names).verdicts
    others = direct_tests(x[~looked_at], y[~looked_at], 3, Grid(8, 8), names).verdicts
    seen = {"looked_at": looked_at, "saw_labels": [True, False, False]}
    found = direct_tests(x, y, 3, Grid(8, 8), names, **seen).verdicts  # type: ignore[arg-type]
    own, other, every = (one[0].inputs for one in (found, others, whole))
    assert own is not None and other is not None and every is not None
    assert (own.p_x, own.unseen) == (other.p_x, other.unseen)
    assert own.p_x != every.p_x
    assert [one.inputs for one in found[1:]] == [one.inputs for one in whole[1:]]


def test_labels_that_led_to_candidates_train_predictors_and_are_not_tested() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1600, 1, 6)).astype(np.float32)
    y = (x[:, 0] @ np.array([1, 1, 0.5, 0.2, 0, -1]) + rng.normal(size=1600))[:, np.newaxis]
    looked_at = np.arange(1600) < 800
    other = np.where(looked_at[:, np.newaxis], rng.permutation(y), y)
    names = parse_symmetries("swap:0-1,swap:0-5")
    seen = {"looked_at": looked_at, "saw_labels": [True, True]}
    first, second = (
        direct_tests(x, labels.astype(np.float32), 0, Features(6), names, **seen)  # type: ignore[arg-type]
        for labels in (y, other)
    )
    assert [one.verdict for one in first.verdicts] == ["holds", "does not hold"]
    for one, twin in zip(first.verdicts, second.verdicts, strict=True):
        assert one.inputs is not None and twin.inputs is not None
        assert one.inputs.p_x == twin.inputs.p_x
    # A predictor that learned other labels sees no effect in these.
    of_labels, of_others = (one.verdicts[1].task for one in (first, second))
    assert of_labels is not None and of_others is not None
    assert of_labels.interval[0] > 0.1 > of_others.interval[1]


def test_predictors_of_labels_that_led_to_candidates_keep_the_level() -> None:
    names, rejected = parse_symmetries("swap:0-1"), 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(240, 1, 3)).astype(np.float32)
        y = (x[:, 0, 0] * x[:, 0, 1] + x[:, 0, 2] + rng.normal(size=240)).astype(np.float32)
        found = direct_tests(
            x,
            y[:, np.newaxis],
            0,
            Features(3),
            names,
            seed,
            looked_at=np.arange(240) < 120,
            saw_labels=[True],
        )
        assert found.verdicts[0].inputs is not None
        rejected += found.verdicts[0].inputs.p_joint <= 0.1
    assert rejected <= 12  # 6 are expected; more than 12 in 0.6% of all draws
