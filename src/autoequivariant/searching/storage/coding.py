"""How columns of few whole numbers are read, as a run records it."""

from __future__ import annotations

from dataclasses import dataclass

from autoequivariant.training.families.mlp.kind import NUMBERS, ONE_HOT


@dataclass(frozen=True)
class CodingRecord:
    """A coding chosen by the validation score of the baseline.

    Attributes:
        columns: number of columns of few whole numbers that are coded with a unit for each value.
        numbers, one_hot: validation score of the baseline with each coding.
    """

    columns: int
    numbers: float
    one_hot: float

    @property
    def chosen(self) -> str:
        """The better coding; if they are equally good, numbers, which need fewer parameters."""
        return ONE_HOT if self.one_hot > self.numbers else NUMBERS
