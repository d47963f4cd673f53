"""Each module against one line of torch."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from autoequivariant.nn.export.torch_modules import GroupMax, Normalise, OneHot, Reorder, Residual


def normalise() -> Normalise:
    layer = Normalise(2, 1, 1)
    layer.mean.copy_(torch.tensor([1.0, -1.0])[:, None, None])
    layer.scale.fill_(2.0)
    return layer


CASES: dict[str, tuple[nn.Module, Callable[[Tensor], Tensor]]] = {
    "mean and scale of each channel": (
        normalise(),
        lambda x: torch.stack([(x[:, 0].float() - 1) / 2, (x[:, 1].float() + 1) / 2], 1),
    ),
    "maximum over two maps": (GroupMax(2), lambda x: torch.maximum(x[:, :1], x[:, 1:])),
    "maximum over one map": (GroupMax(1), lambda x: x),
    "units of values": (
        OneHot(*[(4.0, 7.0)] * 39, ()),
        lambda x: torch.cat(
            [
                torch.stack([x.flatten(1) == 4, x.flatten(1) == 7], 2).flatten(1)[:, :-2].float(),
                x.flatten(1)[:, -1:],
            ],
            1,
        ),
    ),
    "maps in another order": (Reorder(1, 0), lambda x: x[:, [1, 0]]),
    "sum of two branches": (
        Residual(nn.Identity(), nn.MaxPool2d(3, 1, 1)),
        lambda x: torch.relu(x + nn.functional.max_pool2d(x, 3, 1, 1)),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_module_is_its_formula(name: str) -> None:
    module, formula = CASES[name]
    source = torch.Generator().manual_seed(0)
    x = torch.randint(0, 100, (3, 2, 4, 5), generator=source).float()
    assert torch.equal(module(x), formula(x))


def test_samples_of_any_type_are_normalised() -> None:
    x = torch.arange(80, dtype=torch.uint8).view(2, 2, 4, 5)
    assert torch.equal(normalise()(x), normalise()(x.float()))
