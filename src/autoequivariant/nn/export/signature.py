"""Names of the inputs and outputs of an exported network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Signature:
    """Names.

    Attributes:
        classes: of the classes; none of regression.
        targets: of regression, of the targets.
        columns: of a table, of its columns, where they have names.
    """

    classes: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    @property
    def outputs(self) -> str:
        """What the outputs are called."""
        return "targets" if self.targets else "logits"

    @property
    def known(self) -> Mapping[str, tuple[str, ...]]:
        """Names that are known, by what they name."""
        every = {"classes": self.classes, "targets": self.targets, "columns": self.columns}
        return {what: names for what, names in every.items() if names}
