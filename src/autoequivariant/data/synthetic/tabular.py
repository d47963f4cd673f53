"""Tables of which some columns can be exchanged, as scikit-learn makes them."""

from __future__ import annotations

from autoequivariant.data.arrays import Arrays

ROWS = 4000
NOISE = 0.1
"""Standard deviation of what is added to the target of `friedman1`, which has one of about 5."""

COLUMNS = tuple(f"x{number}" for number in range(1, 11))


def read_friedman1() -> Arrays:
    """Return 4,000 rows of ten columns, uniform in [0, 1], and one target.

    It is `10 sin(pi x1 x2) + 20 (x3 - 0.5)^2 + 10 x4 + 5 x5` and noise (Friedman, "Multivariate
    adaptive regression splines", Annals of Statistics 19, 1991).
    """
    # Here and not above: scikit-learn takes a second to import, and other sources do without it.
    from sklearn.datasets import make_friedman1

    x, y = make_friedman1(ROWS, len(COLUMNS), noise=NOISE, random_state=0)
    return Arrays(x, y, columns=COLUMNS, targets=("y",))


def read_hastie() -> Arrays:
    """Return 4,000 rows of ten columns, standard normal, and classes 1 and -1.

    The class is 1 where the sum of the squares is above 9.34, the median of chi-squared with ten
    degrees of freedom (Hastie, Tibshirani, Friedman, "The Elements of Statistical Learning", 10.2).
    """
    from sklearn.datasets import make_hastie_10_2

    x, y = make_hastie_10_2(ROWS, random_state=0)
    return Arrays(x, y, columns=COLUMNS)
