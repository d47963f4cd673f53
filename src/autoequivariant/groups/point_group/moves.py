"""Which symmetries a group convolution can have: those that move a kernel's positions as a whole.

A symmetry is read by its action, not its name, so custom ones are as good as named ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.actions import DNA
from autoequivariant.groups.closure.layer_compatibility import check_alone
from autoequivariant.groups.domain import Domain, make_domain
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.point_group.element import (
    KINDS,
    PointElement,
    Signed,
    cube,
    in_place,
    signed,
)
from autoequivariant.groups.symmetry import Symmetry

POINT_SYMMETRIES: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {
        1: ("reverse", "reverse_complement", "negate"),
        2: ("rot90", "hflip", "vflip", "transpose", "antitranspose", "rot180", "negate"),
        3: ("rot90_xy", "rot90_yz", "rot90_xz", "flip_x", "flip_y", "flip_z", "negate"),
    }
)
"""The named symmetries that are elements, by number of axes, in order of preference as
generators.
"""
SHIFTS: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {
        1: ("shift:1",),
        2: ("translate_y:1", "translate_x:1"),
        3: ("translate_z:1", "translate_y:1", "translate_x:1"),
    }
)
"""The shift along each axis, by number of axes."""


@dataclass(frozen=True)
class CyclicShift:
    """A cyclic shift along some axes. Circular padding gives all of them, whatever the step."""

    axes: tuple[int, ...]


Move = PointElement | CyclicShift
"""What a symmetry asks of a convolution: shared kernels or circular padding."""


@lru_cache(maxsize=4096)
def move_of(symmetry: Symmetry, domain: Domain, channels: int, outputs: int) -> Move:
    """Return what a symmetry asks of a convolution.

    Args:
        symmetry: named or custom.
        domain: of the samples.
        channels, outputs: how many there are.

    Raises:
        SymmetryError: it is not defined on the samples, no convolution has it, or it contradicts
            itself on the outputs.
    """
    smallest = _smallest(symmetry, domain)
    action = symmetry.action(smallest)
    moved = signed(symmetry.channel_action(channels))
    on_outputs = signed(symmetry.output_action(outputs))
    if domain.kind not in KINDS.values():
        raise SymmetryError(
            f"{symmetry} cannot be a symmetry of a convolution, because {domain} has no axes: use "
            "--network mlp."
        )
    if len(set(action.signs.tolist())) > 1:
        raise _refusal(symmetry, "it changes the signs of some positions only")
    if action.is_signed:
        moved = tuple(-image for image in moved or range(1, channels + 1))
    axes = _axes_of(action, smallest)
    if axes is not None:
        element = PointElement(axes, in_place(moved), on_outputs)
        on_samples = element.sample_action(smallest, channels)
        check_alone(symmetry, domain, on_samples, element.output_action(outputs))
        return element
    shifted = _shifted_axes(action, smallest)
    if shifted is None:
        raise _refusal(symmetry, "it does not move all positions of a kernel alike")
    if (action @ action).is_identity:
        raise _refusal(symmetry, "circular padding would add all other shifts to a swap of halves")
    if moved or on_outputs:
        raise _refusal(symmetry, "it shifts samples and moves channels, signs or outputs as well")
    return CyclicShift(shifted)


@lru_cache
def named_elements(dimensions: int, channels: int) -> Mapping[PointElement, Symmetry]:
    """Return the elements that are named symmetries, in order of preference.

    Args:
        dimensions: number of axes.
        channels: of the samples.
    """
    found = {}
    for name in POINT_SYMMETRIES[dimensions]:
        if name != "reverse_complement" or channels == len(DNA):
            move = move_of(Symmetry(name), cube(dimensions, 4), channels, 1)
            if isinstance(move, PointElement):
                found[move] = Symmetry(name)
    return MappingProxyType(found)


def _smallest(symmetry: Symmetry, domain: Domain) -> Domain:
    """A domain on which the symmetry shows what it does: the given one, unless a named turn or
    reflection does the same on a small one, or no index moves.
    """
    custom = symmetry.custom
    base = symmetry if custom is None else custom.like
    if custom is not None and custom.indices is not None:
        return domain
    if base is not None and base.name not in POINT_SYMMETRIES.get(len(domain.shape), ()):
        return domain
    sides = sorted(set(domain.shape))
    small = make_domain(domain.kind, tuple(4 + sides.index(side) for side in domain.shape))
    return small if symmetry.is_defined_on(small) else domain  # which says why it is not


def _refusal(symmetry: Symmetry, reason: str) -> SymmetryError:
    return SymmetryError(
        f"{symmetry} cannot be a symmetry of a convolution, because {reason}: use --network mlp."
    )


def _axes_of(action: Permutation, domain: Domain) -> Signed | None:
    """Where a move that fixes the centre takes each axis; None if it is no such move."""
    shape = domain.shape
    corner = np.unravel_index(int(action.image[0]), shape)
    strides = np.array([int(np.prod(shape[axis + 1 :])) for axis in range(len(shape))])
    found: dict[int, int] = {}
    for axis, stride in enumerate(strides):
        if shape[axis] > 1:
            step = np.subtract(np.unravel_index(int(action.image[stride]), shape), corner)
            target = int(abs(step).argmax())
            found[axis] = (target + 1) * int(np.sign(step[target]))
    left = [axis for axis in range(len(shape)) if axis + 1 not in map(abs, found.values())]
    axes = tuple(found[axis] if axis in found else left.pop(0) + 1 for axis in range(len(shape)))
    if sorted(map(abs, axes)) != list(range(1, len(axes) + 1)):
        return None
    if any(shape[axis] != shape[abs(image) - 1] for axis, image in enumerate(axes)):
        return None
    same = PointElement(axes).action(domain)
    return axes if np.array_equal(same.image, action.image) else None


def _shifted_axes(action: Permutation, domain: Domain) -> tuple[int, ...] | None:
    """The axes along which a cyclic shift moves; None if the action is none."""
    before = np.array(np.unravel_index(np.arange(domain.size), domain.shape))
    after = np.array(np.unravel_index(action.image, domain.shape))
    steps = (after - before) % np.array(domain.shape)[:, None]
    if (steps != steps[:, :1]).any():
        return None
    return tuple(np.flatnonzero(steps[:, 0]).tolist())
