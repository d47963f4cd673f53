"""The shared layer is equivariant, is all that is equivariant, and starts at the same scale."""

import numpy as np
import pytest
import torch

from autoequivariant.groups.permutation import Permutation
from autoequivariant.nn.layers.shared_linear import SharedLinear
from autoequivariant.nn.layers.sharing import share_layer

from ..cases import DOMAINS, actions_of, pair_group

TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-12}


def layer_of(name: str, state: tuple[int, ...], c_out: int = 1, c_in: int = 1) -> SharedLinear:
    actions = actions_of(name, 1)
    source = torch.Generator().manual_seed(1)
    orbits = actions.weight_orbits(0, state), actions.bias_orbits(0, state)
    layer = SharedLinear(share_layer(*orbits, c_out, c_in), source)
    with torch.no_grad():
        layer.bias.normal_(generator=source)
    return layer


def act(g: Permutation, x: torch.Tensor) -> torch.Tensor:
    """On every channel."""
    blocks = x.detach().numpy().reshape(len(x), -1, g.size)
    return torch.from_numpy(g.apply(blocks).reshape(x.shape))


def error(layer: SharedLinear, out: Permutation, inp: Permutation) -> float:
    x = torch.randn(20, layer.columns, generator=torch.Generator().manual_seed(2)).to(
        layer.weight.dtype
    )
    plain = layer(x).detach()
    return float((layer(act(inp, x)).detach() - act(out, plain)).abs().max() / plain.abs().max())


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize(("c_out", "c_in"), [(1, 1), (3, 2)])
@pytest.mark.parametrize("name", DOMAINS)
def test_equivariant_to_its_generators_and_to_no_others(
    name: str, c_out: int, c_in: int, dtype: torch.dtype
) -> None:
    actions = actions_of(name, 1)
    everything = tuple(range(len(actions.candidates)))
    for state in ((0,), (1,), everything):
        layer = layer_of(name, state, c_out, c_in).to(dtype)
        for number in everything:
            inp, out = actions.permutations[number]
            if number in state:
                assert error(layer, out, inp) < TOLERANCE[dtype]
            else:
                assert error(layer, out, inp) > 0.1


@pytest.mark.parametrize("name", ["oblong", "sequence", "features", "signed", "negated"])
def test_span_is_that_of_averages_over_the_group(name: str) -> None:
    """Law 3: averages of random dense maps over the whole group, and the shared maps."""
    actions = actions_of(name, 1)
    outs = [row[1] for row in actions.permutations]
    ins = [row[0] for row in actions.permutations]
    layer = layer_of(name, tuple(range(len(outs)))).double()
    free = layer.weight.numel()
    basis = []
    for number in range(free):
        with torch.no_grad():
            layer.weight.zero_()
            layer.weight[number] = 1
        basis.append(layer.dense_weight().detach().numpy().ravel())
    rng = np.random.default_rng(0)
    group = pair_group(outs, ins)
    averages = []
    for _ in range(free + 3):
        dense = rng.standard_normal((outs[0].size, ins[0].size))
        # g_out W g_in^-1: columns move as inputs do, rows as outputs do
        moved = [out.apply(inp.apply(dense).T).T for out, inp in group]
        averages.append(np.mean(moved, axis=0).ravel())
    shared, averaged = np.array(basis), np.array(averages)
    assert np.linalg.matrix_rank(shared) == free
    assert np.linalg.matrix_rank(averaged, tol=1e-9) == free
    assert np.linalg.matrix_rank(np.vstack([shared, averaged]), tol=1e-9) == free


STATES = [("grid", ()), ("grid", (0,)), ("grid", (0, 1)), ("grid", (0, 1, 2)), ("volume", (0, 1))]


@pytest.mark.parametrize(("name", "state"), STATES)
def test_white_inputs_give_the_same_variance_in_every_state(
    name: str, state: tuple[int, ...]
) -> None:
    """Variance 2 for each output, over weights and inputs; 6 standard errors of 400 draws."""
    actions = actions_of(name, 1)
    weights, biases = actions.weight_orbits(0, state), actions.bias_orbits(0, state)
    source = torch.Generator().manual_seed(3)
    draws = []
    for _ in range(400):
        layer = SharedLinear(share_layer(weights, biases, 2, 2), source)
        x = torch.randn(32, layer.columns, generator=source)
        draws.append(float(layer(x).detach().square().mean()))
    standard_error = np.std(draws) / np.sqrt(len(draws))
    assert standard_error < 0.1
    assert abs(np.mean(draws) - 2) < 6 * standard_error


def test_scale_by_the_number_of_orbits_would_not() -> None:
    """The published code's law: it differs between states, so the test above can tell."""
    found = []
    for state in ((), (0, 1, 2)):
        layer = layer_of("grid", state)
        with torch.no_grad():
            layer.bias.zero_()
            layer.weight *= (layer.columns / layer.weight.numel()) ** 0.5
        x = torch.randn(512, layer.columns, generator=torch.Generator().manual_seed(4))
        found.append(float(layer(x).detach().square().mean()))
    assert found[1] > 9 * found[0]


def test_signed_outputs_keep_the_scale_of_what_is_not_forced_to_zero() -> None:
    layer = layer_of("signed", (1,))
    entries = layer.dense_weight().detach()
    assert (entries != 0).double().mean() == pytest.approx(26 / 32)
    assert layer.weight_signs is not None


def test_seeds() -> None:
    first, again = layer_of("grid", (0,)), layer_of("grid", (0,))
    assert torch.equal(first.weight, again.weight)
    actions = actions_of("grid", 1)
    sharing = share_layer(actions.weight_orbits(0, (0,)), actions.bias_orbits(0, (0,)), 1, 1)
    torch.manual_seed(5)
    default = SharedLinear(sharing)
    assert torch.equal(default.weight, SharedLinear(sharing).weight)  # no global seed
    other = SharedLinear(sharing, generator=torch.Generator().manual_seed(6))
    assert not torch.equal(default.weight, other.weight)


def test_only_free_weights_are_saved() -> None:
    layer = layer_of("grid", (0,))
    assert set(layer.state_dict()) == {"weight", "bias"}
    assert "64 -> 16" in repr(layer)
