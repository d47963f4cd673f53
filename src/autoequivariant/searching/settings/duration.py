"""Durations as written on the command line."""

from __future__ import annotations

import math
import re

from autoequivariant.errors import SettingsError, shown


def parse_duration(text: str, option: str = "--timeout") -> float:
    """Parse `90`, `90s`, `10m`, `1.5h` or `1h30m` into seconds; messages name the option.

    Raises:
        SettingsError: the text has none of these forms, or the duration is not positive and finite.
    """
    parts = re.fullmatch(r"(?:([0-9.]+)h)?(?:([0-9.]+)m)?(?:([0-9.]+)s?)?", text.strip())
    try:
        hours, minutes, seconds = (
            (float(part or 0) for part in parts.groups()) if parts else (0, 0, 0)
        )
    except ValueError:  # such as 1..5
        hours = minutes = seconds = 0.0
    total = 3600 * hours + 60 * minutes + seconds
    if not 0 < total < math.inf:
        raise SettingsError(
            f"{option} must be a time of more than 0, such as 90s, 10m or 1h30m; got {shown(text)}."
        )
    return total
