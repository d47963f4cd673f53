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


class Segments(nn.Module):
    """Expand each value of a matrix of pairs of items: how far it is along each segment, 0 before
    and 1 after it; the first and the last segment go on.

    Takes the number of items and, for each channel, the knots between segments of the pairs of an
    item with itself, then those of two items.
    """

    start: Tensor
    length: Tensor
    least: Tensor
    most: Tensor

    def __init__(self, items: int, *knots: tuple[float, ...]) -> None:
        super().__init__()
        self.items, self.knots = items, knots
        count = max(1, *(len(own) - 1 for own in knots))
        ends = [self.ends(own, count) for own in knots]
        diagonal = torch.eye(items, dtype=torch.bool)
        for number, name in enumerate(("start", "length", "least", "most")):
            rows = torch.tensor([own[number] for own in ends]).view(-1, 2, count, 1, 1)
            held = torch.where(diagonal, rows[:, 0], rows[:, 1])
            self.register_buffer(name, held, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, channels, items, items)`, or flattened, to `(n, channels * segments, ...)`."""
        values = x.reshape(len(x), -1, 1, self.items, self.items).to(self.start.dtype)
        along = (values - self.start) / self.length
        return torch.minimum(torch.maximum(along, self.least), self.most).flatten(1, 2)

    def extra_repr(self) -> str:
        """The arguments."""
        return ", ".join(map(str, (self.items, *self.knots)))

    @staticmethod
    def ends(knots: tuple[float, ...], count: int) -> tuple[list[float], ...]:
        """Return where segments start, their lengths, and the least and largest value along each.

        Those that are not there are 0 for all values.
        """
        stops = knots[1:] or (knots[0] + 1,)
        start = list(knots[: len(stops)])
        length = [stop - own for own, stop in zip(start, stops, strict=True)]
        between = [0.0] * (len(stops) - 1), [1.0] * (len(stops) - 1)
        least, most = [-torch.inf, *between[0]], [*between[1], torch.inf]
        zeros = [0.0] * (count - len(stops))
        return start + zeros, length + [1.0] * len(zeros), least + zeros, most + zeros


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


class Reorder(nn.Module):
    """The maps of each channel in another order; takes the number of the map at each place."""

    order: Tensor

    def __init__(self, *order: int) -> None:
        super().__init__()
        self.register_buffer("order", torch.tensor(order), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, channels * maps, ...)` to the same shape."""
        channels: Tensor = x.unflatten(1, (-1, len(self.order)))
        return channels[:, :, self.order].flatten(1, 2)

    def extra_repr(self) -> str:
        """The arguments."""
        return ", ".join(map(str, self.order.tolist()))


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
