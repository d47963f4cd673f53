"""How a model's input holds a sample: channels first or last, without their axis, or flattened."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.errors import ModelError, SettingsError
from autoequivariant.groups.permutation import IntArray, Permutation

LAYOUTS = ("channels-first", "no-channels", "channels-last", "flat", "flat-channels-last")


@dataclass(frozen=True, eq=False)
class Layout:
    """The order of a sample's values in a model's input.

    Attributes:
        name: one of `LAYOUTS`.
        sides: of a sample in the model's input.
        order: value `j` of the input, flattened, is value `order[j]` of the sample, channels first.
    """

    name: str
    sides: tuple[int, ...]
    order: IntArray

    def arranged(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return samples, shape `(n, channels, *shape)`, as the model takes them."""
        return x.reshape(len(x), -1)[:, self.order].reshape(len(x), *self.sides)

    def moved(self, action: Permutation) -> Permutation:
        """Return the action on the input, flattened, of an action on samples, channels first."""
        place = np.empty_like(self.order)
        place[self.order] = np.arange(len(self.order))
        return Permutation(place[action.image[self.order]], action.signs[self.order])


def layout_for(
    shape: Sequence[int], sides: Sequence[int | None], origin: str, name: str | None = None
) -> Layout:
    """Return the layout in which samples fit a model's input.

    Args:
        shape: of a sample, `(channels, *domain.shape)`.
        sides: of the model's input, without the batch; None where a length may vary.
        origin: of the model, for messages.
        name: one of `LAYOUTS`. Default: the first of them that fits.

    Raises:
        SettingsError: the name is unknown, or does not fit.
        ModelError: no layout fits.
    """
    if name is not None and name not in LAYOUTS:
        raise SettingsError(f"--layout must be one of {', '.join(LAYOUTS)}; got {name!r}.")
    found = {one: _layout(one, tuple(shape)) for one in LAYOUTS}
    if shape[0] > 1:
        del found["no-channels"]
    fitting = [one for one in found.values() if _fits(one.sides, sides)]
    if name is None and fitting:
        return fitting[0]
    chosen = [one for one in fitting if one.name == name]
    if chosen:
        return chosen[0]
    expected = ", ".join("n" if side is None else str(side) for side in sides)
    given = f"{shape[0]} channel{'s' * (shape[0] != 1)} of {'x'.join(map(str, shape[1:]))}"
    if name is not None:
        raise SettingsError(
            f"--layout {name} does not fit: {origin} takes (batch, {expected}), and samples have "
            f"{given}."
        )
    raise ModelError(
        f"{origin} takes (batch, {expected}), and samples have {given}: give samples that fit, or "
        "--kind if they are read in another way than they should be."
    )


def _layout(name: str, shape: tuple[int, ...]) -> Layout:
    order = np.arange(math.prod(shape)).reshape(shape)
    if name.endswith("channels-last"):
        order = np.moveaxis(order, 0, -1)
    sides = {"no-channels": shape[1:], "channels-last": (*shape[1:], shape[0])}.get(name, shape)
    return Layout(name, (math.prod(shape),) if name.startswith("flat") else sides, order.ravel())


def _fits(sides: Sequence[int], expected: Sequence[int | None]) -> bool:
    return len(sides) == len(expected) and all(
        other is None or side == other for side, other in zip(sides, expected, strict=True)
    )
