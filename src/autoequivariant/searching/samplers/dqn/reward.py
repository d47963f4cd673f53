"""Rewards, and the schedule of random steps."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

_MODELS = (0, 200, 300, 400, 500, 600, 700, 800, 900, 950, 1000, 1200)
_LEVELS = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.01)
PAPER_EPSILON = tuple(zip(_MODELS, _LEVELS, strict=True))
"""(Models trained, epsilon from then on), as in the paper's code, for at most 1,000 models."""
EPSILON = tuple((models // 40, epsilon) for models, epsilon in PAPER_EPSILON)
"""The paper's levels, forty times as fast. Unlike the paper: only 216 of its 4,096 states are
distinct networks, and most would be trained before epsilon first falls.
"""

LARGEST = float(np.finfo(np.float32).max)
"""The largest float32, which the Q-network computes with."""


def epsilon_after(models: int, schedule: Sequence[tuple[int, float]] = EPSILON) -> float:
    """Return the probability of a random step after so many models are trained."""
    return [epsilon for needed, epsilon in schedule if needed <= models][-1]


def paper_reward(difference: float) -> float:
    """Return the paper's reward `d exp(|d|)` for a score `d` points above the base state's.

    It is clipped to float32, which it exceeds from 84 points on.
    """
    size = abs(difference)
    return math.copysign(min(size * math.exp(min(size, 100.0)), LARGEST), difference)


def stable_reward(difference: float) -> float:
    """Return the paper's reward on a logarithmic scale: `sign(d) log(1 + |d| exp(|d|))`.

    It keeps sign and order, is about `d` near 0 and `|d| + log |d|` far from it. So it does not
    overflow, and a network can learn it.
    """
    size = abs(difference)
    if size == 0:
        return 0.0
    exponent = min(size + math.log(size), LARGEST)
    grown = max(exponent, 0.0) + math.log1p(math.exp(-abs(exponent)))
    return math.copysign(grown, difference)


REWARDS = {"stable": stable_reward, "paper": paper_reward}
