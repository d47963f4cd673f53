"""The network of weights."""

import pytest
import torch

from autoequivariant.nn.symmetrize.orbit_weights import OrbitWeights, Standardise


@pytest.mark.parametrize(
    "shape", [(1,), (5,), (2, 9), (1, 6, 6), (3, 40, 30), (2, 12, 9, 7), (4, 1)]
)
def test_it_starts_equal_and_stays_small(shape: tuple[int, ...]) -> None:
    x = torch.randn(6, *shape).double()
    network = OrbitWeights.on(x, 0)
    assert torch.equal(network(x), torch.zeros(6, 1).double())
    assert sum(parameter.numel() for parameter in network.parameters()) < 40_000
    torch.nn.init.ones_(network[-1].weight)
    assert network(x).std() > 0
    twin = OrbitWeights.on(x, 0)
    torch.nn.init.ones_(twin[-1].weight)
    assert torch.equal(twin(x), network(x))


def test_values_are_standardised() -> None:
    table = torch.tensor([[1.0, 500.0], [3.0, 700.0]])
    assert Standardise(table)(table).tolist() == [[-1.0, -1.0], [1.0, 1.0]]
    images = torch.rand(5, 1, 4, 4) * 200 + 50
    scaled = Standardise(images)(images)
    assert abs(scaled.mean()) < 1e-5 and abs(scaled.std(correction=0) - 1) < 1e-5
    same = torch.ones(3, 2)
    assert Standardise(same)(same).tolist() == [[0.0, 0.0]] * 3
    missing = torch.tensor([[1.0], [torch.nan], [3.0]])
    assert Standardise(missing)(missing).tolist() == [[-1.0], [0.0], [1.0]]
