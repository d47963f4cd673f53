"""Arguments of `symmetrize` that are refused, each by a sentence that names it."""

from typing import Any

import pytest
import torch
from torch import nn

from autoequivariant.errors import SettingsError
from autoequivariant.nn.symmetrize.wrap import symmetrize

TABLE = torch.randn(4, 3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"outputs": 5}, "outputs must be a list of names; got 5"),
        ({"outputs": "ab"}, "outputs must be a list of names; got 'ab'"),
        ({"outputs": ["a", "a"]}, "outputs names 'a' more than once"),
        ({"columns": 3}, "columns must be a list of names; got 3"),
        ({"columns": ["a", "b"]}, "columns has 2 names, but a sample has 3 values"),
        ({"seed": "x"}, "seed must be an integer of 0 or more; got 'x'"),
        ({"seed": -1}, "seed must be an integer of 0 or more; got -1"),
        ({"method": "sample", "members": 10**9}, "members must be at most 65,536"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        symmetrize(nn.Linear(3, 2), "swap:0-1", samples=TABLE, **arguments)


def test_their_twins_pass() -> None:
    symmetrize(nn.Linear(3, 2), "swap:0-1", samples=TABLE, outputs=["a", "b"], columns=list("abc"))
    symmetrize(nn.Linear(3, 2), "swap:0-1", "sample", samples=TABLE, members=4096, seed=3)
