"""Many children as one model: each is what it would be alone, and starts at the same scale."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch.nn import functional

from autoequivariant.groups.catalogue import default_candidates
from autoequivariant.groups.closure.lattice import Lattice
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Features, Grid
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import CustomAction, Symmetry
from autoequivariant.nn.mlp import batched
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.nn.mlp.batched import BatchedMLP, bytes_per_child

from ..batches import STATES, batch_of, compare, samples, single
from ..cases import architecture_of


def test_all_biases_forced_to_zero() -> None:
    domain = Features(3)
    odd = CustomAction(like=Symmetry("negate"), outputs=Permutation(range(2), [-1, -1]))
    both = (Symmetry("reverse"), Symmetry("odd", custom=odd))
    architecture = MLPArchitecture(
        layer_actions(both, domain, (domain,), outputs=2), 1, (4,), 2, "invariant"
    )
    for states in ([(1,)], [(1,), ()], [(), (1,)]):
        model = batch_of(architecture, states)
        assert [row[states.index((1,))] for row in model._bias_counts] == [12, 0]
        compare(model, states, 5, 2e-5)


def test_one_class() -> None:
    architecture = MLPArchitecture(architecture_of("grid").actions, 1, (1, 1), 1, "dense")
    assert batch_of(architecture, STATES)(torch.zeros(2, 64)).shape == (5, 2, 1)


def test_a_child_that_diverges_does_not_touch_the_others() -> None:
    for name in ("grid", "signed"):
        model = batch_of(architecture_of(name), STATES)
        x, y = samples(model.architecture, 4)
        with torch.no_grad():
            batched._of_child(model.weights[0], model._counts[0], 1).fill_(torch.inf)
        logits = model(x)
        functional.cross_entropy(
            logits.flatten(0, 1), y.repeat(len(STATES)), reduction="sum"
        ).backward()
        sound = [bool(row.isfinite().all()) for row in logits]
        assert sound == [True, False, True, True, True]
        for layer, counts in enumerate(model._counts):
            for child in (0, 2, 3, 4):
                part = batched._of_child(model.weights[layer].grad, counts, child)
                assert bool(part.isfinite().all())


def test_weight_counts_are_those_of_the_states() -> None:
    model = batch_of(architecture_of("grid"), STATES)
    assert model.n_parameters_per_child == [
        model.architecture.count_parameters(state) for state in STATES
    ]


def test_initial_weights_belong_to_the_child() -> None:
    """Neither its neighbours nor its place decide them; its seed does."""
    architecture = architecture_of("grid")
    alone, batch = batch_of(architecture, [(0, 1)]), batch_of(architecture, STATES)
    other = batch_of(architecture, [(0, 1)], first_seed=1)
    for layer in range(3):
        weights = alone.child_weights(0)[layer][0]
        assert torch.equal(weights, batch.child_weights(3)[layer][0])
        assert not torch.equal(weights, other.child_weights(0)[layer][0])


def test_child_weights_are_copies() -> None:
    model = batch_of(architecture_of("grid"), STATES)
    weights, biases = model.child_weights(0)[0]
    before = weights.clone()
    with torch.no_grad():
        model.weights[0].zero_()
    assert torch.equal(weights, before)
    assert not torch.equal(biases, torch.zeros_like(biases))


@pytest.fixture(scope="module")
def digits() -> tuple[torch.Tensor, MLPArchitecture, list[tuple[int, ...]]]:
    """Real samples with mean 0 and variance 1, and 15 of the 148 distinct networks."""
    images = load_digits().images[:500].reshape(500, 64).astype(np.float32)
    x = torch.from_numpy((images - images.mean()) / images.std())
    actions = layer_actions(default_candidates(Grid(8, 8)), Grid(8, 8), (Grid(4, 4), Grid(4, 4)))
    states = [
        network.generators for network in Lattice(actions).closed_states().closed_states[::10]
    ]
    return x, MLPArchitecture(actions, 1, (8, 8), 10, "invariant"), states


def scales(model: BatchedMLP, x: torch.Tensor, states: Sequence[tuple[int, ...]]) -> np.ndarray:
    """Root mean square of every layer's outputs, shape `(children, layers)`, by the slow twin."""
    found = []
    for child, state in enumerate(states):
        network, h, row = single(model, child, state), x, []
        for number, layer in enumerate(network.layers):
            h = layer(torch.relu(h) if number else h).detach()
            row.append(float(h.square().mean().sqrt()))
        found.append(row)
    return np.array(found)


def test_calibrated_states_start_with_the_same_activation_scale(
    digits: tuple[torch.Tensor, MLPArchitecture, list[tuple[int, ...]]],
) -> None:
    x, architecture, states = digits
    sharings = [architecture.sharings(state) for state in states]
    model = BatchedMLP(architecture, sharings, [(0, *state) for state in states])
    before = scales(model, x, states)
    assert (before.max(0) / before.min(0)).max() > 3  # real samples are not white
    model.calibrate(x)
    assert scales(model, x, states) == pytest.approx(np.ones((len(states), 3)), rel=1e-4)
    model.calibrate(x, logit_scale=0.25)
    assert scales(model, x, states)[:, 2] == pytest.approx(np.full(len(states), 0.25), rel=1e-4)


def test_calibration_keeps_equivariance(
    digits: tuple[torch.Tensor, MLPArchitecture, list[tuple[int, ...]]],
) -> None:
    x, architecture, states = digits
    state = states[-1]
    model = BatchedMLP(architecture, [architecture.sharings(state)], [(0,)])
    model.calibrate(x)
    network = single(model, 0, state)
    for number in state:
        moved = architecture.actions.permutations[number][0].apply(x.numpy())
        assert torch.allclose(network(torch.from_numpy(moved)), network(x), atol=1e-4)


def test_calibration_does_not_depend_on_the_others(
    digits: tuple[torch.Tensor, MLPArchitecture, list[tuple[int, ...]]],
) -> None:
    x, architecture, states = digits
    sharings = [architecture.sharings(state) for state in states]
    batch = BatchedMLP(architecture, sharings, [(1,)] * len(states))
    batch.calibrate(x)
    for child in (0, 3, len(states) - 1):
        alone = BatchedMLP(architecture, [sharings[child]], [(1,)])
        alone.calibrate(x)
        for mine, others in zip(alone.child_weights(0), batch.child_weights(child), strict=True):
            assert torch.equal(mine[0], others[0])


def test_a_child_takes_more_memory_where_it_has_more_to_hold() -> None:
    small, large = architecture_of("oblong"), architecture_of("grid")
    assert bytes_per_child(large, 64) > bytes_per_child(small, 64)
    assert bytes_per_child(large, 128) > bytes_per_child(large, 64)
    entries = sum(a * b for a, b in zip(large.widths, large.widths[1:], strict=False))
    assert bytes_per_child(large, 64) > 4 * 4 * entries  # value, gradient and two moments
