"""Random transformations of images during training, for symmetries that a network does not have.

All transformations of an image are one affine map, so that it is interpolated once; reflections
alone need no interpolation. Random numbers come from a generator that is passed in.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from autoequivariant.errors import SettingsError

AUGMENTATIONS = ("rotation", "hflip", "vflip", "translation", "scale", "shear")
"""In the order of arXiv 2104.04848, section 5.2."""
ROTATION = 30.0
"""Degrees, in either direction."""
TRANSLATION = 0.2
"""Share of each side, in either direction."""
SCALE = (0.9, 1.1)
SHEAR = 10.0
"""Degrees, in either direction."""


class Augmentation:
    """Draws a transformation for each image at each call.

    Args:
        names: which of `AUGMENTATIONS`; rotation by up to 30 degrees in either direction,
            reflection of half of the images, translation by up to a fifth of each side, scaling by
            0.9 to 1.1, shearing by up to 10 degrees (the paper's ranges). Pixels from outside are
            zero.

    Raises:
        SettingsError: a name is unknown.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(dict.fromkeys(names))
        strangers = [name for name in self.names if name not in AUGMENTATIONS]
        if strangers:
            raise SettingsError(
                f"Augmentations must be among {', '.join(AUGMENTATIONS)}; "
                f"got {', '.join(strangers)}."
            )

    def __call__(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Transform images, shape `(n, channels, height, width)`."""
        if not self.names:
            return x
        mirrored = _mirrored(x, self.names, generator)
        if self._only_mirrors:
            return mirrored
        from kornia.geometry.transform import warp_affine  # takes a second to import

        height, width = x.shape[-2:]
        matrices = self.matrices(len(x), height, width, generator).to(x.device, x.dtype)
        moved: Tensor = warp_affine(mirrored, matrices, (height, width), align_corners=True)
        return moved

    def skip(self, n: int, generator: torch.Generator) -> None:
        """Draw the random numbers of a call with `n` images, and transform none."""
        _mirrored(torch.zeros(n, 1, 1, 1), self.names, generator)
        if not self._only_mirrors:
            self.matrices(n, 1, 1, generator)

    @property
    def _only_mirrors(self) -> bool:
        return set(self.names) <= {"hflip", "vflip"}

    def matrices(self, n: int, height: int, width: int, generator: torch.Generator) -> Tensor:
        """Draw `n` affine maps of pixel coordinates `(x, y)`, without reflections: `(n, 2, 3)`."""

        def uniform(low: float, high: float) -> Tensor:
            return torch.rand(n, generator=generator, dtype=torch.float64) * (high - low) + low

        def drawn(name: str, low: float, high: float, otherwise: float = 0.0) -> Tensor:
            if name in self.names:
                return uniform(low, high)
            return torch.full((n,), otherwise, dtype=torch.float64)

        angle = torch.deg2rad(drawn("rotation", -ROTATION, ROTATION))
        scale = drawn("scale", *SCALE, otherwise=1.0)
        shear = torch.tan(torch.deg2rad(drawn("shear", -SHEAR, SHEAR)))
        right = drawn("translation", -TRANSLATION, TRANSLATION) * width
        down = drawn("translation", -TRANSLATION, TRANSLATION) * height
        cos, sin = scale * angle.cos(), scale * angle.sin()
        # Shear along x, then rotate and scale, about the centre of the image.
        linear = torch.stack([cos, cos * shear - sin, sin, sin * shear + cos], 1).view(n, 2, 2)
        middle = torch.tensor([(width - 1) / 2, (height - 1) / 2], dtype=torch.float64)
        offset = middle + torch.stack([right, down], 1) - linear @ middle
        return torch.cat([linear, offset[:, :, None]], 2)


def _mirrored(x: Tensor, names: tuple[str, ...], generator: torch.Generator) -> Tensor:
    for name, axis in (("hflip", 3), ("vflip", 2)):
        if name in names:
            chosen = torch.rand(len(x), generator=generator).to(x.device) < 1 / 2
            x = torch.where(chosen.view(-1, 1, 1, 1), x.flip(axis), x)
    return x
