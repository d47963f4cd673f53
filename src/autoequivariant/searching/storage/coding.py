"""How columns of few whole numbers are read, as a run records it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

from autoequivariant.training.families.mlp.kind import NUMBERS, ONE_HOT


@dataclass(frozen=True)
class CodingRecord:
    """A coding chosen by the validation score of the baseline.

    Attributes:
        chosen: the better coding; if both are equally good, numbers, which need fewer parameters.
        columns: number of columns of few whole numbers that are coded with a unit for each value.
        numbers, one_hot: validation score of the baseline with each coding.
    """

    chosen: Literal["numbers", "one-hot"]
    columns: int
    numbers: float
    one_hot: float

    @classmethod
    def of(cls, columns: int, numbers: float, one_hot: float) -> Self:
        """Return the choice between two scores."""
        return cls(ONE_HOT if one_hot > numbers else NUMBERS, columns, numbers, one_hot)
