"""A candidate that nobody listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from autoequivariant.groups.custom.definition import Candidate, DataSpec
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry

Origin = Literal["names", "data"]


@dataclass(frozen=True)
class Proposal:
    """A candidate that nobody listed, and why it is tried.

    Attributes:
        candidate: named or custom.
        source: `names` if it follows from names and shapes, `data` if from the samples.
        reason: a clause without a capital or a full stop, of at most 100 characters.
        saw_labels: whether labels led to it, so that it has to be tested on other samples.
    """

    candidate: Candidate
    source: Origin
    reason: str
    saw_labels: bool = False


def with_proposed(listed: tuple[Symmetry, ...], spec: DataSpec) -> tuple[Symmetry, ...]:
    """Return listed candidates and those proposed ones with another action and another name."""
    actions = {action_key(one, spec) for one in listed}
    names = {str(one) for one in listed}
    return (
        *listed,
        *(
            one
            for one in spec.proposed or ()
            if action_key(one, spec) not in actions and str(one) not in names
        ),
    )


def action_key(symmetry: Symmetry, spec: DataSpec) -> tuple[bytes, ...]:
    """Return what symmetries have in common that act alike on samples and outputs.

    Raises:
        SymmetryError: it is not defined on them.
    """
    parts = (
        symmetry.action(spec.domain),
        symmetry.channel_action(spec.channels) or Permutation.identity(spec.channels),
        symmetry.output_action(len(spec.outputs)) or Permutation.identity(len(spec.outputs)),
    )
    return tuple(part.image.tobytes() + part.signs.tobytes() for part in parts)
