import numpy as np
import pytest

from autoequivariant.data.synthetic.tabular import COLUMNS, NOISE, make_friedman1, make_hastie

FRIEDMAN, HASTIE = make_friedman1(), make_hastie()


def surface(x):
    first = 10 * np.sin(np.pi * x[:, 0] * x[:, 1])
    return first + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]


def exchanged(x, i, j):
    moved = x.copy()
    moved[:, [i - 1, j - 1]] = x[:, [j - 1, i - 1]]
    return moved


def test_friedman1():
    assert (FRIEDMAN.x.shape, FRIEDMAN.y.shape) == ((4000, 10), (4000,))
    assert (FRIEDMAN.columns, FRIEDMAN.targets) == (COLUMNS, ("y",))
    assert FRIEDMAN.x.min() >= 0
    assert FRIEDMAN.x.max() <= 1
    assert np.std(FRIEDMAN.y - surface(FRIEDMAN.x)) == pytest.approx(NOISE, rel=0.1)
    assert 4 < np.std(FRIEDMAN.y) < 6


@pytest.mark.parametrize("pair", [(1, 2), (6, 7), (7, 8), (8, 9), (9, 10), (6, 10)])
def test_columns_of_friedman1_that_exchange(pair):
    residue = FRIEDMAN.y - surface(exchanged(FRIEDMAN.x, *pair))
    assert np.std(residue) < 2 * NOISE


@pytest.mark.parametrize("pair", [(3, 4), (2, 3), (4, 5), (5, 6), (1, 10)])
def test_columns_of_friedman1_that_do_not(pair):
    residue = FRIEDMAN.y - surface(exchanged(FRIEDMAN.x, *pair))
    assert np.std(residue) > 10 * NOISE


def classes(x):
    return np.where((x**2).sum(1) > 9.34, 1, -1)


def test_hastie():
    assert HASTIE.x.shape == (4000, 10)
    assert HASTIE.columns == COLUMNS
    assert np.array_equal(classes(HASTIE.x), HASTIE.y)
    assert 0.48 < np.mean(HASTIE.y == 1) < 0.52


@pytest.mark.parametrize("column", range(10))
def test_columns_of_hastie_change_sign_and_exchange(column):
    signs = np.ones(10)
    signs[column] = -1
    assert np.array_equal(classes(HASTIE.x * signs), HASTIE.y)
    moved = exchanged(HASTIE.x, column + 1, (column + 1) % 10 + 1)
    assert np.array_equal(classes(moved), HASTIE.y)


def test_a_shifted_column_does_neither():
    """The control: data of which one column is larger by 2."""
    shift = np.eye(10)[0] * 2
    shifted = HASTIE.x + shift

    def changed(moved):
        return np.mean(classes(moved - shift) != HASTIE.y)

    assert changed(exchanged(shifted, 2, 3)) == 0
    assert changed(exchanged(shifted, 1, 2)) > 0.1
    assert changed(shifted * [-1, *[1] * 9]) > 0.1
    assert changed(shifted * [1, -1, *[1] * 8]) == 0
