"""What the symmetries of a data set act on."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from autoequivariant.data.layout import are_symmetric
from autoequivariant.data.samples import Samples
from autoequivariant.data.tables.few_values import few_values
from autoequivariant.groups.custom.definition import DataSpec
from autoequivariant.groups.domain import Features, Pairs, Sequence
from autoequivariant.nn.mlp.knots import knots_of


def data_spec(samples: Samples) -> DataSpec:
    """Return what symmetries of these samples act on."""
    is_table = isinstance(samples.domain, Features)
    is_pairs = isinstance(samples.domain, Pairs)
    return DataSpec(
        samples.domain,
        samples.columns,
        samples.channels,
        samples.classes or samples.targets,
        bool(samples.classes),
        is_one_hot=isinstance(samples.domain, Sequence) and _is_one_hot(samples.x),
        categories=samples.categories,
        few_values=few_values(samples.x, samples.categories) if is_table else (),
        is_symmetric=is_pairs and are_symmetric(samples.x),
        knots=knots_of(samples.x) if is_pairs else (),
    )


def _is_one_hot(x: NDArray[Any]) -> bool:
    """Whether one channel is 1 at each place and the others 0; samples `(n, channels, length)`."""
    return bool(((x == 0) | (x == 1)).all() and (x.sum(axis=1) == 1).all())
