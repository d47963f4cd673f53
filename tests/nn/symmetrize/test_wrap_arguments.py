"""Arguments of `symmetrize` that are refused, each by a sentence that names it."""

from typing import Any

import pandas as pd
import pytest
import torch
from torch import nn

from autoequivariant.errors import AutoequivariantError, SettingsError, SymmetryError
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


@pytest.mark.parametrize(
    ("symmetries", "message"),
    [
        ("hflop", "no symmetry 'hflop': did you mean hflip"),
        (["hflip", "translate_x:"], "Symmetry 'translate_x:' is malformed"),
        ({"swop": "a <-> b"}, "swop"),
        ("missing.yaml", "There is no file of symmetries missing.yaml: check the path"),
        ((), "Name at least one symmetry"),
        (None, "Name at least one symmetry"),
        ("rot90,rot180@2", "rot180@2 is a partial symmetry, .*: write rot180, or leave it out"),
    ],
)
def test_symmetries_are_read_before_any_sample_comes(symmetries: Any, message: str) -> None:
    with pytest.raises(AutoequivariantError, match=message):
        symmetrize(nn.Linear(3, 2), symmetries)


def test_a_partial_symmetry_of_ones_own_is_refused_on_samples() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(16, 2))
    partial = {"like": "rot180", "name": "turn", "level": 1}
    with pytest.raises(SymmetryError, match="turn@1 is a partial symmetry"):
        symmetrize(net, partial, samples=torch.randn(2, 1, 4, 4))


def test_symmetries_may_come_one_at_a_time() -> None:
    model = symmetrize(nn.Linear(3, 2), (name for name in ("swap:0-1", "swap:1-2")))
    assert torch.allclose(model(TABLE), model(TABLE[:, [2, 0, 1]]), atol=1e-6)


@pytest.mark.parametrize("given", [TABLE.numpy(), TABLE.tolist(), None])
def test_what_is_no_tensor_is_named(given: Any) -> None:
    with pytest.raises(SettingsError, match=f"takes a tensor; got {type(given).__name__}: give"):
        symmetrize(nn.Linear(3, 2), "swap:0-1")(given)


def test_a_data_frame_names_the_columns() -> None:
    frame = pd.DataFrame(TABLE.numpy(), columns=["left", "right", "mass"])
    model = symmetrize(nn.Linear(3, 2), {"swap": "left <-> right"}, samples=frame)
    assert torch.allclose(model(TABLE), model(TABLE[:, [1, 0, 2]]), atol=1e-6)
    mixed = frame.assign(mass=[True, False, True, False])
    symmetrize(nn.Linear(3, 2), {"swap": "left <-> right"}, samples=mixed)
    named = {"swap": "a <-> b"}
    symmetrize(nn.Linear(3, 2), named, samples=frame, columns=["a", "b", "c"])
    symmetrize(nn.Linear(3, 2), "swap:0-1", samples=frame.set_axis([0, 1, 2], axis=1))


def test_a_data_frame_of_text_is_refused() -> None:
    frame = pd.DataFrame({"left": [1.0, 2], "right": [2.0, 1], "side": ["a", "b"]})
    with pytest.raises(SettingsError, match=r"^samples must be numbers, .*; side holds none: code"):
        symmetrize(nn.Linear(3, 2), {"swap": "left <-> right"}, samples=frame)


def test_their_twins_pass() -> None:
    symmetrize(nn.Linear(3, 2), "swap:0-1", samples=TABLE, outputs=["a", "b"], columns=list("abc"))
    symmetrize(nn.Linear(3, 2), "swap:0-1", "sample", samples=TABLE, members=4096, seed=3)
