"""Gradients of CUDA graphs are those of autograd."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from autoequivariant.groups.domain import Grid
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.nn.cnn.architecture import CNNArchitecture
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.nn.graphs import GraphedGradients, Loss, gradients_of

on_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="not here: no CUDA device")
CPU = torch.device("cpu")


def network() -> EquivariantCNN:
    grid = Grid(12, 12)
    group = PointGroup.of(parse_symmetries("rot90"), grid)
    return EquivariantCNN(CNNArchitecture(1, grid, 3, width=8), group)


def loss_of(model: nn.Module) -> Loss:
    return lambda samples, targets: functional.cross_entropy(model(samples), targets)


def batches(sizes: list[int]) -> list[tuple[Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(0)
    return [
        (
            torch.randn(n, 1, 12, 12, generator=generator),
            torch.randint(3, (n,), generator=generator),
        )
        for n in sizes
    ]


def test_without_a_gpu_gradients_are_by_autograd() -> None:
    model = nn.Linear(3, 2)
    gradients = gradients_of(loss_of(model), model, CPU, is_random=False)
    x, y = torch.randn(5, 3), torch.randint(2, (5,))
    for _ in range(2):  # they replace the last ones
        gradients(x, y)
    weight = model.weight.detach().clone().requires_grad_()
    functional.cross_entropy(functional.linear(x, weight, model.bias.detach()), y).backward()
    assert model.weight.grad is not None and weight.grad is not None
    assert torch.allclose(model.weight.grad, weight.grad)


@on_cuda
def test_graphs_train_as_autograd_does() -> None:
    """Batches of two sizes, with the statistics of the normalisation."""
    device = torch.device("cuda")
    one, other = network().to(device).train(), network().to(device).train()
    graphed = gradients_of(loss_of(one), one, device, is_random=False)
    eager = gradients_of(loss_of(other), other, device, is_random=True)
    assert isinstance(graphed, GraphedGradients)
    steppers = []
    for model, gradients in ((one, graphed), (other, eager)):
        steppers.append((gradients, torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)))
    for x, y in batches([16, 16, 7, 16, 7, 16]):
        for gradients, optimizer in steppers:
            gradients(x.to(device), y.to(device))
            optimizer.step()
    for (name, a), (_, b) in zip(one.state_dict().items(), other.state_dict().items(), strict=True):
        assert torch.allclose(a.double(), b.double(), rtol=1e-3, atol=1e-4), name
