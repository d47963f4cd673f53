"""The group of a symmetrised model: how it moves samples of one shape and the outputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any, Self

import numpy as np

from autoequivariant.errors import SettingsError, listed, shown
from autoequivariant.groups.element import Element, members_of
from autoequivariant.groups.group_elements import group_elements
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.sorted_blocks import SortedBlocks, sorted_blocks
from autoequivariant.nn.acting import Acting
from autoequivariant.nn.symmetrize.orbit import Orbit
from autoequivariant.nn.symmetrize.representatives import Sorting

MOST_MEMBERS = 2**16
"""Elements that are drawn of a group, at most."""
_MOST_POINTS = 200  # of a group whose order is computed for an error message


@dataclass(frozen=True)
class Limits:
    """How large a group may be whose elements are enumerated, for a model that takes them all.

    Attributes:
        elements: number of elements, at most.
        values: of all moved copies of a sample together, at most; there is an index for each.
        sorts: whether the method `canonical` also takes larger groups, by sorting.
        option: how a method is written in messages.
    """

    elements: int = 4096
    values: int = 2**26
    sorts: bool = True
    option: str = "method={!r}"

    def most(self, n_values: int) -> int:
        """Return the largest number of elements on samples of so many values."""
        return max(1, min(self.elements, self.values // n_values))


IN_TORCH = Limits()
"""Of a `Symmetrized` module."""


@dataclass(frozen=True, eq=False)
class Group:
    """A group that acts on samples of one shape and on outputs.

    Attributes:
        names: of its generators.
        shape: of a sample.
        generators: how they act on all values of a sample and on all outputs, both flattened.
    """

    names: tuple[str, ...]
    shape: tuple[int, ...]
    generators: tuple[Element, ...]

    @classmethod
    def on(
        cls,
        symmetries: Any,
        shape: Sequence[int],
        outputs: int | Sequence[str],
        outputs_per: str = "sample",
        kind: str | None = None,
        columns: Sequence[str] = (),
        has_classes: bool = False,
    ) -> Self:
        """Return the group that symmetries generate.

        Args:
            symmetries, kind, columns: as in `Acting.on`.
            shape: of a sample, as the model takes it.
            outputs: names of the outputs, or how many there are; of each position if they belong to
                positions.
            outputs_per: as in `symmetrize`.
            has_classes: whether outputs are classes, which have no sign to change.

        Raises:
            AutoequivariantError: names the symmetry that does not fit, or the shape.
        """
        acting = Acting.on(
            symmetries, shape, outputs, kind=kind, columns=columns, has_classes=has_classes
        )
        return cls.of(acting, shape, outputs_per)

    @classmethod
    def of(cls, acting: Acting, shape: Sequence[int], outputs_per: str = "sample") -> Self:
        """Return the group that symmetries generate which are resolved already; see `on`."""
        return cls(acting.names, tuple(shape), acting.elements_per(outputs_per))

    @property
    def n_values(self) -> int:
        """Number of values of a sample."""
        return self.generators[0].points.size

    def elements(self, limits: Limits = IN_TORCH) -> tuple[Element, ...] | None:
        """Return all elements, the identity first; None if they are too many."""
        most = limits.most(self.n_values)
        return group_elements(self.generators, self.generators[0] ** 0, most)

    def members(self, count: int, seed: int) -> tuple[Element, ...]:
        """Return at most so many elements: the identity and random ones, or all of them."""
        if not isinstance(count, Integral) or int(count) < 1:
            raise SettingsError(f"members must be an integer of 1 or more; got {shown(count)}.")
        if count > MOST_MEMBERS:
            raise SettingsError(f"members must be at most {MOST_MEMBERS:,}; got {count:,}.")
        return members_of(self.generators, count, np.random.default_rng(seed))

    def orbit(self, method: str) -> Orbit | Sorting:
        """Return the whole group as tensors: its elements, or what sorts an orbit's samples.

        Args:
            method: as in `symmetrize`; only `canonical` sorts.

        Raises:
            SettingsError: the group is too large for the method.
        """
        elements = self.elements()
        if elements is not None:
            return Orbit(elements, self.shape)
        blocks = self.sorted_blocks() if method == "canonical" else None
        if blocks is None:
            raise self.too_large(method)
        return Sorting(blocks, self.shape)

    def sorted_blocks(self) -> SortedBlocks | None:
        """Return the structure by which an orbit's representative is sorted, if it has one.

        None, too, where outputs move: equal blocks would tie, and outputs would have to be averaged
        over too many elements.
        """
        if any(not one.outputs.is_identity for one in self.generators):
            return None
        return sorted_blocks([one.points for one in self.generators])

    def too_large(self, method: str, limits: Limits = IN_TORCH) -> SettingsError:
        """Return the error for a method that enumerates the group, with the remedy."""
        blocks = self.sorted_blocks()
        order = self._order() if blocks is None else blocks.order
        most = limits.most(self.n_values)
        if order is None:
            count = f"more than {most:,} elements"
        elif order <= limits.elements:
            count = f"{order:,} elements, which move {self.n_values:,} values each"
        else:
            count = f"{order:,} elements"
        sample = limits.option.format("sample")
        if method == "canonical" and limits.sorts:
            why = "and is not made of permutations of equal blocks and of sign changes that can be "
            why += f"sorted while outputs stay in place: use {sample}."
        else:
            canonical = f"{limits.option.format('canonical')} or " if limits.sorts else ""
            remedies = sample if blocks is None else f"{canonical}{sample}"
            name = limits.option.format(method)
            why = f"too many for {name} (at most {most:,}): use {remedies}."
        return SettingsError(f"The group of {listed(self.names)} has {count}, {why}")

    def _order(self) -> int | None:
        """Return the number of elements, where that takes no time."""
        if len(self.generators) == 1:
            return self.generators[0].order
        covers = [
            Permutation(
                np.concatenate([one.points.image, self.n_values + one.outputs.image]),
                np.concatenate([one.points.signs, one.outputs.signs]),
            ).double_cover()
            for one in self.generators
        ]
        if covers[0].size > _MOST_POINTS:
            return None
        # Here and not above: sympy takes long to load. It comes with torch.
        from sympy.combinatorics import Permutation as Cycles
        from sympy.combinatorics import PermutationGroup

        return int(PermutationGroup([Cycles(cover.image.tolist()) for cover in covers]).order())
