"""How a network was trained at the end, as a run records it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

Count = Annotated[int, Meta(ge=0, le=2**53)]


@dataclass(frozen=True)
class FitRecord:
    """How the chosen network and the baseline were trained at the end.

    Attributes:
        kind: `none`, `quick` or `full` (`SearchSettings.fit`).
        samples: number of training samples.
        epochs, baseline_epochs: passes over them; with a time limit, at most as many.
        width, baseline_width: see `Family.width_name`; None in older files, for the search's.
        weight_decay, baseline_weight_decay: of MLPs, as in `Training`; None for others.
        size, fit_time: as in `SearchSettings`; the time only with `full`.
        tried: number of other trainings of the chosen network that were tried.
        share: of the training steps of both, the smaller part that a time limit allowed.
    """

    kind: str
    samples: Count
    epochs: Count
    baseline_epochs: Count
    width: Count | None = None
    baseline_width: Count | None = None
    weight_decay: float | None = None
    baseline_weight_decay: float | None = None
    size: float | None = None
    fit_time: float | None = None
    tried: int = 0
    share: float = 1.0
