"""What a trained model expects of its input, and the input before it is arranged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autoequivariant.data.labels import label_names
from autoequivariant.data.targets import target_rows
from autoequivariant.data.task import usual_task
from autoequivariant.groups.symmetry import Symmetry


@dataclass(frozen=True)
class InputSpec:
    """What a trained model expects of its input; the defaults say that nothing is known.

    Attributes:
        kind: of the domain. Default: by the number of axes, as in `read`.
        task: `classification` or `regression`. Default: by the labels.
        columns: names of the columns that the model reads, in its order; empty if they have none.
        categories: alphabets of those columns; empty if all are numbers.
        targets: names of the outputs of regression.
        target, drop: the options of the search that made the model (`read`); None without a table.
        searched: fingerprint of the data, and seed, of that search.
        related: symmetries whose moved copies that search kept in one part.
        looked_at: whether that search looked at labels for candidates (`data.copies.looked_at`).
        data: name or path of those data.
        any_labels: whether labels are read by their own task, for a model that has not said its own
            task and targets.
    """

    kind: str | None = None
    task: str | None = None
    columns: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    categories: tuple[tuple[str, ...], ...] = ()
    target: tuple[str, ...] | None = None
    drop: tuple[str, ...] | None = None
    searched: tuple[str, int] | None = None
    related: tuple[Symmetry, ...] = ()
    looked_at: bool = False
    data: str | None = None
    any_labels: bool = False

    def labels(self, values: ArrayLike, origin: str) -> NDArray[Any]:
        """Return labels as names of classes, shape `(n,)`, or as float32 targets, `(n, m)`.

        Raises:
            DataError: the values are not of that kind.
        """
        task, targets = self.task, self.targets
        if self.any_labels:
            task = task or usual_task(values, None, origin)
            sides = np.shape(values)
            targets = tuple(map(str, range(sides[1] if len(sides) > 1 else 1)))
        if task == "regression":
            return target_rows(values, targets, "input", origin)
        return label_names(values, origin)


@dataclass(frozen=True, eq=False)
class RawInput:
    """Samples for a trained model, as a source returns them.

    Attributes:
        x: samples, the sample axis first.
        labels: as `InputSpec.labels` returns them; None if there are none.
        unlabelled: why there are no labels, and what to do, where there is more to say.
        ignored: columns of a table that the model does not read.
        columns: names of the columns of a table that were read; empty for anything else.
        categories: of those columns, as in `data.arrays.Arrays`.
    """

    x: ArrayLike
    labels: NDArray[Any] | None = None
    unlabelled: str = ""
    ignored: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    categories: tuple[tuple[str, ...], ...] = ()
