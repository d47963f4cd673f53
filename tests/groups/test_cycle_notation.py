"""A permutation in words."""

import numpy as np
import pytest

from autoequivariant.groups.cycle_notation import cycles_of
from autoequivariant.groups.permutation import Permutation

CYCLES = [
    (Permutation([1, 0, 2]), ("0 → 1 → 0",)),
    (Permutation([0, 1, 2]), ()),
    (Permutation([1, 2, 0]), ("0 → 1 → 2 → 0",)),
    (Permutation([0, 1], [1, -1]), ("1 → −1",)),
]


@pytest.mark.parametrize(("action", "expected"), CYCLES)
def test_cycles_of(action: Permutation, expected: tuple[str, ...]) -> None:
    assert cycles_of(action) == expected


def test_long_cycles_and_many_are_cut() -> None:
    (cycle,) = cycles_of(Permutation(np.roll(np.arange(50), 1)))
    assert cycle.endswith("→ ...")
    many = cycles_of(Permutation(np.arange(40).reshape(-1, 2)[:, ::-1].reshape(-1)))
    assert many[-1] == "and 12 more cycles"


def test_cycles_by_name() -> None:
    action = Permutation([1, 0, 2, 3], [1, 1, -1, 1])
    assert cycles_of(action, ("win", "loss", "force", "draw")) == (
        "win → loss → win",
        "force → −force",
    )
