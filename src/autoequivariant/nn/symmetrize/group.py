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

MOST_ELEMENTS = 4096
"""Elements of a group that is enumerated, at most."""
MOST_MEMBERS = 2**16
"""Elements that are drawn of a group, at most."""
_MOST_VALUES = 2**26  # of the tables of an enumerated group: elements times values of a sample
_MOST_POINTS = 200  # of a group whose order is computed for an error message


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
        return cls(acting.names, tuple(shape), acting.elements_per(outputs_per))

    @property
    def n_values(self) -> int:
        """Number of values of a sample."""
        return self.generators[0].points.size

    def elements(self) -> tuple[Element, ...] | None:
        """Return all elements, the identity first; None if they are too many."""
        most = max(1, min(MOST_ELEMENTS, _MOST_VALUES // self.n_values))
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

    def too_large(self, method: str) -> SettingsError:
        """Return the error for a method that enumerates the group, with the remedy."""
        blocks = self.sorted_blocks()
        order = self._order() if blocks is None else blocks.order
        if order is not None and order <= MOST_ELEMENTS:
            count = f"{order:,} elements, which move {self.n_values:,} values each"
        else:
            count = f"more than {MOST_ELEMENTS:,} elements" if order is None else f"{order:,}"
            count += "" if order is None else " elements"
        names = listed(self.names)
        if method == "canonical":
            why = "and is not made of permutations of equal blocks and of sign changes that can be "
            why += "sorted while outputs stay in place: use method='sample'."
        else:
            remedies = "method='sample'" if blocks is None else "method='canonical' or 'sample'"
            why = f"too many for method={method!r} (at most {MOST_ELEMENTS:,}): use {remedies}."
        return SettingsError(f"The group of {names} has {count}, {why}")

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
