"""Weights of moved copies, learned from predictions for samples that an estimator has not seen."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autoequivariant.nn.symmetrize.methods import Weighted
from autoequivariant.nn.symmetrize.orbit import Orbit
from autoequivariant.nn.symmetrize.orbit_weights import OrbitWeights

_STEPS, _RATE, _DECAY = 200, 0.02, 1e-2
_LEAST = 1e-7  # probability

Loss = Callable[[Tensor], Tensor]


def outputs_of_copies(module: nn.Module, orbit: Orbit, x: Tensor) -> Tensor:
    """Return outputs for all moved copies, moved back, shape `(n, elements, outputs)`."""
    found = []
    for part in orbit.parts(x, False):
        copies = orbit.moved(x, part)
        y = module(copies.flatten(0, 1).unflatten(1, orbit.shape))
        found.append(orbit.moved_back(y.unflatten(0, copies.shape[:2]), part))
    return torch.cat(found, dim=1)


def learn_weights(orbit: Orbit, x: Tensor, outputs: Tensor, loss: Loss, seed: int) -> Weighted:
    """Return weights that minimise the loss of the weighted mean.

    Args:
        orbit: the group.
        x: samples, shape `(n, *shape)`.
        outputs: for moved copies of them, as in `outputs_of_copies`.
        loss: of outputs, shape `(n, outputs)`.
        seed: of the network.
    """
    network = OrbitWeights.on(x.double(), seed)
    copies = orbit.moved(x).flatten(0, 1).unflatten(1, orbit.shape).double()
    optimiser = torch.optim.AdamW(network.parameters(), _RATE, weight_decay=_DECAY)
    for _ in range(_STEPS):
        optimiser.zero_grad()
        weights = network(copies).view(len(x), len(orbit), 1).softmax(1)
        loss((weights * outputs).sum(1)).backward()
        optimiser.step()
    network.requires_grad_(False)
    return Weighted(network.eval())


def log_loss(labels: Tensor, are_probabilities: bool) -> Loss:
    """Return the log loss of classes.

    Args:
        labels: numbers of classes, shape `(n,)`.
        are_probabilities: whether outputs are, or logits.
    """
    if not are_probabilities:
        return lambda outputs: F.cross_entropy(outputs, labels)
    return lambda outputs: F.nll_loss(outputs.clamp_min(_LEAST).log(), labels)


def squared_error(targets: Tensor) -> Loss:
    """Return the mean squared error, each target in units of its scale; shape `(n, targets)`."""
    scale = targets.std(0, correction=0)
    scale = torch.where(scale > 0, scale, torch.ones_like(scale))
    return lambda outputs: ((outputs - targets) / scale).square().mean()
