"""Whole numbers in untrusted text."""

from __future__ import annotations

import re

MOST_DIGITS = 18
"""More digits than any index, step or width has, and few enough for 64 bits."""

_DIGITS = re.compile(f"[0-9]{{1,{MOST_DIGITS}}}")


def whole_number(text: str) -> int | None:
    """Return the number that 1 to 18 of the digits 0 to 9 denote; None for any other text."""
    return int(text) if _DIGITS.fullmatch(text) else None
