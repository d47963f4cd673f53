"""What is given up: by the curves of what was scored before, and nothing else."""

import optuna
import pytest

from autoequivariant.search.pruning import STARTUP, Pruning

CURVES = tuple((0.1 * k, 0.1 * k + 0.05, 0.1 * k + 0.1, 0.1 * k + 0.15) for k in range(STARTUP))
"""After two epochs 0.05, 0.15, ... 0.75."""

CASES = [
    # pruner, curve so far, whether it is given up
    ("median", (0.0,), False),  # in the first half of the epochs none is
    ("median", (0.0, 0.1), True),
    ("median", (0.3, 0.39), True),
    ("median", (0.3, 0.41), False),
    ("quartile", (0.3, 0.41), True),
    ("quartile", (0.7, 0.74), False),
    ("median", (0.9, 0.1, 0.1), False),  # its best epoch counts
    ("median", (0.0, 0.0, 0.0, 0.0), False),  # it is whole already
    ("median", (), False),
]


@pytest.mark.parametrize(("pruner", "curve", "expected"), CASES)
def test_what_is_given_up(pruner: str, curve: tuple[float, ...], expected: bool) -> None:
    assert Pruning(pruner, 4, CURVES).gives_up(curve) is expected


def test_nothing_is_given_up_before_enough_is_known() -> None:
    assert Pruning("median", 4, CURVES).gives_up((0.0, 0.0))
    assert not Pruning("median", 4, CURVES[1:]).gives_up((0.0, 0.0))


def test_the_order_of_what_is_known_does_not_matter() -> None:
    for curve in ((0.3, 0.39), (0.3, 0.41)):
        verdicts = {Pruning("median", 4, some).gives_up(curve) for some in (CURVES, CURVES[::-1])}
        assert len(verdicts) == 1


def test_optuna_says_as_much_as_before() -> None:
    before = optuna.logging.get_verbosity()
    Pruning("median", 4, CURVES).gives_up((0.0, 0.0))
    assert optuna.logging.get_verbosity() == before
