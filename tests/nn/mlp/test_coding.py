"""A coded column has a unit for each value, and exchanges of columns permute units."""

from pathlib import Path

import numpy as np
import pytest
import torch

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.permutation import Permutation
from autoequivariant.nn.equivariance import errors_of_actions
from autoequivariant.nn.io.model_files import save_model
from autoequivariant.nn.mlp.coding import Coding
from autoequivariant.nn.mlp.network import EquivariantMLP
from autoequivariant.training.families.model_files import load_model

from ..batches import STATES, batch_of
from ..cases import CODING, coded, coded_samples
from ..spoiled_files import CLASSES, Spoil, change, check_refusal

MOVES = {
    "an exchange": Permutation([1, 0, 2, 3, 4]),
    "a ring": Permutation([1, 4, 2, 3, 0]),
    "with a sign of a number": Permutation([4, 1, 2, 3, 0], [1, 1, -1, 1, 1]),
}


def test_units() -> None:
    x = torch.tensor([[[0.0, 2.0, -1.5, 1.0, 7.0]]])
    assert CODING.encode(x).tolist() == [[1, 0, 0, 0, 0, 1, -1.5, 0, 1, 0, 0, 0]]
    assert CODING.columns.tolist() == [0, 0, 0, 1, 1, 1, 2, 3, 3, 4, 4, 4]
    assert CODING.units == 12
    assert CODING.encode(x.double()).dtype == torch.float64


@pytest.mark.parametrize("name", MOVES)
def test_an_action_on_columns_acts_on_units(name: str) -> None:
    move = MOVES[name]
    x = coded_samples(20).flatten(1).numpy()
    moved = torch.from_numpy(move.apply(x))
    found = CODING.encode(moved).numpy()
    assert np.array_equal(found, CODING.lift(move).apply(CODING.encode(torch.tensor(x)).numpy()))


def test_actions_that_mix_values_are_refused() -> None:
    with pytest.raises(SymmetryError, match="column 2 moves to column 3, of other values"):
        CODING.lift(Permutation([0, 1, 3, 2, 4]))
    with pytest.raises(SymmetryError, match="no sign to change"):
        CODING.lift(Permutation(range(5), [-1, 1, 1, 1, 1]))


@torch.no_grad()
def test_children_are_what_single_networks_are() -> None:
    architecture = coded()
    model = batch_of(architecture, STATES)
    x = coded_samples(40)
    together = model(CODING.encode(x))
    for child, state in enumerate(STATES):
        network = EquivariantMLP(architecture, state)
        network.adopt(model.child_weights(child))
        assert torch.allclose(together[child], network(x), atol=1e-5)
        assert network.n_parameters == architecture.count_parameters(state)
    assert model.n_parameters_per_child == [architecture.count_parameters(s) for s in STATES]


@torch.no_grad()
def test_networks_have_their_symmetries_exactly() -> None:
    architecture, x = coded(), coded_samples(40)
    for state, name in ((0,), "swap:0-1"), ((1,), "swap:1-4"):
        network = EquivariantMLP(architecture, state, generator=torch.Generator().manual_seed(1))
        claims = network.claims()
        assert claims.names == (name,)
        found = errors_of_actions(network, x, claims.inputs, None, torch.float64).by_action
        assert found.pop(name) < 1e-12
        assert min(found.values()) > 1e-2


def test_no_weight_is_of_a_value_that_a_column_does_not_have() -> None:
    assert coded().widths[0] == 12
    assert coded().orbit_counts(())[0] == (5 * 12, 5)


def test_a_saved_network_is_coded(tmp_path: Path) -> None:
    network = EquivariantMLP(coded(), (0,), generator=torch.Generator().manual_seed(1)).eval()
    save_model(network, tmp_path, CLASSES)
    x = coded_samples(9)
    assert torch.equal(load_model(tmp_path)(x), network(x))


VALUES = [list(values) for values in CODING.values]
BROKEN: dict[str, tuple[Spoil, str]] = {
    "of other columns": (change(coding=VALUES[:3]), "features:5 has the coding of 3 columns"),
    "a value twice": (change(coding=[[0, 0, 1], *VALUES[1:]]), "two values of a column"),
    "of columns that move": (change(coding=[[0, 1, 4], *VALUES[1:]]), "of other values"),
    "text": (change(coding=["one", *VALUES[1:]]), "coding"),
    "fewer units": (change(coding=[*VALUES[:3], [], VALUES[4]]), "do not fit model.json"),
    "of a sequence": (
        change(domains=["sequence:5", "sequence:5", "sequence:5"]),
        "coding is for tables",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_codings_are_refused(name: str, tmp_path: Path) -> None:
    check_refusal(EquivariantMLP(coded(), (0,)), BROKEN[name], tmp_path)


def test_a_column_of_one_value_is_a_constant() -> None:
    assert Coding(((3.0,), ())).encode(torch.tensor([[3.0, 3.0]])).tolist() == [[1.0, 3.0]]
