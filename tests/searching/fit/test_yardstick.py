import numpy as np
import pytest

from autoequivariant.data.split import Split
from autoequivariant.searching.fit import yardstick
from autoequivariant.searching.fit.yardstick import (
    BOOSTING,
    FOREST,
    LINEAR,
    SVC,
    suitable_yardstick,
    yardstick_scores,
)
from autoequivariant.training.tasks import TASKS, Task

CLASSES, NUMBERS = TASKS["classification"], TASKS["regression"]
RNG = np.random.default_rng(0)


def problem(task: Task, n: int = 300) -> tuple[Split, Split]:
    x = RNG.normal(size=(2 * n, 1, 3, 3)).astype(np.float32)
    value = x[:, 0, 0, 0] + x[:, 0, 1, 1]
    y = (value > 0).astype(np.int64) if task is CLASSES else np.stack([value, -3 * value + 7], 1)
    whole = Split(x, y.astype(np.int64 if task is CLASSES else np.float32))
    return whole.rows(np.arange(n)), whole.rows(np.arange(n, 2 * n))


@pytest.mark.parametrize("name", [BOOSTING, SVC, FOREST, LINEAR])
@pytest.mark.parametrize("task", [CLASSES, NUMBERS])
def test_each_yardstick_learns(name: str, task: Task) -> None:
    fit, score = problem(task)
    found = yardstick_scores(name, fit, score, task, 0)
    assert found.shape == (300,)
    assert found.dtype == (bool if task is CLASSES else np.float32)
    assert found.mean() > (0.85 if task is CLASSES else 0.6)
    assert np.array_equal(found, yardstick_scores(name, fit, score, task, 0))


def test_large_samples_have_a_forest(monkeypatch: pytest.MonkeyPatch) -> None:
    fit, _ = problem(CLASSES)
    monkeypatch.setattr(yardstick, "MOST_SVC_VALUES", 8)
    assert suitable_yardstick(fit, False, CLASSES, 0) == FOREST
    assert suitable_yardstick(fit, True, CLASSES, 0) in (BOOSTING, LINEAR)


@pytest.mark.parametrize("name", [BOOSTING, LINEAR])
@pytest.mark.parametrize("task", [CLASSES, NUMBERS])
def test_codes_of_categories_are_no_numbers(name: str, task: Task) -> None:
    codes = RNG.integers(0, 12, 600)
    value = RNG.permutation(12)[codes] % 2 * 2.0 - 1
    x = np.stack([codes, RNG.normal(size=600)], 1)[:, None].astype(np.float32)
    y = (value > 0).astype(np.int64) if task is CLASSES else value[:, None].astype(np.float32)
    fit, score = Split(x[:300], y[:300]), Split(x[300:], y[300:])
    coded = yardstick_scores(name, fit, score, task, 0, [0])
    assert coded.mean() > 0.95
    if name == LINEAR:
        assert yardstick_scores(name, fit, score, task, 0).mean() < 0.8


def test_the_better_of_two_is_taken_on_samples_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    fit, _ = problem(CLASSES)
    seen: list[tuple[str, int, int]] = []

    def scores(name: str, known: Split, tried: Split, *_: object) -> np.ndarray:
        assert not {one.tobytes() for one in known.x} & {one.tobytes() for one in tried.x}
        seen.append((name, len(known), len(tried)))
        return np.full(4, name == better)

    monkeypatch.setattr(yardstick, "yardstick_scores", scores)
    for better in (SVC, FOREST):
        assert suitable_yardstick(fit, False, CLASSES, 0) == better
    for better in (BOOSTING, LINEAR):
        assert suitable_yardstick(fit, True, CLASSES, 0) == better
    assert seen[:2] == [(SVC, 225, 75), (FOREST, 225, 75)]


def test_an_svc_gets_no_more_samples_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    fit, score = problem(CLASSES)
    whole = {name: yardstick_scores(name, fit, score, CLASSES, 0) for name in (SVC, FOREST)}
    monkeypatch.setattr(yardstick, "MOST_SAMPLES", 20)
    few = {name: yardstick_scores(name, fit, score, CLASSES, 0) for name in (SVC, FOREST)}
    assert few[SVC].mean() < whole[SVC].mean()
    assert np.array_equal(few[FOREST], whole[FOREST])
