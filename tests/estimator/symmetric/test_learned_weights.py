"""Weights that minimise the loss of a weighted mean."""

import pytest
import torch
from torch import nn

from autoequivariant.estimator.symmetric.learned_weights import (
    learn_weights,
    log_loss,
    outputs_of_copies,
    squared_error,
)
from autoequivariant.nn.symmetrize.group import Group
from autoequivariant.nn.symmetrize.orbit import Orbit


class Careless(nn.Module):
    """Right where the first column is the larger one, else noise."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        right = x[:, :1] - x[:, 1:]
        return torch.where(right > 0, right, 7 * torch.sin(99 * x[:, :1]))


def test_copies_with_better_outputs_get_more_weight() -> None:
    group = Group.on("swap:0-1", (2,), 1)
    orbit = group.orbit("lambda")
    assert isinstance(orbit, Orbit)
    x = torch.randn(200, 2, generator=torch.Generator().manual_seed(0)).double()
    y = (x[:, :1] - x[:, 1:]).abs()
    outputs = outputs_of_copies(Careless(), orbit, x)
    assert outputs.shape == (200, 2, 1)
    loss = squared_error(y)
    learned = learn_weights(orbit, x, outputs, loss, 0)
    found = learned(Careless(), orbit, x)
    assert float(loss(found)) < 0.3 * float(loss(outputs.mean(1)))
    assert not any(parameter.requires_grad for parameter in learned.parameters())
    assert torch.allclose(found, learned(Careless(), orbit, x[:, [1, 0]]), atol=1e-12)


@pytest.mark.parametrize("are_probabilities", [True, False])
def test_the_log_loss(are_probabilities: bool) -> None:
    logits, labels = torch.randn(5, 3), torch.tensor([0, 2, 1, 1, 0])
    outputs = logits.softmax(1) if are_probabilities else logits
    expected = nn.functional.cross_entropy(logits, labels)
    assert torch.allclose(log_loss(labels, are_probabilities)(outputs), expected, atol=1e-5)
    assert log_loss(labels, True)(torch.zeros(5, 3)).isfinite()
