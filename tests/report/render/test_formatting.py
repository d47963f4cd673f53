"""Scores and names are written in one way."""

import pytest

from autoequivariant.report.render.formatting import (
    counted,
    gap,
    gap_interval,
    interval,
    named,
    percent,
    score,
    unit_of_gap,
)

SCORES = [
    ("accuracy", "91.2%", "90.0 to 95.0%", "−1.2", "points"),
    ("R²", "0.912", "0.900 to 0.950", "−0.012", "R²"),
]


@pytest.mark.parametrize(("metric", "one", "two", "difference", "unit"), SCORES)
def test_scores(metric: str, one: str, two: str, difference: str, unit: str) -> None:
    assert score(0.912, metric) == one
    assert interval([0.9, 0.95], metric) == two
    assert gap(-0.012, metric, signed=True) == difference
    assert gap(-0.012, metric) == difference
    assert score(-0.912, metric) == f"−{one}"
    assert gap_interval((-0.012, -0.012), metric) == f"{difference} to {difference}"
    assert unit_of_gap(metric) == unit


@pytest.mark.parametrize(
    ("value", "metric", "said"),
    [
        (-0.0004, "accuracy", "0.0"),
        (-0.0006, "accuracy", "−0.1"),
        (-0.0004, "R²", "0.000"),
        (-0.0006, "R²", "−0.001"),
        (-1.0, "R²", "−1.000"),
    ],
)
def test_nothing_is_less_than_no_zero(value: float, metric: str, said: str) -> None:
    assert gap(value, metric) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (-9.9994, "−9.999"),
        (-9.9996, "−10.00"),
        (10.0, "10.000"),
        (-12345.678, "−12346"),
        (-1234.5, "−1234"),
        (123456.7, "123457"),
        (-123456.7, "−1e+05"),
        (-2.5e10, "−2e+10"),
    ],
)
def test_numbers_of_many_digits_are_rounded(value: float, said: str) -> None:
    assert score(value, "R²") == gap(value, "R²") == said
    assert interval((value, value), "R²") == f"{said} to {said}"


def test_counts() -> None:
    assert counted(1, "pair") == "1 pair"
    assert counted(1200, "pair") == "1,200 pairs"


NAMES = [
    ([], [], "none (baseline)"),
    (["hflip"], ["hflip"], "hflip"),
    (["hflip", "rot90", "vflip"], ["hflip", "rot90"], "hflip, rot90 (+1)"),
    (["negate"], [], "none (+1)"),
]


@pytest.mark.parametrize(("symmetries", "generators", "expected"), NAMES)
def test_named(symmetries: list[str], generators: list[str], expected: str) -> None:
    assert named(symmetries, generators) == expected


def test_shares() -> None:
    assert percent(0.12345) == "12.3%"
    assert percent(1.0) == "100.0%"
    assert interval([0.05, 0.5]) == "5.0 to 50.0%"
