"""Augmentation moves pictures within its ranges, and draws only from the generator it is given."""

import math
from itertools import combinations

import numpy as np
import pytest
import torch

from autoequivariant.errors import SettingsError
from autoequivariant.nn.cnn.augmentation import AUGMENTATIONS, Augmentation

HEIGHT, WIDTH = 6, 10


def pictures(n: int = 16) -> torch.Tensor:
    return torch.rand(n, 2, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(1))


def seeded(seed: int = 2) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


SOME = [names for n in (1, 2, len(AUGMENTATIONS)) for names in combinations(AUGMENTATIONS, n)]


@pytest.mark.parametrize("names", SOME, ids=",".join)
def test_the_generator_decides(names: tuple[str, ...]) -> None:
    augment, x, before = Augmentation(names), pictures(), torch.random.get_rng_state()
    once = augment(x, seeded())
    assert once.shape == x.shape and once.dtype == x.dtype
    assert torch.equal(x, pictures())  # not changed in place
    assert torch.equal(augment(x, seeded()), once)
    assert torch.equal(Augmentation([*names, *names])(x, seeded()), once)
    assert not torch.equal(augment(x, seeded(3)), once)
    source = seeded()
    assert torch.equal(augment(x, source), once) and not torch.equal(augment(x, source), once)
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize("names", [(), *SOME], ids=",".join)
def test_what_is_skipped_draws_as_many_numbers(names: tuple[str, ...]) -> None:
    augment, source, twin = Augmentation(names), seeded(), seeded()
    augment(pictures(7), source)
    augment.draw(7, 1, 1, twin)
    assert torch.equal(source.get_state(), twin.get_state())
    augment.draw(6, 1, 1, twin)
    assert torch.equal(source.get_state(), twin.get_state()) == (not names)


def test_no_names_change_nothing() -> None:
    x = pictures()
    assert Augmentation(())(x, seeded()) is x


@pytest.mark.parametrize(
    ("names", "axes"), [("hflip", [3]), ("vflip", [2]), ("hflip vflip", [2, 3])]
)
def test_mirrored_alone_pixels_are_permuted(names: str, axes: list[int]) -> None:
    """Each picture is one of its mirror images to the last bit, each of them equally often."""
    x = pictures(400)
    choices = [()] + [kept for n in (1, 2) for kept in combinations(axes, n)]
    images = torch.stack([x.flip(choice) for choice in choices])
    hits = (images == Augmentation(names.split())(x, seeded())).flatten(2).all(2)
    assert torch.equal(hits.sum(0), torch.ones(400, dtype=torch.long))
    share = 1 / len(choices)
    deviation = 6 * math.sqrt(share * (1 - share) / 400)
    assert (hits.double().mean(1) - share).abs().max() < deviation


def drawn(*names: str, n: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """Linear parts, and where the middle of the picture goes, from the middle."""
    matrices = Augmentation(names).matrices(n, HEIGHT, WIDTH, seeded()).numpy()
    middle = np.array([(WIDTH - 1) / 2, (HEIGHT - 1) / 2])
    return matrices[:, :, :2], matrices[:, :, :2] @ middle + matrices[:, :, 2] - middle


def fills(values: np.ndarray, low: float, high: float) -> bool:
    """Whether values lie in the range, reach close to its ends, and are spread evenly."""
    inside = values.min() >= low - 1e-9 and values.max() <= high + 1e-9
    quartiles = (np.quantile(values, [0.0, 0.25, 0.5, 0.75, 1.0]) - low) / (high - low)
    return bool(inside and np.allclose(quartiles, np.linspace(0, 1, 5), atol=0.05))


def test_rotations() -> None:
    linear, shift = drawn("rotation")
    assert fills(np.degrees(np.arctan2(linear[:, 1, 0], linear[:, 0, 0])), -30, 30)
    assert np.allclose(linear @ linear.transpose(0, 2, 1), np.eye(2)) and np.allclose(shift, 0)
    assert np.allclose(np.linalg.det(linear), 1)


def test_scales() -> None:
    linear, shift = drawn("scale")
    assert fills(linear[:, 0, 0], 0.9, 1.1) and np.allclose(shift, 0)
    assert np.allclose(linear, linear[:, :1, :1] * np.eye(2))


def test_shears() -> None:
    linear, shift = drawn("shear")
    assert fills(np.degrees(np.arctan(linear[:, 0, 1])), -10, 10) and np.allclose(shift, 0)
    assert np.allclose(linear[:, [0, 1, 1], [0, 0, 1]], [1, 0, 1])


def test_translations() -> None:
    linear, shift = drawn("translation")
    assert np.allclose(linear, np.eye(2))
    assert fills(shift[:, 0], -0.2 * WIDTH, 0.2 * WIDTH)
    assert fills(shift[:, 1], -0.2 * HEIGHT, 0.2 * HEIGHT)


def test_all_together() -> None:
    linear, shift = drawn(*AUGMENTATIONS)
    scales = np.sqrt(np.linalg.det(linear))
    assert fills(scales, 0.9, 1.1) and np.abs(shift).max() <= 0.2 * WIDTH
    assert np.allclose(drawn("hflip", "vflip")[0], np.eye(2))  # mirroring is done before


def test_a_matrix_moves_the_picture_as_it_says() -> None:
    """A whole step: the picture, shifted, with zeros where nothing comes in."""
    augment, x = Augmentation(["translation"]), pictures(1)

    def one_right_two_down(*_: object) -> torch.Tensor:
        return torch.tensor([[[1.0, 0.0, 1.0], [0.0, 1.0, 2.0]]], dtype=torch.float64)

    augment.matrices = one_right_two_down  # type: ignore[method-assign]
    moved = torch.zeros_like(x)
    moved[:, :, 2:, 1:] = x[:, :, :-2, :-1]
    assert torch.allclose(augment(x, seeded()), moved, atol=1e-5)


def test_a_move_by_the_identity_gives_the_picture_back() -> None:
    augment, x = Augmentation(["rotation", "shear"]), pictures(3)
    augment.matrices = lambda *_: torch.eye(3)[:2].expand(3, 2, 3)  # type: ignore[method-assign]
    assert torch.allclose(augment(x, seeded()), x, atol=1e-5)


@pytest.mark.parametrize(
    ("names", "wrong"), [(["flip"], "flip"), (["hflip", "rot90", "cut"], "rot90, cut")]
)
def test_an_unknown_name_is_refused(names: list[str], wrong: str) -> None:
    with pytest.raises(SettingsError, match=f"among rotation, hflip, .* shear; got {wrong}"):
        Augmentation(names)
    assert Augmentation(AUGMENTATIONS).names == AUGMENTATIONS
