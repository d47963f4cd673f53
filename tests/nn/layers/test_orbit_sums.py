"""Sums over orbits are those of `scatter_add_`."""

import pytest
import torch
from torch import Tensor

from autoequivariant.nn.layers.orbit_sums import FAN_IN, OrbitSums

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


def drawn(sizes: list[int]) -> Tensor:
    """The orbits of entries in a random order."""
    labels = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))
    return labels[torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(
    "sizes",
    [
        [1],
        [1, 1, 1],
        [FAN_IN],
        [FAN_IN + 1, 0, 1],
        [0, 0, 3],
        [3, 0, 0],
        [FAN_IN**2, 1],
        [FAN_IN**3 + 5, 2, 0, FAN_IN**2 + 1, 700],
    ],
)
def test_sums_are_those_of_scatter_add(sizes: list[int], device: str) -> None:
    index = drawn(sizes).to(device)
    values = torch.randn(len(index) + 1, dtype=torch.float64, device=device)
    values[-1] = 0
    out = torch.full((len(sizes),), torch.nan, dtype=torch.float64, device=device)
    OrbitSums(index, len(sizes))(values, out)
    expected = torch.zeros_like(out).scatter_add_(0, index.long(), values[:-1])
    assert torch.allclose(out, expected, atol=1e-12)


@pytest.mark.parametrize("device", DEVICES)
def test_sums_of_single_precision_lose_little(device: str) -> None:
    """Half of a million equal numbers in one orbit, whose running sum would lose digits."""
    index = torch.zeros(500_000, dtype=torch.int32, device=device)
    values = torch.full((500_001,), 0.1, device=device)
    values[-1] = 0
    out = torch.empty(1, device=device)
    OrbitSums(index, 1)(values, out)
    assert float(out) == pytest.approx(50_000, rel=1e-6)
