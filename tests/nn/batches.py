"""Batches of children, and the single networks that they are compared with."""

from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional

from autoequivariant.nn.mlp import batched
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.nn.mlp.batched import BatchedMLP
from autoequivariant.nn.mlp.network import EquivariantMLP

STATES: list[tuple[int, ...]] = [(), (0,), (1,), (0, 1), (0,)]


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
