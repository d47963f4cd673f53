"""A permutation in words: which go where, by name."""

from __future__ import annotations

from collections.abc import Sequence

from autoequivariant.groups.permutation import Permutation

MOST_CYCLES = 8


def cycles_of(action: Permutation, names: Sequence[str] = ()) -> tuple[str, ...]:
    """Return cycles such as `0 → 1 → 0`; `−` where a value changes its sign on the way.

    Args:
        action: what is said.
        names: of what it permutes. Default: numbers from 0 on.

    Returns:
        At most `MOST_CYCLES` cycles of at most as many steps, and how many more there are.
    """
    labels = names or [str(index) for index in range(action.size)]
    image, signs = action.image.tolist(), action.signs.tolist()
    found: list[str] = []
    seen, more = set[int](), 0
    for start in range(action.size):
        if start in seen or (image[start] == start and signs[start] > 0):
            continue
        steps, at = [labels[start]], start
        while True:
            seen.add(at)
            sign = "−" if signs[at] < 0 else ""
            at = image[at]
            steps.append(f"{sign}{labels[at]}")
            if at == start:
                break
        if len(found) == MOST_CYCLES:
            more += 1
        elif len(steps) > MOST_CYCLES + 1:
            found.append(" → ".join([*steps[: MOST_CYCLES + 1], "..."]))
        else:
            found.append(" → ".join(steps))
    return (*found, *([f"and {more} more cycles"] if more else []))
