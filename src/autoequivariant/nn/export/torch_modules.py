"""Small modules of plain PyTorch for layers that `torch.nn` lacks.

The source of an exported network holds these classes: import nothing but torch.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Normalise(nn.Module):
    """Normalise samples of any type, `(n, *shape)`; a side of 1 shares its mean and scale."""

    mean: Tensor
    scale: Tensor

    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(shape))
        self.register_buffer("scale", torch.ones(shape))

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, channels, ...)` to the same shape."""
        return (x.to(self.mean.dtype) - self.mean) / self.scale

    def extra_repr(self) -> str:
        """The arguments."""
        return ", ".join(map(str, self.mean.shape))


class OneHot(nn.Module):
    """Turn columns of categories into a unit for each value; columns of numbers stay as they are.

    Takes for each column the values that have a unit, or an empty tuple for numbers. A unit is 1
    where the column has its value, else 0.
    """

    columns: Tensor
    known: Tensor
    coded: Tensor

    def __init__(self, *values: tuple[float, ...]) -> None:
        super().__init__()
        self.values = values
        units = [(c, v) for c, own in enumerate(values) for v in own or (0.0,)]
        coded = [bool(own) for own in values for _ in own or (0.0,)]
        for name, held in (
            ("columns", torch.tensor([column for column, _ in units])),
            ("known", torch.tensor([value for _, value in units])),
            ("coded", torch.tensor(coded)),
        ):
            self.register_buffer(name, held, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, 1, columns)`, or flattened, to `(n, units)`."""
        own = x.flatten(1)[:, self.columns]
        return torch.where(self.coded, (own == self.known).to(own.dtype), own)

    def extra_repr(self) -> str:
        """The arguments."""
        return ", ".join(map(str, self.values))


class GroupMax(nn.Module):
    """Maximum over each `count` adjacent maps, one for each element of a part of the group."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, maps, ...)` to `(n, maps / count, ...)`."""
        parts: Tensor = x.unflatten(1, (-1, self.count))
        return parts.amax(2)

    def extra_repr(self) -> str:
        """The arguments."""
        return f"{self.count}"


class CircularPad(nn.Module):
    """Continue each axis with so many values of its other end, on both sides."""

    def __init__(self, *counts: int) -> None:
        super().__init__()
        self.counts = counts

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, maps, ...)` to longer sides."""
        ends = [count for count in reversed(self.counts) for _ in range(2)]
        return nn.functional.pad(x, ends, mode="circular")

    def extra_repr(self) -> str:
        """The arguments."""
        return ", ".join(map(str, self.counts))


class Residual(nn.Module):
    """The sum of two branches, and a ReLU."""

    def __init__(self, inner: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.inner = inner
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        """Map the input of both branches."""
        return torch.relu(self.inner(x) + self.shortcut(x))
