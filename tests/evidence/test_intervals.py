"""Intervals and paired differences against published values and hand calculations."""

import math

import numpy as np
import pytest

from autoequivariant.evidence.intervals import paired_difference, wilson_interval

# The first four: Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
WILSON = [
    (81, 263, 0.95, (0.2553, 0.3662)),
    (15, 148, 0.95, (0.0624, 0.1605)),
    (0, 20, 0.95, (0.0000, 0.1611)),
    (1, 29, 0.95, (0.0061, 0.1718)),
    (20, 20, 0.95, (0.8389, 1.0000)),
    (5, 10, 0.95, (0.2366, 0.7634)),
    (1, 1, 0.95, (0.2065, 1.0000)),
    (5, 10, 0.6827, (0.3492, 0.6508)),
]


@pytest.mark.parametrize(("correct", "n", "level", "expected"), WILSON)
def test_wilson(correct: int, n: int, level: float, expected: tuple[float, float]) -> None:
    assert wilson_interval(correct, n, level) == pytest.approx(expected, abs=5e-5)


def test_wilson_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    for share in (0.1, 0.5, 0.93):
        hits = rng.binomial(300, share, 4000)
        covered = [low <= share <= high for low, high in (wilson_interval(k, 300) for k in hits)]
        assert np.mean(covered) == pytest.approx(0.95, abs=0.02)


def rows(*texts: str) -> np.ndarray:
    return np.array([[c == "1" for c in text] for text in texts])


DIFFERENCES = [
    # one seed: differences 0 1 0 1, mean 1/2, variance 1/3, standard error sqrt(1/3/4)
    (rows("1101"), rows("1000"), 0.5, math.sqrt(1 / 12), True),
    (rows("1000"), rows("1101"), -0.5, math.sqrt(1 / 12), False),
    (rows("1010"), rows("1010"), 0.0, 0.0, False),
    # 1 and -1: mean 0, variance 4/3
    (rows("1100"), rows("1010"), 0.0, math.sqrt(1 / 6), False),
    # two seeds: shares 1 1/2 0 and 1/2 1/2 1/2, differences 1/2 0 -1/2
    (rows("110", "100"), rows("111", "000"), 0.0, math.sqrt(0.25 / 3), False),
    # better on every sample: no spread, so distinguishable
    (rows("111"), rows("000"), 1.0, 0.0, True),
    # one in four: mean 1/4, variance 1/4, standard error 1/4: exactly one, so not more than one
    (rows("1000"), rows("0000"), 0.25, 0.25, False),
    (rows("1111111111"), rows("1111111110"), 0.1, 0.1, False),  # the same, but for rounding
    (rows("1"), rows("0"), 1.0, 0.0, True),
]


@pytest.mark.parametrize(("first", "second", "mean", "error", "distinguishable"), DIFFERENCES)
def test_paired_difference(
    first: np.ndarray, second: np.ndarray, mean: float, error: float, distinguishable: bool
) -> None:
    found = paired_difference(first, second)
    assert found.mean == pytest.approx(mean)
    assert found.standard_error == pytest.approx(error)
    assert found.is_distinguishable is distinguishable


def test_pairing_sees_what_intervals_do_not() -> None:
    rng = np.random.default_rng(1)
    second = rng.random((1, 1000)) < 0.8
    first = second | (rng.random((1, 1000)) < 0.05)
    low, _ = wilson_interval(int(first.sum()), 1000)
    _, high = wilson_interval(int(second.sum()), 1000)
    assert low < high  # the intervals overlap
    assert paired_difference(first, second).is_distinguishable


def test_copies_of_a_sample_count_once() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.random((2, 1, 200)) < 0.5
    alone = paired_difference(first, second)
    single = paired_difference(first, second, np.arange(200))
    assert single.standard_error == pytest.approx(alone.standard_error)
    tripled = [np.repeat(rows, 3, axis=1) for rows in (first, second)]
    found = paired_difference(tripled[0], tripled[1], np.repeat(np.arange(200), 3))
    assert found.mean == pytest.approx(alone.mean)
    assert found.standard_error == pytest.approx(alone.standard_error)
    assert paired_difference(tripled[0], tripled[1]).standard_error < 0.6 * alone.standard_error
