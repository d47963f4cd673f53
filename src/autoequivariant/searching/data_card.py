"""What a search records of its data set instead of the samples."""

from __future__ import annotations

from dataclasses import dataclass

from autoequivariant.data.split import DataSet
from autoequivariant.groups.domain import Domain


@dataclass(frozen=True)
class DataCard:
    """A data set without its samples.

    Attributes:
        name: short name of the data set.
        domain: what the symmetries act on.
        channels: number of values at each index of the domain.
        classes: names of the classes; empty for regression.
        targets: names of the targets; empty for classification.
        columns: names of the domain's indices, if they have any.
        train_size, validation_size, test_size: numbers of samples.
        fingerprint: SHA-256 of the samples before splitting and planting.
    """

    name: str
    domain: Domain
    channels: int
    classes: tuple[str, ...]
    targets: tuple[str, ...]
    columns: tuple[str, ...]
    train_size: int
    validation_size: int
    test_size: int
    fingerprint: str

    @classmethod
    def of(cls, data: DataSet) -> DataCard:
        """Return the card of a data set."""
        return cls(
            data.name,
            data.domain,
            data.channels,
            data.classes,
            data.targets,
            data.columns,
            len(data.train),
            len(data.validation),
            len(data.test),
            data.fingerprint,
        )

    @property
    def task(self) -> str:
        """`classification` or `regression`."""
        return "regression" if self.targets else "classification"
