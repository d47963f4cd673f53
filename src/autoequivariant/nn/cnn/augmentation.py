"""Random transformations of images during training, for symmetries that a network does not have.

All transformations of an image are one affine map, so that it is interpolated once; reflections
alone need no interpolation. Random numbers come from a generator that is passed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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

_MIRRORS = {"hflip": 3, "vflip": 2}
"""The axis of each reflection."""


@dataclass(frozen=True)
class Drawn:
    """Transformations of `n` images.

    Attributes:
        mirrors: whether each image is mirrored, shape `(n,)`, by the axis.
        matrices: affine maps, as of `Augmentation.matrices`; None if there are none.
    """

    mirrors: Mapping[int, Tensor]
    matrices: Tensor | None

    @classmethod
    def together(cls, parts: Sequence[Drawn]) -> Drawn:
        """Return transformations that were drawn one after another as one."""
        mirrors = {
            axis: torch.cat([part.mirrors[axis] for part in parts]) for axis in parts[0].mirrors
        }
        matrices = [part.matrices for part in parts if part.matrices is not None]
        return cls(mirrors, torch.cat(matrices) if matrices else None)


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
        height, width = x.shape[-2:]
        return self.apply(x, self.draw(len(x), height, width, generator))

    def draw(self, n: int, height: int, width: int, generator: torch.Generator) -> Drawn:
        """Draw a transformation for each of `n` images."""
        mirrors = {
            axis: torch.rand(n, generator=generator) < 1 / 2
            for name, axis in _MIRRORS.items()
            if name in self.names
        }
        moves = set(self.names) - set(_MIRRORS)
        return Drawn(mirrors, self.matrices(n, height, width, generator) if moves else None)

    def apply(self, x: Tensor, drawn: Drawn) -> Tensor:
        """Transform images, shape `(n, channels, height, width)`, as was drawn."""
        for axis, chosen in drawn.mirrors.items():
            x = torch.where(chosen.to(x.device).view(-1, 1, 1, 1), x.flip(axis), x)
        if drawn.matrices is None:
            return x
        from kornia.geometry.transform import warp_affine  # takes a second to import

        height, width = x.shape[-2:]
        matrices = drawn.matrices.to(x.device, x.dtype)
        moved: Tensor = warp_affine(x, matrices, (height, width), align_corners=True)
        return moved

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
