"""Symmetries that move channels and outputs: networks are equivariant to what is on, and not to
what is off; children together are what single ones are.
"""

import numpy as np
import pytest
import torch

from autoequivariant.errors import ActionError, SettingsError, SymmetryError
from autoequivariant.groups.closure.lattice import Lattice
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.nn.equivariance import errors_of_actions
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.nn.mlp.batched import BatchedMLP
from autoequivariant.nn.mlp.network import EquivariantMLP

from ..custom_cases import (
    CASES,
    MINUS,
    RING,
    STATES,
    SWAP,
    architecture_of,
    network_of,
    own,
    samples,
)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("case", CASES)
def test_networks_have_what_is_on_and_no_more(case: str, state: tuple[int, ...]) -> None:
    network = network_of(case, state)
    actions = network.architecture.actions
    closed = Lattice(actions).closure(state)
    inputs = {
        str(s): row[0] for s, row in zip(actions.candidates, actions.permutations, strict=True)
    }
    stay = Permutation.identity(network.architecture.classes)
    outputs = {
        str(s): row[-1] if actions.moves_outputs else stay
        for s, row in zip(actions.candidates, actions.permutations, strict=True)
    }
    found = errors_of_actions(network, samples(case), inputs, outputs)
    for number, error in enumerate(found.by_action.values()):
        assert error < 1e-12 if number in closed else error > 1e-3


@pytest.mark.parametrize("case", CASES)
def test_each_state_is_another_network_that_sees_something(case: str) -> None:
    lattice = Lattice(architecture_of(case).actions)
    assert len(lattice.closed_states().closed_states) == len(STATES)
    for state in STATES:
        logits = network_of(case, state)(samples(case)).detach()
        assert float(logits.std(dim=0).min()) > 1e-3


@pytest.mark.parametrize("case", CASES)
def test_children_together_are_what_single_ones_are(case: str) -> None:
    architecture = architecture_of(case)
    model = BatchedMLP(
        architecture, [architecture.sharings(s) for s in STATES], [(0, *s) for s in STATES]
    )
    x = samples(case)
    together = model(x.flatten(1))
    for child, state in enumerate(STATES):
        network = EquivariantMLP(architecture, state)
        network.adopt(model.child_weights(child))
        assert torch.allclose(together[child], network(x), atol=1e-5)
        assert network.n_parameters == architecture.count_parameters(state)
    assert model.n_parameters_per_child == [
        architecture.count_parameters(state) for state in STATES
    ]


def test_a_candidate_that_moves_outputs_changes_nothing_of_the_others() -> None:
    """Where outputs stay they are as before: the weights of each class stand together."""
    plain = layer_actions([Symmetry("hflip")], Grid(4, 4), (Grid(2, 2),), outputs=3)
    assert not plain.moves_outputs
    assert plain.sizes == (16, 4)
    assert MLPArchitecture(plain, 1, (2,), 3).sharings((0,))[-1].weight.index[0].tolist() == [
        0,
        0,
        1,
        1,
        2,
        2,
        3,
        3,
    ]


CONTRADICTS_ITSELF = (
    "a has order 2 on 4x4 but order 3 on the outputs, so it contradicts itself (some power of it "
    "leaves samples unchanged but moves their outputs): correct its `outputs`, or leave it out."
)
REFUSED = [
    ([own("a", "hflip", RING)], CONTRADICTS_ITSELF, ActionError),
    ([own("a", "hflip", SWAP)], "a moves 2 outputs, but there are 3.", SymmetryError),
    ([own("a", channels=SWAP)], "a moves 2 channels, but the samples have 1.", SymmetryError),
    ([own("a", moves=SWAP)], "a moves 2 indices, but 4x4 has 16.", SymmetryError),
]


@pytest.mark.parametrize(("candidates", "phrase", "kind"), REFUSED)
def test_what_cannot_be_is_refused(
    candidates: list[Symmetry], phrase: str, kind: type[Exception]
) -> None:
    with pytest.raises(kind) as error:
        layer_actions(candidates, Grid(4, 4), (Grid(4, 4),), outputs=3)
    assert phrase in str(error.value)


def test_a_dense_final_layer_moves_no_outputs() -> None:
    actions = architecture_of("steering").actions
    with pytest.raises(SettingsError, match="dense final layer cannot move the outputs"):
        MLPArchitecture(actions, 1, (1, 1), 1, "dense")


def test_the_slow_twin_of_an_equivariant_final_layer() -> None:
    """Averaging any final layer over the group gives one whose weights share as ours do (law 3)."""
    architecture = architecture_of("players")
    actions = architecture.actions
    out, hidden = actions.permutations[0][-1], actions.permutations[0][2]
    rng = np.random.default_rng(0)
    dense = rng.standard_normal((3, hidden.size))
    averaged = (dense + dense[np.ix_(out.image, hidden.image)]) / 2
    shared = actions.weight_orbits(2, (0,))
    for orbit in range(shared.count):
        assert np.ptp(averaged[shared.labels == orbit]) < 1e-12


def test_candidates_may_contradict_each_other_as_a_question() -> None:
    odd, even = own("odd", "hflip", MINUS), own("even", "hflip")
    actions = layer_actions([odd, even], Grid(4, 4), (Grid(2, 2),))
    assert "contradict each other" in actions.warnings[0]
    assert layer_actions([odd], Grid(4, 4), (Grid(2, 2),)).warnings == ()
    assert len(Lattice(actions).closed_states().closed_states) == 4
