import numpy as np
import pytest

from autoequivariant.data.split import Split
from autoequivariant.searching.fit import yardstick
from autoequivariant.searching.fit.yardstick import (
    BOOSTING,
    FOREST,
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


@pytest.mark.parametrize("name", [BOOSTING, SVC, FOREST])
@pytest.mark.parametrize("task", [CLASSES, NUMBERS])
def test_each_yardstick_learns(name: str, task: Task) -> None:
    fit, score = problem(task)
    found = yardstick_scores(name, fit, score, task, 0)
    assert found.shape == (300,)
    assert found.dtype == (bool if task is CLASSES else np.float32)
    assert found.mean() > (0.85 if task is CLASSES else 0.6)
    assert np.array_equal(found, yardstick_scores(name, fit, score, task, 0))


def test_a_table_has_boosting_and_large_samples_a_forest(monkeypatch: pytest.MonkeyPatch) -> None:
    fit, _ = problem(CLASSES)
    assert suitable_yardstick(fit, True, CLASSES, 0) == BOOSTING
    monkeypatch.setattr(yardstick, "MOST_SVC_VALUES", 8)
    assert suitable_yardstick(fit, False, CLASSES, 0) == FOREST


def test_the_better_of_two_is_taken_on_samples_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    fit, _ = problem(CLASSES)
    seen: list[tuple[str, int, int]] = []

    def scores(name: str, known: Split, tried: Split, task: Task, seed: int) -> np.ndarray:
        assert not {one.tobytes() for one in known.x} & {one.tobytes() for one in tried.x}
        seen.append((name, len(known), len(tried)))
        return np.full(4, name == better)

    monkeypatch.setattr(yardstick, "yardstick_scores", scores)
    for better in (SVC, FOREST):
        assert suitable_yardstick(fit, False, CLASSES, 0) == better
    assert seen[:2] == [(SVC, 225, 75), (FOREST, 225, 75)]


def test_no_more_samples_than_the_limit_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    fit, score = problem(CLASSES)
    monkeypatch.setattr(yardstick, "MOST_SAMPLES", 20)
    few = yardstick_scores(FOREST, fit, score, CLASSES, 0)
    monkeypatch.undo()
    assert few.mean() < yardstick_scores(FOREST, fit, score, CLASSES, 0).mean()
