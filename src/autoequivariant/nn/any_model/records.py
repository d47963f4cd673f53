"""What was measured of any model, as plain records that print as a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray

from autoequivariant.errors import printable, shortened
from autoequivariant.nn.claimed_symmetries import TOLERANCES

_LONGEST_NAME = 34


@dataclass(frozen=True, eq=False)
class Worst:
    """The sample with the largest deviation, in the finest precision that was measured.

    Attributes:
        index: its number among the samples.
        sample, moved_sample: `x` and `g.x`, shape `(channels, *domain.shape)`.
        output, moved_output: `f(x)` and `f(g.x)`, shape `(outputs,)`, or `(outputs,
            *domain.shape)` where outputs live on the domain.
        expected: `g.f(x)`, which `moved_output` would be if the model were equivariant.
    """

    index: int
    sample: NDArray[Any]
    moved_sample: NDArray[Any]
    output: NDArray[Any]
    moved_output: NDArray[Any]
    expected: NDArray[Any]


@dataclass(frozen=True, eq=False)
class MeasuredSymmetry:
    """The equivariance error of a model for one symmetry.

    Attributes:
        name: of the symmetry.
        float32, float64: `max |f(g.x) - g.f(x)| / spread of f(x)` over the samples, computed in
            this precision; None if the model does not compute in it.
        changed: share of samples whose predicted class is another for `g.x` than it should be; of
            outputs on the domain, the share of points. None for regression and for a single output.
        worst: the sample with the largest deviation.
    """

    name: str
    float32: float | None
    float64: float | None
    changed: float | None
    worst: Worst

    @property
    def error(self) -> float:
        """The error in the finest precision that was measured."""
        found = self.float32 if self.float64 is None else self.float64
        return float("inf") if found is None else found

    @property
    def holds(self) -> bool:
        """Whether every measured error is within what rounding explains (`TOLERANCES`)."""
        pairs = (self.float32, torch.float32), (self.float64, torch.float64)
        return all(error is None or error <= TOLERANCES[dtype] for error, dtype in pairs)


@dataclass(frozen=True, eq=False)
class EquivarianceErrors:
    """The equivariance errors of a model; printing them shows a table.

    Attributes:
        samples: number of samples.
        symmetries: what was measured, in the order of the symmetries.
    """

    samples: int
    symmetries: tuple[MeasuredSymmetry, ...]

    def __getitem__(self, name: str) -> MeasuredSymmetry:
        """Return what was measured of a symmetry, by its name."""
        for one in self.symmetries:
            if one.name == name:
                return one
        raise KeyError(name)

    def __iter__(self) -> Iterator[MeasuredSymmetry]:
        """Iterate over what was measured of each symmetry."""
        return iter(self.symmetries)

    @property
    def worst(self) -> str:
        """Name of the symmetry with the largest error."""
        return max(self.symmetries, key=lambda one: one.error).name

    @property
    def error(self) -> float:
        """The largest error."""
        return max(one.error for one in self.symmetries)

    @property
    def holds(self) -> bool:
        """Whether every symmetry holds, up to rounding."""
        return all(one.holds for one in self.symmetries)

    def __str__(self) -> str:
        """Return a table of at most 80 columns."""
        head = ("symmetry", "float32", "float64", "changed", "worst")
        rows = [head, *map(_cells, self.symmetries)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(
            "  ".join(
                cell.rjust(width) if number else cell.ljust(width)
                for number, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            for row in rows
        )

    __repr__ = __str__


def _cells(one: MeasuredSymmetry) -> tuple[str, ...]:
    errors = ("–" if error is None else f"{error:.1e}" for error in (one.float32, one.float64))
    changed = "–" if one.changed is None else f"{one.changed:.1%}"
    name = shortened(printable(one.name), _LONGEST_NAME)
    return (name, *errors, changed, str(one.worst.index))
