"""What the symmetries of a data set act on."""

from __future__ import annotations

from autoequivariant.data import Samples, alike_columns
from autoequivariant.groups import Acted, Features


def acted_on(samples: Samples) -> Acted:
    """Return what symmetries of these samples act on."""
    return Acted(
        samples.domain,
        samples.columns,
        samples.channels,
        samples.classes or samples.targets,
        bool(samples.classes),
        alike_columns(samples.x) if isinstance(samples.domain, Features) else None,
    )
