"""Seeds derived from other numbers."""

from __future__ import annotations

import numpy as np


def mixed_seed(*numbers: int) -> int:
    """Return a 32-bit seed that depends on all of these non-negative integers."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])
