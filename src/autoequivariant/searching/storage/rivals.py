"""Rivals of the chosen network in `results.json`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

RIVALS_FROM = 10_000_000
"""Evaluations of rivals are replicates from this number on, and have no losses."""
_Count = Annotated[int, Meta(ge=0, le=2**53)]


@dataclass(frozen=True)
class RivalRecord:
    """The chosen network, or what it is compared with, on test.

    Attributes:
        name: what it is, as in `searching/fit/rivals.py`.
        score: score on test.
        interval: its 95% interval.
        ahead: mean paired difference, how far the chosen network is ahead on test.
        ahead_interval: its 95% interval.
        n_parameters: number of trainable parameters; None if it is no network.
        epochs: passes over the training samples; None if it is no network.
        seconds: to train and to score it.
        samples: number of samples that it was scored on.
        balanced_accuracy: mean recall over the classes that occur in test; None for regression and
            in older files.
    """

    name: str
    score: float
    interval: tuple[float, float]
    ahead: float
    ahead_interval: tuple[float, float]
    n_parameters: _Count | None
    epochs: _Count | None
    seconds: float
    samples: _Count
    balanced_accuracy: float | None = None
