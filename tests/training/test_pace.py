"""A time limit leaves steps out, and the schedule still ends with the training."""

import pytest

from autoequivariant.training import pace as module
from autoequivariant.training.pace import Pace


class Time:
    """Seconds that pass only when they are told to."""

    now = 100.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    clock = Time()
    monkeypatch.setattr(module, "time", clock)
    return clock


def trained(time: Time, seconds: float | None, each: list[float]) -> list[int]:
    """By how much the schedule moves on in each step that is made."""
    pace = Pace(len(each), seconds)
    moves: list[int] = []
    while not pace.is_over:
        time.now += each[pace.done]
        moves.append(pace.advance())
    assert len(moves) == pace.done
    return moves


@pytest.mark.parametrize("seconds", [None, 20.5, 1e9])
def test_what_fits_is_not_changed(time: Time, seconds: float | None) -> None:
    assert trained(time, seconds, [1.0] * 20) == [1] * 20


@pytest.mark.parametrize(
    ("seconds", "each", "steps"),
    [
        (10.5, [1.0] * 20, 10),
        (10.5, [4.0] + [0.5] * 19, 14),  # a slow first step says nothing about the others
        (10.5, [1.0] * 5 + [2.0] * 15, 8),  # the machine gets slower
        (0.5, [1.0] * 20, 1),
    ],
)
def test_a_limit_leaves_steps_out(
    time: Time, seconds: float, each: list[float], steps: int
) -> None:
    start = time.now
    moves = trained(time, seconds, each)
    assert len(moves) == steps
    assert time.now - start < seconds + each[0]  # no more than a step too long


def test_the_schedule_ends_with_the_training(time: Time) -> None:
    even = trained(time, 10.5, [1.0] * 40)
    assert sum(even) == 40 and len(even) == 10
    assert max(even[1:]) <= 5  # after a step of which the pace is not known, evenly
    slower = trained(time, 100.0, [1.0] * 30 + [5.0] * 70)
    assert sum(slower) == 100
    assert slower[:29] == [1] * 29


def test_a_resumed_training_moves_on_as_before(time: Time) -> None:
    pace = Pace(20)
    for _ in range(7):
        pace.advance()
    resumed = Pace(20)
    assert resumed.can_resume(pace.done, pace.position)
    resumed.resume(pace.done, pace.position)
    assert [resumed.advance() for _ in range(13)] == [1] * 13
    assert resumed.is_over


@pytest.mark.parametrize(("seconds", "steps"), [(None, 13), (4.5, 4), (0.0, 1)])
def test_a_resumed_training_has_its_own_time(time: Time, seconds: float | None, steps: int) -> None:
    pace = Pace(20, seconds)
    pace.resume(7, 7.0)
    moves = []
    while not pace.is_over:
        time.now += 1.0
        moves.append(pace.advance())
    assert len(moves) == steps
    if steps > 1:
        assert sum(moves) == 13


@pytest.mark.parametrize(
    ("done", "position", "is_over"), [(20, 20, True), (9, 20, True), (9, 15, False)]
)
def test_a_schedule_that_has_ended_stays_so(done: int, position: float, is_over: bool) -> None:
    pace = Pace(20)
    pace.resume(done, position)
    assert pace.is_over == is_over


@pytest.mark.parametrize(("done", "position"), [(21, 1.0), (1, 20.5)])
def test_numbers_of_another_training_are_refused(done: int, position: float) -> None:
    assert not Pace(20).can_resume(done, position)
    assert Pace(20).can_resume(20, 20.0)
