"""The pattern of association: equivariance, and the size of its noise."""

import numpy as np
import pytest

from autoequivariant.proposing.association.pattern import pattern_of

from .plants import group_of, table


@pytest.mark.parametrize("n_classes", [0, 3])
def test_relabelled_columns_have_the_relabelled_pattern(n_classes: int) -> None:
    x, y = table("ring", 6)
    if n_classes:
        y = np.searchsorted(np.quantile(y, [1 / 3, 2 / 3]), y[:, 0])
    order = np.random.default_rng(0).permutation(6)
    first, second = pattern_of(x, y, n_classes), pattern_of(x[:, order], y, n_classes)
    for one, other in zip(first.associations, second.associations, strict=True):
        moved = one.values[order] if one.values.ndim == 1 else one.values[np.ix_(order, order)]
        # Combinations of outputs have no sign of their own.
        assert np.allclose(moved, other.values, atol=1e-6) or np.allclose(
            moved, -other.values, atol=1e-6
        )
        assert not one.is_symmetric or np.allclose(one.values, one.values.T)
    assert (first.exchangeable[np.ix_(order, order)] == second.exchangeable).all()


@pytest.mark.parametrize("kind", ["all", "mirrored ring", "noise"])
def test_differences_on_an_orbit_are_of_the_size_of_noise(kind: str) -> None:
    d = 10
    spreads = []
    for seed in range(8):
        x, y = table(kind, d, seed=seed)
        for one in pattern_of(x, y, 0).associations:
            if one.values.ndim == 1 and kind != "noise":
                spreads.append(np.square(one.values - one.values.mean()).sum() / (d - 1))
            elif one.values.ndim == 2 and kind == "noise":
                spreads.append(np.square(one.values[np.triu_indices(d, 1)]).mean())
    assert group_of(kind, d) is not None
    assert 0.6 < np.mean(spreads) < 1.3


def test_columns_of_other_distributions_are_not_exchangeable() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 6))
    x[:, 1] += 3
    x[:, 2] *= 3
    x[:, 3] = np.exp(x[:, 3])
    x[:, 4] = 1.0
    found = pattern_of(x, x[:, :1], 0).exchangeable
    expected = np.eye(6, dtype=bool)
    expected[0, 5] = expected[5, 0] = True
    assert (found == expected).all()
