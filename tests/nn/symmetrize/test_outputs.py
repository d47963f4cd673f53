"""What modules return, and the mode in which they are asked."""

from typing import Any

import pytest
import torch
from torch import nn

from autoequivariant.errors import SettingsError
from autoequivariant.nn.symmetrize.outputs import (
    evaluating,
    output_count,
    output_shape,
    outputs_of,
)


class Returning(nn.Module):
    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value

    def forward(self, x: torch.Tensor) -> Any:
        return self.value


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ((torch.zeros(2, 3),), "must return a tensor; Returning returns a tuple"),
        ({"logits": 1}, "returns a dict"),
        (torch.zeros(2, 3, dtype=torch.int64), "real numbers for each sample"),
        (torch.zeros(3, 3), "real numbers for each sample"),
        (torch.tensor(1.0), "real numbers for each sample"),
    ],
)
def test_other_values_are_refused(value: Any, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        outputs_of(Returning(value), torch.zeros(2, 4))


def test_tensors_of_numbers_are_taken() -> None:
    assert outputs_of(Returning(torch.ones(2, 3)), torch.zeros(2, 4)).sum() == 6


@pytest.mark.parametrize(
    ("shape", "outputs_per", "sample", "count"),
    [
        ((3,), "sample", (1, 4), 3),
        ((), "sample", (1, 4), 1),
        ((2, 5, 6), "position", (1, 5, 6), 2),
        ((5, 6), "position", (3, 5, 6), 1),
        ((3, 5, 6), "value", (3, 5, 6), 3),
        ((5, 6), "value", (1, 5, 6), 1),
    ],
)
def test_named_outputs_are_counted(shape: Any, outputs_per: str, sample: Any, count: int) -> None:
    assert output_count(shape, outputs_per, sample) == count


def test_a_probe_changes_no_mode_and_no_statistics() -> None:
    net = nn.Sequential(nn.BatchNorm1d(3), nn.Dropout(), nn.Linear(3, 2))
    net[1].eval()
    before = {key: value.clone() for key, value in net.state_dict().items()}
    assert output_shape(net, torch.randn(5, 3)) == (2,)
    assert output_shape(net, torch.randn(0, 3)) == (2,)
    assert [part.training for part in net.modules()] == [True, True, False, True]
    assert all(torch.equal(before[key], value) for key, value in net.state_dict().items())
    with pytest.raises(ZeroDivisionError), evaluating(net):
        assert not net[0].training
        raise ZeroDivisionError
    assert net[0].training
