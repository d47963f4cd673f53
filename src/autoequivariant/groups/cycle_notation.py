"""Permutations in cycle notation, by name."""

from __future__ import annotations

from collections.abc import Sequence

from autoequivariant.groups.permutation import Permutation

MAX_CYCLES = 8


def cycles_of(action: Permutation, names: Sequence[str] = ()) -> tuple[str, ...]:
    """Return cycles such as `0 → 1 → 0`; a `−` marks a step that changes the sign.

    Args:
        action: the permutation.
        names: of the permuted indices. Default: their numbers.

    Returns:
        At most `MAX_CYCLES` cycles of at most as many steps, then the number of further cycles.
    """
    labels = names or [str(index) for index in range(action.size)]
    image, signs = action.image.tolist(), action.signs.tolist()
    cycles: list[str] = []
    seen = set[int]()
    for start in range(action.size):
        if start in seen or (image[start] == start and signs[start] > 0):
            continue
        steps, at = [labels[start]], start
        while at not in seen:
            seen.add(at)
            sign = "−" if signs[at] < 0 else ""
            at = image[at]
            steps.append(f"{sign}{labels[at]}")
        if len(steps) > MAX_CYCLES + 1:
            steps[MAX_CYCLES + 1 :] = ["..."]
        cycles.append(" → ".join(steps))
    more = len(cycles) - MAX_CYCLES
    return (*cycles[:MAX_CYCLES], *([f"and {more} more cycles"] if more > 0 else []))
