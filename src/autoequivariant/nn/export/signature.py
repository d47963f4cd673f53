"""Names of the inputs and outputs of an exported network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Names = tuple[str, ...] | tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Signature:
    """Names.

    Attributes:
        classes: of the classes; none of regression.
        targets: of regression, of the targets.
        columns: of a table, of its columns, where they have names.
        categories: of a table, the values that each column holds codes of; none for a column of
            numbers. Empty where all are numbers.
    """

    classes: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    categories: tuple[tuple[str, ...], ...] = ()

    @property
    def outputs(self) -> str:
        """What the outputs are called."""
        return "targets" if self.targets else "logits"

    @property
    def known(self) -> Mapping[str, Names]:
        """Names that are known, by what they name."""
        every: dict[str, Names] = {
            "classes": self.classes,
            "targets": self.targets,
            "columns": self.columns,
            "categories": self.categories,
        }
        return {what: names for what, names in every.items() if names}
