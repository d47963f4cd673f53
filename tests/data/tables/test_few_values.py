import numpy as np
import pytest

from autoequivariant.data.tables.few_values import few_values

RNG = np.random.default_rng(0)
N = 400
COLUMNS = {
    "dice": (RNG.integers(1, 7, N), (1, 2, 3, 4, 5, 6)),
    "negative": (RNG.integers(-1, 2, N), (-1, 0, 1)),
    "far apart": (RNG.choice([0, 5, 1000], N), (0, 5, 1000)),
    "two values": (RNG.integers(0, 2, N), ()),
    "many values": (RNG.integers(0, 30, N), ()),
    "many values, late": (np.repeat(np.arange(25), N // 25), ()),
    "no whole numbers": (RNG.integers(0, 4, N) / 2, ()),
    "a rare value": (np.concatenate([[9] * 4, RNG.integers(0, 4, N - 4)]), ()),
    "a constant": (np.ones(N), ()),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column(name: str) -> None:
    column, values = COLUMNS[name]
    assert few_values(column[:, None, None].astype(np.float32)) == (values,)


def test_columns_of_text_have_none() -> None:
    codes = RNG.integers(0, 3, (N, 1, 2))
    assert few_values(codes, (("a", "b", "c"), ())) == ((), (0, 1, 2))
