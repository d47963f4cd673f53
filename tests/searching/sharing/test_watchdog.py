"""When a process is stuck, by a clock that the test moves."""

from autoequivariant.searching.sharing.watchdog import LEAST_SECONDS, TIMES, Watchdog


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_without_a_step_a_process_is_stuck_after_ten_minutes() -> None:
    now = Hands()
    dog = Watchdog(now)
    now.seconds = LEAST_SECONDS
    assert not dog.is_stuck
    now.seconds += 1
    assert dog.is_stuck
    dog.progressed()
    assert not dog.is_stuck


def test_long_pauses_between_steps_give_more_time() -> None:
    now = Hands()
    dog = Watchdog(now)
    dog.progressed()
    now.seconds += 300
    dog.progressed()
    now.seconds += 1
    dog.progressed()
    assert dog.limit == TIMES * 300
    now.seconds += TIMES * 300
    assert not dog.is_stuck
    now.seconds += 1
    assert dog.is_stuck


def test_pauses_in_which_nobody_waits_do_not_count() -> None:
    now = Hands()
    dog = Watchdog(now)
    for before, after in ((True, False), (False, True), (False, False)):
        dog.progressed(before)
        now.seconds += 500
        dog.progressed(after)
    assert dog.limit == LEAST_SECONDS
