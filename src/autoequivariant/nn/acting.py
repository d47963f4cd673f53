"""How symmetries act on the samples and outputs of a model about which nothing else is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from autoequivariant.candidates.given import candidates_from
from autoequivariant.data.layout import arrange
from autoequivariant.errors import SettingsError, SymmetryError, listed
from autoequivariant.groups.custom.definition import Candidate, DataSpec, resolve
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.element import Element, element_of
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry

OUTPUTS_PER = ("sample", "position", "value")
"""What an output may belong to: a sample; a position, as in segmentation, where it moves with the
positions of the sample; or a value, as in denoising, where outputs move as the sample does.
"""
SAMPLES = "the samples"
"""What error messages call them."""


@dataclass(frozen=True)
class Acting:
    """Symmetries of samples of one shape.

    Attributes:
        domain: of the samples.
        channels: of the samples.
        outputs: names of classes or of targets.
        symmetries: resolved on the samples.
        elements: how each acts, on the values of a sample (flattened, channels first) and outputs.
    """

    domain: Domain
    channels: int
    outputs: tuple[str, ...]
    symmetries: tuple[Symmetry, ...]
    elements: tuple[Element, ...]

    @classmethod
    def on(
        cls,
        symmetries: Any,
        shape: Sequence[int],
        outputs: int | Sequence[str],
        *,
        kind: str | None = None,
        columns: Sequence[str] = (),
        has_classes: bool = True,
    ) -> Self:
        """Return how symmetries act.

        Args:
            symmetries: a text such as `rot90,hflip`, a ready list such as `square`, the path of a
                YAML file, a symmetry, a mapping, or several of these.
            shape: of a sample: `(*domain.shape)` or `(channels, *domain.shape)`, channels first.
            outputs: names of classes or targets, or how many there are; then they are called 0, 1
                and so on.
            kind: as in `arrange`. Default: by the number of axes, three being images with channels.
            columns: names of the columns of a table.
            has_classes: whether outputs are classes, which have no sign to change.

        Raises:
            AutoequivariantError: names the symmetry that does not fit, or the shape.
        """
        candidates = some_candidates(symmetries)
        if min(shape, default=0) < 1:
            raise SettingsError(f"A sample needs at least one value; its shape is {tuple(shape)}.")
        named = map(str, range(outputs)) if isinstance(outputs, int) else outputs
        one = np.zeros((1, *shape), np.bool_)
        domain, arranged = arrange(one, kind, SAMPLES, channels_first=True)
        channels, names = arranged.shape[1], tuple(named)
        if columns and len(shape) == 1 and len(columns) != shape[0]:
            raise SettingsError(
                f"columns has {len(columns)} names, but a sample has {shape[0]} values: name each."
            )
        spec = DataSpec(domain, tuple(columns), channels, names, has_classes)
        resolved = resolve(candidates, spec)
        check_whole(resolved)
        elements = (element_of(one, domain, channels, len(names)) for one in resolved)
        return cls(domain, channels, names, resolved, tuple(elements))

    @property
    def names(self) -> tuple[str, ...]:
        """What the symmetries are called."""
        return tuple(map(str, self.symmetries))

    def elements_per(self, outputs_per: str) -> tuple[Element, ...]:
        """Return how each symmetry acts on the values of a sample and on all outputs, flattened.

        Args:
            outputs_per: one of `OUTPUTS_PER`; for positions, `outputs` are those of each.

        Raises:
            SettingsError: outputs belong to values, and a symmetry says how they move.
        """
        if outputs_per == "sample":
            return self.elements
        if outputs_per == "position":  # whose outputs have no sign to change
            positions = (Permutation(one.action(self.domain).image) for one in self.symmetries)
            return tuple(
                Element(one.points, Permutation.kron(one.outputs, position))
                for one, position in zip(self.elements, positions, strict=True)
            )
        pairs = zip(self.names, self.elements, strict=True)
        moving = [name for name, one in pairs if not one.outputs.is_identity]
        if moving:
            raise SettingsError(
                f"With outputs_per='value', outputs move as the input does: leave outputs: out of "
                f"{listed(moving)}."
            )
        return tuple(Element(one.points, one.points) for one in self.elements)


def some_candidates(symmetries: Any) -> tuple[Candidate, ...]:
    """Return the symmetries that `Acting.on` is given, read but not resolved.

    Raises:
        AutoequivariantError: there is none, or one is unknown or malformed; names it.
    """
    candidates = candidates_from(symmetries)
    if not candidates:
        raise SymmetryError("Name at least one symmetry, as in rot90,hflip.")
    check_whole(one for one in candidates if isinstance(one, Symmetry))
    return candidates


def check_whole(symmetries: Iterable[Symmetry]) -> None:
    """Raise `SymmetryError` for a partial symmetry, which says nothing of a model's outputs."""
    for one in symmetries:
        if one.level is not None:
            raise SymmetryError(
                f"{one} is a partial symmetry, of some layers of a CNN, which says nothing of a "
                f"model's outputs: write {one.whole}, or leave it out."
            )
