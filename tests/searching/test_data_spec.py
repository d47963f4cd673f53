"""Properties of samples: one-hot channels."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from autoequivariant.data.samples import Samples
from autoequivariant.groups.domain import Domain, Grid, Pairs, Sequence
from autoequivariant.searching.data_spec import data_spec

LETTERS = np.eye(4, dtype=np.uint8)[np.random.default_rng(0).integers(0, 4, (20, 6))]
STRANDS = LETTERS.transpose(0, 2, 1)


def with_value(value: float) -> NDArray[Any]:
    """Return the strands with another value in one place."""
    x = STRANDS.astype(np.float32)
    x[3, 2, 5] = value
    return x


@pytest.mark.parametrize(
    ("x", "domain", "expected"),
    [
        (STRANDS, Sequence(6), True),
        (STRANDS.astype(np.float32), Sequence(6), True),
        (1 - STRANDS, Sequence(6), False),  # three of four
        (np.zeros_like(STRANDS), Sequence(6), False),
        (with_value(0.5), Sequence(6), False),
        (with_value(2.0), Sequence(6), False),
        (np.random.default_rng(0).normal(size=(20, 4, 6)), Sequence(6), False),
        (STRANDS[..., None], Grid(6, 1), False),
    ],
)
def test_one_hot_channels(x: NDArray[Any], domain: Domain, expected: bool) -> None:
    samples = Samples("made", domain, 4, ("a", "b"), x, np.arange(20) % 2)
    spec = data_spec(samples)
    assert (spec.is_one_hot, spec.proposed) == (expected, None)


def test_symmetric_pairs() -> None:
    x = np.random.default_rng(0).normal(size=(20, 1, 3, 3))
    symmetric = x + x.swapaxes(2, 3)
    for values, domain, expected in (
        (symmetric, Pairs(3), True),
        (x, Pairs(3), False),
        (symmetric, Grid(3, 3), False),
    ):
        spec = data_spec(Samples("made", domain, 1, ("a", "b"), values, np.arange(20) % 2))
        assert spec.is_symmetric == expected
        assert bool(spec.knots) == (domain == Pairs(3))
