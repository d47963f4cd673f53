"""The whole network is invariant or its trunk equivariant, with channels, signs, mean and scale."""

import numpy as np
import pytest
import torch

from autoequivariant.nn.equivariance import errors_of_actions
from autoequivariant.nn.mlp.network import EquivariantMLP

from ..cases import DOMAINS, SIGNED, architecture_of

TOLERANCE = {torch.float32: 2e-5, torch.float64: 1e-12}
ON = (0, 1)  # the first two candidates; where there is a third it stays off


def network_of(name: str, final: str, in_channels: int = 2) -> EquivariantMLP:
    """A network with biases that are not zero, and a mean and scale for each input channel."""
    source = torch.Generator().manual_seed(1)
    signed = name in SIGNED  # then nothing may be subtracted
    mean = [0.0 if signed else 0.5 + c for c in range(in_channels)]
    scale = [2.0 + c for c in range(in_channels)]
    architecture = architecture_of(name, final, in_channels=in_channels)
    network = EquivariantMLP(architecture, ON, mean, scale, source)
    with torch.no_grad():
        for layer in network.layers:
            layer.bias.normal_(generator=source)
    return network


def samples(network: EquivariantMLP, n: int = 16) -> torch.Tensor:
    domain = network.architecture.actions.domains[0]
    source = torch.Generator().manual_seed(2)
    return torch.randn(n, network.architecture.in_channels, *domain.shape, generator=source)


def actions(network: EquivariantMLP, layer: int) -> dict:
    known = network.architecture.actions
    return {str(s): row[layer] for s, row in zip(known.candidates, known.permutations, strict=True)}


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("in_channels", [1, 3])
@pytest.mark.parametrize("name", DOMAINS)
def test_invariant_network(name: str, in_channels: int, dtype: torch.dtype) -> None:
    network = network_of(name, "invariant", in_channels)
    found = errors_of_actions(network, samples(network), actions(network, 0), dtype=dtype)
    for number, value in enumerate(found.by_action.values()):
        assert value < TOLERANCE[dtype] if number in ON else value > 1e-2


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("name", DOMAINS)
def test_equivariant_trunk_whose_dense_logits_are_not_invariant(
    name: str, dtype: torch.dtype
) -> None:
    network = network_of(name, "dense")
    x, inputs, outputs = samples(network), actions(network, 0), actions(network, -1)
    trunk = errors_of_actions(network.measured_part(), x, inputs, outputs, dtype)
    logits = errors_of_actions(network, x, inputs, dtype=dtype)
    for number, name_of in enumerate(inputs):
        ok = trunk.by_action[name_of] < TOLERANCE[dtype]
        assert ok if number in ON else trunk.by_action[name_of] > 1e-2
        assert logits.by_action[name_of] > 1e-3


def test_an_invariant_network_still_sees_something() -> None:
    for name in DOMAINS:
        network = network_of(name, "invariant")
        logits = network(samples(network))
        assert float(logits.std(dim=0).min().detach()) > 1e-3


def test_a_candidate_with_signs_doubles_hidden_layers_and_needs_no_odd_nonlinearity() -> None:
    for name in DOMAINS:
        actions_here = architecture_of(name).actions
        assert actions_here.is_signed == (name in SIGNED)
        hidden = actions_here.domains[1].size
        assert actions_here.sizes[1:] == (hidden * (2 if name in SIGNED else 1),) * 2
        assert not any(p.is_signed for row in actions_here.permutations for p in row[1:])


@pytest.mark.parametrize("name", DOMAINS)
def test_weight_count(name: str) -> None:
    for final in ("dense", "invariant"):
        architecture = architecture_of(name, final)
        for state in ((), (0,), ON):
            counted = EquivariantMLP(architecture, state).n_parameters
            assert counted == architecture.count_parameters(state)


def test_mean_and_scale_are_those_of_each_channel() -> None:
    network = network_of("grid", "invariant", in_channels=3)
    x = samples(network)
    plain = EquivariantMLP(network.architecture, ON)
    plain.adopt([(layer.weight, layer.bias) for layer in network.layers])
    mean = torch.tensor([0.5, 1.5, 2.5])[:, None, None]
    scale = torch.tensor([2.0, 3.0, 4.0])[:, None, None]
    assert torch.allclose(network(x), plain((x - mean) / scale), atol=1e-6)
    assert not torch.allclose(network(x), plain(x), atol=1e-2)
    assert {"mean", "scale"} <= set(network.state_dict())


def test_images_and_flat_samples_are_the_same() -> None:
    network = network_of("grid", "invariant")
    x = samples(network)
    assert torch.equal(network(x), network(x.flatten(1)))
    whole = torch.from_numpy((x.numpy() * 10).astype(np.uint8))
    assert torch.equal(network(whole), network(whole.float()))


def test_adopt_takes_copies() -> None:
    network = network_of("grid", "dense")
    other = EquivariantMLP(network.architecture, ON)
    other.adopt([(layer.weight, layer.bias) for layer in network.layers])
    with torch.no_grad():
        network.layers[0].weight.zero_()
    assert float(other.layers[0].weight.detach().abs().max()) > 0
