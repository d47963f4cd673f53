"""Gathered entries and their gradients are those of `index_select`."""

import pytest
import torch

from autoequivariant.nn.layers.gathering import Gathering

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("shape", [(6,), (5, 6)])
def test_gradients_are_those_of_index_select(shape: tuple[int, ...], device: str) -> None:
    index = torch.tensor([0, 5, 5, 2, 2, 2, 1, 5, 0, *[4] * 20], device=device)
    values = torch.randn(shape, dtype=torch.float64, device=device, requires_grad=True)
    weights = torch.randn(*shape[:-1], len(index), dtype=torch.float64, device=device)
    expected = values.index_select(-1, index)
    (expected * weights).sum().backward()
    gradient, values.grad = values.grad, None
    found = Gathering(index, 6)(values)
    (found * weights).sum().backward()
    assert torch.equal(found, expected)
    assert gradient is not None and values.grad is not None
    assert torch.allclose(values.grad, gradient, atol=1e-12)  # entry 3 has none
