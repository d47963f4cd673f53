"""What a finished network takes, as far as it matters where samples are read for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class InputSpec:
    """What samples must have.

    Attributes:
        kind: of the domain. Default: by the number of axes, as in `read`.
        task: `classification` or `regression`. Default: by the labels.
        columns: of a table whose columns have names, those that the network reads, in its order.
        targets: of regression, names of the outputs.
        target, drop: what the search was told of its table (`read`); None where it was none.
        searched: fingerprint of the data and seed of the search that made the network.
        data: name or path of those data.
    """

    kind: str | None = None
    task: str | None = None
    columns: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    target: tuple[str, ...] | None = None
    drop: tuple[str, ...] | None = None
    searched: tuple[str, int] | None = None
    data: str | None = None
