"""One element of a point group: what it does to axes, channels and outputs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.domain import Domain, make_domain
from autoequivariant.groups.permutation import Permutation

Signed = tuple[int, ...]
"""A signed permutation: entry `i` is the image of `i`, counted from 1, and negative where the sign
changes. Empty: everything stays in place.
"""
KINDS = {1: "sequence", 2: "grid", 3: "volume"}
"""Domains with axes to move, by their number of axes."""


@dataclass(frozen=True)
class PointElement:
    """A turn or reflection of a domain about its centre, with moves of channels and outputs.

    As in `Permutation`, `(g.x)[image of i] = sign of i * x[i]`.

    Attributes:
        axes: where each axis goes, negative where it is reversed; outermost axis first.
        channels: on the input's channels; empty where they stay in place.
        outputs: on the outputs; empty where they stay in place.
    """

    axes: Signed
    channels: Signed = ()
    outputs: Signed = ()

    @classmethod
    def identity(cls, dimensions: int) -> PointElement:
        """The identity on domains of so many axes."""
        return cls(tuple(range(1, dimensions + 1)))

    def __matmul__(self, other: PointElement) -> PointElement:
        """`(g @ h)` applies `h` first."""
        return PointElement(
            _product(self.axes, other.axes),
            in_place(_product(self.channels, other.channels)),
            in_place(_product(self.outputs, other.outputs)),
        )

    def inverse(self) -> PointElement:
        """The inverse element."""
        return PointElement(
            _inverse(self.axes), in_place(_inverse(self.channels)), in_place(_inverse(self.outputs))
        )

    def action(self, domain: Domain) -> Permutation:
        """Return how it permutes the indices of `domain`.

        Raises:
            SymmetryError: it exchanges axes whose sides differ, or the domain has other axes.
        """
        return _action(self.axes, domain)

    def channel_action(self, channels: int) -> Permutation:
        """Return how it permutes so many input channels.

        Raises:
            SymmetryError: it moves another number of channels.
        """
        return _permutation(self.channels, channels, "channels")

    def output_action(self, outputs: int) -> Permutation:
        """Return how it permutes so many outputs.

        Raises:
            SymmetryError: it moves another number of outputs.
        """
        return _permutation(self.outputs, outputs, "outputs")

    def sample_action(self, domain: Domain, channels: int) -> Permutation:
        """Return how it permutes samples: the indices, or where it moves channels all pairs
        (channel, index).

        Raises:
            SymmetryError: as for `action` and `channel_action`.
        """
        action = self.action(domain)
        if not self.channels:
            return action
        return Permutation.kron(self.channel_action(channels), action)


def cube(dimensions: int, side: int) -> Domain:
    """Return the domain with so many axes, all of this side."""
    return make_domain(KINDS[dimensions], (side,) * dimensions)


def signed(action: Permutation | None) -> Signed:
    """Return an action as a `Signed`, empty for None and for the identity."""
    if action is None or action.is_identity:
        return ()
    return tuple(((action.image + 1) * action.signs).tolist())


def in_place(move: Signed) -> Signed:
    """Return the canonical form: empty for the identity."""
    return () if all(image == i for i, image in enumerate(move, 1)) else move


def _product(first: Signed, second: Signed) -> Signed:
    if not first or not second:
        return first or second
    return tuple(first[k - 1] if k > 0 else -first[-k - 1] for k in second)


def _inverse(move: Signed) -> Signed:
    back = [0] * len(move)
    for i, image in enumerate(move, 1):
        back[abs(image) - 1] = i if image > 0 else -i
    return tuple(back)


def _permutation(move: Signed, count: int, what: str) -> Permutation:
    if not move:
        return Permutation.identity(count)
    if len(move) != count:
        raise SymmetryError(f"The group moves {len(move)} {what}, but there are {count}.")
    image = np.array(move)
    return Permutation(abs(image) - 1, np.sign(image))


@lru_cache(maxsize=1024)
def _action(axes: Signed, domain: Domain) -> Permutation:
    if KINDS.get(len(axes)) != domain.kind:
        raise SymmetryError(f"{domain} does not have the {len(axes)} axes that the group moves.")
    sources = [0] * len(axes)
    for axis, image in enumerate(axes):
        sources[abs(image) - 1] = axis
    indices = np.arange(domain.size).reshape(domain.shape).transpose(sources)
    if indices.shape != domain.shape:
        raise SymmetryError(f"The group exchanges axes of {domain} whose sides differ.")
    moved = np.flip(indices, tuple(abs(image) - 1 for image in axes if image < 0))
    return Permutation(moved.reshape(-1)).inverse()
