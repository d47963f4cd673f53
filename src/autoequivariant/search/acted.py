"""What the symmetries of a data set act on."""

from __future__ import annotations

from autoequivariant.data import Samples
from autoequivariant.groups import Acted


def acted_on(samples: Samples) -> Acted:
    """Return what symmetries of these samples act on."""
    return Acted(
        samples.domain,
        samples.columns,
        samples.channels,
        samples.classes or samples.targets,
        bool(samples.classes),
    )
