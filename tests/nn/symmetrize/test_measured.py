"""Errors of any module, for the generators of a group."""

import pytest
import torch
from torch import Tensor, nn

from autoequivariant.nn.symmetrize.measured import as_rows, error_of

from .cases import CASES


@pytest.mark.parametrize("name", CASES)
def test_modules_without_the_symmetries_have_an_error(name: str) -> None:
    case = CASES[name]
    found = error_of(case.module(), case.group(), case.samples())
    assert found.error > 0.05
    assert set(found.by_action) == set(case.group().names)


def test_modules_that_take_whole_numbers() -> None:
    class Counts(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.bincount(x.flatten(), minlength=9).double().expand(len(x), -1)

    case = CASES["square, odd"]
    x = torch.randint(0, 9, (4, *case.shape))
    assert error_of(Counts(), case.group(), x).error == 0


def test_rows() -> None:
    assert as_rows(torch.zeros(3)).shape == (3, 1)
    assert as_rows(torch.zeros(3, 2)).shape == (3, 2)
