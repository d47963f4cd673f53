"""Many children as one model: each is what it would be alone, and starts at the same scale."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch.nn import functional

from autoequivariant.groups.catalogue import default_candidates
from autoequivariant.groups.closure.lattice import Lattice
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Features, Grid
from autoequivariant.groups.domain import Sequence as Line
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import CustomAction, Symmetry, parse_symmetries
from autoequivariant.nn.layers import shared_matmul, shortcuts
from autoequivariant.nn.layers.sharing import Blocks, Merged
from autoequivariant.nn.mlp import batched
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.nn.mlp.batched import BatchedMLP, bytes_per_child
from autoequivariant.nn.mlp.network import EquivariantMLP

from ..cases import DOMAINS, architecture_of, vanishing

STATES: list[tuple[int, ...]] = [(), (0,), (1,), (0, 1), (0,)]
TILES = {"one child": 1, "some": 3, "all": 10**9}  # children


def batch_of(
    architecture: MLPArchitecture,
    states: Sequence[tuple[int, ...]],
    device: str = "cpu",
    first_seed: int = 0,
) -> BatchedMLP:
    """Children with biases that are not zero."""
    sharings = [architecture.sharings(state) for state in states]
    seeds = [(first_seed, *state) for state in states]
    model = BatchedMLP(architecture, sharings, seeds, device)
    with torch.no_grad():
        for biases in model.biases:
            values = np.random.default_rng(7).standard_normal(biases.numel()).astype(np.float32)
            biases.copy_(torch.from_numpy(values))
    return model


def single(model: BatchedMLP, child: int, state: tuple[int, ...]) -> EquivariantMLP:
    """The slow twin: one child as a network of its own, with autograd through its dense weights."""
    network = EquivariantMLP(model.architecture, state)
    network.adopt([(w.cpu(), b.cpu()) for w, b in model.child_weights(child)])
    return network


def samples(architecture: MLPArchitecture, n: int) -> tuple[torch.Tensor, torch.Tensor]:
    source = torch.Generator().manual_seed(1)
    x = torch.randn(n, architecture.widths[0], generator=source)
    return x, torch.randint(architecture.classes, (n,), generator=source)


def set_tile(monkeypatch: pytest.MonkeyPatch, architecture: MLPArchitecture, children: int) -> None:
    """Let a tile hold so many children of the widest layer."""
    widths = architecture.widths
    widest = max(a * b for a, b in zip(widths, widths[1:], strict=False))
    monkeypatch.setattr(shared_matmul, "_TILE_BYTES", 4 * widest * children)


def compare(model: BatchedMLP, states: Sequence[tuple[int, ...]], n: int, tolerance: float) -> None:
    """Logits, and the gradients of weights, biases and samples, with those of single networks."""
    x, y = samples(model.architecture, n)
    device = model.weights[0].device
    together = x.clone().to(device).requires_grad_()
    logits = model(together)
    assert logits.shape == (len(states), n, model.architecture.classes)
    targets = y.to(device).repeat(len(states))
    functional.cross_entropy(logits.flatten(0, 1), targets, reduction="sum").backward()
    of_samples = torch.zeros_like(x)
    for child, state in enumerate(states):
        network = single(model, child, state)
        alone = x.clone().requires_grad_()
        wanted = network(alone)
        functional.cross_entropy(wanted, y, reduction="sum").backward()
        of_samples += alone.grad
        close = {"rtol": tolerance, "atol": tolerance}
        assert torch.allclose(logits[child].cpu(), wanted, **close)
        for layer, twin in enumerate(network.layers):
            counts = model._counts[layer], model._bias_counts[layer]
            values = model.weights[layer], model.biases[layer]
            for value, count, other in zip(values, counts, (twin.weight, twin.bias), strict=True):
                if count[child]:
                    found = batched._of_child(value.grad, count, child).cpu()
                    assert torch.allclose(found, other.grad, rtol=tolerance, atol=10 * tolerance)
    assert torch.allclose(together.grad.cpu(), of_samples, rtol=tolerance, atol=10 * tolerance)


@pytest.mark.parametrize("tile", TILES)
@pytest.mark.parametrize("final", ["dense", "invariant"])
@pytest.mark.parametrize("name", DOMAINS)
def test_forward_and_gradients_are_those_of_single_networks(
    name: str, final: str, tile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    architecture = architecture_of(name, final)
    set_tile(monkeypatch, architecture, TILES[tile])
    model = batch_of(architecture, STATES)
    most = max(len(plan.pieces) for plan in model._plans)  # of the widest layer
    assert most == {"one child": 5, "some": 2, "all": 1}[tile]
    compare(model, STATES, 17, 2e-5)


@pytest.mark.parametrize("final", ["dense", "invariant"])
@pytest.mark.parametrize("name", DOMAINS)
def test_in_blocks_they_are_the_same(
    name: str, final: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Large layers are multiplied block by block: here small ones are, too."""
    monkeypatch.setattr(shortcuts, "FEWEST_IN_BLOCKS", 0)
    architecture = architecture_of(name, final)
    blocked = [isinstance(architecture.sharings(state)[0].shortcut, Blocks) for state in STATES]
    assert any(blocked) == (name not in ("features", "signed"))  # an odd one; a swap of two of four
    for states in (STATES, STATES[1:2], STATES[::-1]):
        compare(batch_of(architecture, states), states, 17, 2e-5)
        compare(batch_of(architecture, states), states, 1, 2e-5)


def improper() -> MLPArchitecture:
    """Shifts of order 3 on the input and 2 after it, so that weights do not see positions (law 4);
    the reversals tell them from a plain product of orbits.
    """
    candidates = parse_symmetries("shift:2,reverse")
    actions = layer_actions(candidates, Line(6), [Line(4)] * 2, allow_improper=True)
    return MLPArchitecture(actions, 2, (3, 3), 5, "dense")


def test_with_equal_rows_and_columns_merged_they_are_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shortcuts, "FEWEST_IN_BLOCKS", 0)
    monkeypatch.setattr(shortcuts, "FEWEST_MERGED", 2)
    architecture = improper()
    ways = [type(architecture.sharings(state)[0].shortcut) for state in STATES]
    assert ways == [type(None), Merged, Blocks, Merged, Merged]
    for states in (STATES, STATES[1:2], STATES[::-1]):
        compare(batch_of(architecture, states), states, 17, 2e-5)
        compare(batch_of(architecture, states), states, 1, 2e-5)


def test_rows_are_merged_where_they_are_equal_in_classes_of_one_size() -> None:
    rows = np.array([[3, 1], [0, 2], [3, 1], [0, 2]], np.int32)
    assert sorted(shortcuts._equal_rows(rows).tolist()) == [[0, 2], [1, 3]]
    assert shortcuts._equal_rows(rows[:3]) is None
    assert shortcuts._equal_rows(rows[:2]).shape == (2, 1)


@pytest.mark.parametrize("make", [lambda: architecture_of("grid"), improper])
def test_with_shortcuts_a_child_is_the_same_bit_by_bit_in_any_batch(
    make: Callable[[], MLPArchitecture], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shortcuts, "FEWEST_IN_BLOCKS", 0)
    architecture = make()
    x, _ = samples(architecture, 17)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        alone, together = batch_of(architecture, [(0, 1)]), batch_of(architecture, STATES)
        for model in (alone, together):
            torch.nn.init.zeros_(model.biases[0])
            torch.nn.init.zeros_(model.biases[1])
            torch.nn.init.zeros_(model.biases[2])
        assert torch.equal(together(x)[3], alone(x)[0])
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("states", [[()], [(0, 1)], [(), ()], [(0, 1), ()]])
@pytest.mark.parametrize("tile", TILES)
def test_few_samples_and_few_children(
    tile: str, states: list[tuple[int, ...]], n: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    architecture = architecture_of("grid", channels=1, in_channels=1, layers=1)
    set_tile(monkeypatch, architecture, TILES[tile])
    compare(batch_of(architecture, states), states, n, 2e-5)


@pytest.mark.parametrize("states", [[(0,)], [(0,), (0,)], [(0,), ()], [(), (0,)], [()]])
@pytest.mark.parametrize("tile", TILES)
def test_a_layer_in_which_everything_is_forced_to_zero(
    tile: str, states: list[tuple[int, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    architecture = MLPArchitecture(vanishing(), 1, (2,), 3, "dense")
    set_tile(monkeypatch, architecture, TILES[tile])
    model = batch_of(architecture, states)
    compare(model, states, 5, 2e-5)
    x, y = samples(architecture, 5)
    model.calibrate(x)  # nothing to scale is no trouble
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    loss = functional.cross_entropy(model(x).flatten(0, 1), y.repeat(len(states)))
    loss.backward()
    optimizer.step()
    assert all(bool(value.isfinite().all()) for value in model.parameters())


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


def test_no_gradient_is_asked_of_the_samples() -> None:
    """The first layer then leaves out one product."""
    model = batch_of(architecture_of("grid"), STATES)
    x, _ = samples(model.architecture, 4)
    model(x).sum().backward()
    assert x.grad is None


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


@pytest.mark.skipif(not torch.cuda.is_available(), reason="not here: no CUDA device")
def test_on_cuda_forward_and_gradients_are_those_of_single_networks() -> None:
    for name in DOMAINS:
        for final in ("dense", "invariant"):
            compare(batch_of(architecture_of(name, final), STATES, "cuda"), STATES, 17, 1e-3)
