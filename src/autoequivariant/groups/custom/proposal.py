"""Candidates that nobody listed, and why they are tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from autoequivariant.groups.custom.definition import Candidate


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
    source: Literal["names", "data"]
    reason: str
    saw_labels: bool = False
