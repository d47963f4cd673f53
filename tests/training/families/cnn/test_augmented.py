"""Samples of steps that are augmented together are those that are augmented one by one."""

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from autoequivariant.nn.cnn.augmentation import AUGMENTATIONS, Augmentation
from autoequivariant.training.families.cnn import augmented
from autoequivariant.training.families.cnn.augmented import AugmentedSamples

SIZES = [5, 5, 3, 5, 2]


def batches() -> Iterator[Tensor]:
    order = torch.randperm(20, generator=torch.Generator().manual_seed(1))
    yield from order.split(SIZES)


def images(device: str) -> Tensor:
    return torch.rand(20, 2, 9, 9, generator=torch.Generator().manual_seed(2)).to(device)


def drawn(names: tuple[str, ...], skipped: int = 0, device: str = "cpu") -> list[Tensor]:
    generator = torch.Generator().manual_seed(3)
    on_device = (batch.to(device) for batch in batches())
    samples = AugmentedSamples(Augmentation(names), images(device), on_device, generator)
    for _ in range(skipped):
        samples.skip()
    return [samples.following().cpu() for _ in SIZES[skipped:]]


@pytest.mark.parametrize("names", [(), ("hflip",), AUGMENTATIONS])
def test_samples_are_those_of_augmentation(names: tuple[str, ...]) -> None:
    generator = torch.Generator().manual_seed(3)
    x, augment = images("cpu"), Augmentation(names)
    expected = [augment(x[batch], generator) for batch in batches()]
    for skipped in (0, 1, 3):
        found = drawn(names, skipped)
        assert all(map(torch.equal, found, expected[skipped:]))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="not here: no CUDA device")
@pytest.mark.parametrize("names", [(), ("hflip",), AUGMENTATIONS])
def test_on_cuda_several_steps_are_augmented_at_a_time(
    names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = drawn(names)
    for values in (1, 10 * 2 * 81, 2**22):
        monkeypatch.setattr(augmented, "_VALUES", values)
        for skipped in (0, 3):
            found = drawn(names, skipped, "cuda")
            for one, other in zip(found, expected[skipped:], strict=True):
                assert torch.allclose(one, other, atol=1e-4)
