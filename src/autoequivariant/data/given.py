"""Samples that are given to a finished network: labelled or not, and a part of them or all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.arrays import as_numbers
from autoequivariant.data.labels import label_names
from autoequivariant.data.layout import arrange
from autoequivariant.data.npz import read_bare_npz, read_npy
from autoequivariant.data.samples import Samples
from autoequivariant.data.sources import read
from autoequivariant.data.split import hold_out
from autoequivariant.errors import DataError, SettingsError
from autoequivariant.groups import Domain

PARTS = ("train", "test", "all")


@dataclass(frozen=True, eq=False)
class Given:
    """Samples, and their labels where they have some.

    Attributes:
        name: of the data.
        part: `train`, `test` or `all`.
        domain: what they lie on.
        x: shape `(n, channels, *domain.shape)`, uint8 or float32.
        rows: the number of each sample in its part of the source, counted from 0; with `all`, test
            goes on where train ends.
        labels: names of their classes, shape `(n,)`; None where there are none.
    """

    name: str
    part: str
    domain: Domain
    x: NDArray[Any]
    rows: NDArray[np.int64]
    labels: NDArray[np.str_] | None

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.x)


def read_given(
    data: str,
    part: str | None = None,
    kind: str | None = None,
    source: Path | None = None,
    searched: tuple[str, int] | None = None,
) -> Given:
    """Read samples for a finished network.

    Args:
        data: whatever `read` reads; an `.npz` with `x`, and `y` if there are labels; or an `.npy`.
        part: `train`, `test` or `all`. Default: test if there is one, else all.
        kind: of the domain. Default: as in `read`.
        source: as in `read`.
        searched: fingerprint of the data and seed of the search that made the network. Where these
            are the same data and have no test set, the fifth that the search held out is test.

    Raises:
        DataError: there is no such data, or it cannot be read or used.
        SettingsError: there is no such part, or `kind` or `source` do not fit the data.
    """
    if part is not None and part not in PARTS:
        raise SettingsError(f"--part knows {', '.join(PARTS)}, not {part!r}.")
    bare = None if source is not None else _bare(Path(data))
    if bare is None:
        return _part_of(read(data, kind, source), part, searched)
    if part in ("train", "test"):
        raise SettingsError(f"{data} has no parts: leave --part {part} out.")
    values, labels = bare
    domain, x = arrange(as_numbers(values, "given", data), kind, data)
    names = None if labels is None else label_names(labels, data)
    if names is not None and len(names) != len(x):
        raise DataError(f"{data} has {len(x)} samples but {len(names)} labels: give one for each.")
    return Given(data, "all", domain, x, np.arange(len(x)), names)


def _bare(path: Path) -> tuple[NDArray[Any], NDArray[Any] | None] | None:
    try:
        if path.suffix.lower() == ".npy" and path.is_file():
            return read_npy(path), None
        if path.suffix.lower() == ".npz" and path.is_file():
            return read_bare_npz(path)
    except OSError as error:
        raise DataError(
            f"{path} cannot be read ({error.strerror or error}): check the path and its "
            "permissions."
        ) from error
    except MemoryError:
        raise DataError(f"{path} does not fit into memory: give a smaller data set.") from None
    return None


def _part_of(samples: Samples, part: str | None, searched: tuple[str, int] | None) -> Given:
    x, y, x_test, y_test = samples.x, samples.y, samples.x_test, samples.y_test
    train = np.arange(len(x))
    if x_test is not None and y_test is not None:
        test = np.arange(len(x_test))
    elif searched is not None and searched[0] == samples.fingerprint():
        order, held_out = hold_out(y, searched[1])
        train, test = np.sort(order), np.sort(held_out)
        x_test, y_test = x, y
    elif part == "test":
        raise SettingsError(
            f"{samples.name} has no test set of its own: give --part all, or leave --part out."
        )
    else:
        part = part or "all"
    part = part or "test"
    if part == "test" and x_test is not None and y_test is not None:
        return _given(samples, part, x_test[test], y_test[test], test)
    if part == "train" or samples.x_test is None or samples.y_test is None:
        rows = train if part == "train" else np.arange(len(x))
        return _given(samples, part, x[rows], y[rows], rows)
    every_x = np.concatenate([x, samples.x_test])
    every_y = np.concatenate([y, samples.y_test])
    return _given(samples, part, every_x, every_y, np.arange(len(every_x)))


def _given(
    samples: Samples,
    part: str,
    x: NDArray[Any],
    y: NDArray[np.int64],
    rows: NDArray[np.int64],
) -> Given:
    names = np.array(samples.classes)[y]
    return Given(samples.name, part, samples.domain, x, rows, names)
