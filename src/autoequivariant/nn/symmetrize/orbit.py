"""Moved copies of samples, and outputs moved back, as gathers of tensors."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from autoequivariant.groups.element import Element
from autoequivariant.groups.permutation import Permutation

_MOST_COPIES, _MOST_VALUES = 1024, 2**24
"""Of a part of the copies, in evaluation."""


class Orbit(nn.Module):
    """Elements of a group on samples of one shape and on outputs.

    Args:
        elements: at least one; how each acts on all values of a sample and on all outputs.
        shape: of a sample.
    """

    points: Tensor
    point_signs: Tensor | None
    outputs: Tensor
    output_signs: Tensor | None

    def __init__(self, elements: Sequence[Element], shape: Sequence[int]) -> None:
        super().__init__()
        self.shape = tuple(shape)
        # Sources of g.x, and of g^-1.y: which index each value comes from, and with which sign.
        self._hold("points", "point_signs", [one.points.inverse() for one in elements])
        self._hold("outputs", "output_signs", [one.outputs for one in elements])
        self.moves_outputs = not all(one.outputs.is_identity for one in elements)

    def __len__(self) -> int:
        """Return the number of elements."""
        return int(self.points.shape[0])

    def moved(self, x: Tensor, part: slice = slice(None), values: slice = slice(None)) -> Tensor:
        """Return `g.x` of each sample for each element, shape `(n, elements, values)`.

        Args:
            x: samples, shape `(n, *shape)`. If signs change, unsigned integers become floats.
            part: of the elements.
            values: part of the values of `g.x`.
        """
        moved = x.flatten(1)[:, self.points[part, values]]
        if self.point_signs is None:
            return moved
        moved = signed(moved)
        return moved * self.point_signs[part, values].to(moved.dtype)

    def moved_by(self, x: Tensor, numbers: Tensor) -> Tensor:
        """Return `g.x` of each sample for an element of its own, shape `(n, *shape)`.

        Args:
            x: samples, shape `(n, *shape)`.
            numbers: of the elements, shape `(n,)`.
        """
        moved = x.flatten(1).gather(1, self.points[numbers])
        if self.point_signs is not None:
            moved = signed(moved)
            moved = moved * self.point_signs[numbers].to(moved.dtype) + 0  # which makes -0.0 0.0
        shaped: Tensor = moved.unflatten(1, self.shape)
        return shaped

    def moved_back(self, y: Tensor, part: slice = slice(None)) -> Tensor:
        """Return `g^-1.y` for each element.

        Args:
            y: outputs, shape `(n, elements, outputs)`; or `(n, 1, outputs)`, for all elements.
            part: of the elements.

        Returns:
            Shape `(n, elements, outputs)`.
        """
        sources = self.outputs[part]
        if self.moves_outputs:
            each = y.expand(-1, sources.shape[0], -1)
            y = each.gather(2, sources.expand(y.shape[0], -1, -1))
        if self.output_signs is None:
            return y
        return y * self.output_signs[part].to(y.dtype)

    def outputs_moved_by(self, y: Tensor, numbers: Tensor) -> Tensor:
        """Return `g.y` for an element of each sample's own; both have shape `(n, outputs)`.

        Args:
            y: outputs.
            numbers: of the elements, shape `(n,)`.
        """
        if self.output_signs is not None:
            y = y * self.output_signs[numbers].to(y.dtype)
        return torch.zeros_like(y).scatter(1, self.outputs[numbers], y)

    def parts(self, x: Tensor, whole: bool) -> Iterator[slice]:
        """Yield parts of the elements, for whose copies of all samples a module has the memory.

        Args:
            x: samples, shape `(n, *shape)`.
            whole: whether to yield all elements at once.
        """
        # A compiled or exported module takes any number of samples.
        if whole or torch.compiler.is_compiling():
            return iter([slice(0, len(self))])
        copies = min(_MOST_COPIES, _MOST_VALUES // max(1, math.prod(self.shape)))
        return self.parts_of(copies // max(1, x.shape[0]))

    def parts_of(self, count: int) -> Iterator[slice]:
        """Yield parts of so many elements, or of one."""
        step = max(1, count)
        for start in range(0, len(self), step):
            yield slice(start, min(start + step, len(self)))

    def extra_repr(self) -> str:
        """The number of elements, and the shape."""
        return f"{len(self)} elements on samples of shape {self.shape}"

    def _hold(self, name: str, signs: str, actions: Sequence[Permutation]) -> None:
        """Hold the indices and signs of actions as buffers that belong to no state."""
        images = torch.from_numpy(np.stack([one.image for one in actions]))
        self.register_buffer(name, images, persistent=False)
        is_signed = any(one.is_signed for one in actions)
        held: NDArray[np.int8] = np.stack([one.signs for one in actions])
        self.register_buffer(signs, torch.from_numpy(held) if is_signed else None, persistent=False)


def signed(x: Tensor) -> Tensor:
    """Return values that can change sign: unsigned integers and booleans as floats."""
    if x.dtype.is_signed and x.dtype != torch.bool:
        return x
    return x.to(torch.get_default_dtype())
