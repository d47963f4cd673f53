"""Names of symmetries; chains of column swaps are written as one exchange."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Not if a name is cut: another may be cut to the same text.
_SWAP = re.compile(r"(?!.*\.\.\.)swap (?P<first>[^<>;]+) <-> (?P<second>[^<>;]+)")
_NUMBERED = re.compile(r"swap:(?P<first>\d+)-(?P<second>\d+)")
_PARTIAL = re.compile(r"(?P<whole>.+)@(?P<level>\d{1,18})")
_FEWEST_CHAINED = 3
_FEWEST_IN_A_ROW = 4


def shortened(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names with connected swaps, such as `swap a <-> b` and `swap b <-> c`, as one:
    `exchange of a, b, c`.

    Connected swaps generate every permutation of their columns, so the group is the same.

    Args:
        names: of symmetries; swaps as `swap a <-> b` or `swap:0-1`.
    """
    found: dict[tuple[str, str], list[str]] = {}  # a group by each of its columns
    for name in names:
        pair = _columns(name)
        if pair is None:
            continue
        kind, *columns = pair
        first, second = (found.get((kind, c), [c]) for c in columns)
        group = first if first is second else [*first, *second]
        found |= {(kind, column): group for column in group}
    done: dict[str, None] = {}
    for name in names:
        pair = _columns(name)
        group = [] if pair is None else found[pair[0], pair[1]]
        is_chain = pair is not None and len(group) >= _FEWEST_CHAINED
        done[_exchange(pair[0], group) if pair is not None and is_chain else in_words(name)] = None
    return tuple(done)


def in_words(name: str) -> str:
    """Write the level of a partial symmetry, as in `rot90@2`, in words."""
    found = _PARTIAL.fullmatch(name)
    return name if found is None else f"{found['whole']} up to level {found['level']}"


def strongest(names: Sequence[str]) -> tuple[str, ...]:
    """Leave out partial symmetries that follow from the same one of all or of more layers."""
    found = [_PARTIAL.fullmatch(name) for name in names]
    last: dict[str, int] = {}
    for one in found:
        if one is not None:
            last[one["whole"]] = max(int(one["level"]), last.get(one["whole"], 0))
    return tuple(
        name
        for name, one in zip(names, found, strict=True)
        if one is None or (one["whole"] not in names and int(one["level"]) == last[one["whole"]])
    )


def listed(names: Sequence[str]) -> str:
    """Write names of symmetries as a list, shortened."""
    short = shortened(names)
    apart = "; " if any(", " in name for name in short) else ", "
    return apart.join(short)


def _columns(name: str) -> tuple[str, str, str] | None:
    for kind, form in (("", _SWAP), ("columns ", _NUMBERED)):
        found = form.fullmatch(name)
        if found:
            return kind, found["first"], found["second"]
    return None


def _exchange(kind: str, columns: Sequence[str]) -> str:
    ordered = sorted(columns, key=_natural)
    parts = [re.fullmatch(r"(.*?)(\d{1,9})", column) for column in ordered]
    known = [part for part in parts if part is not None]
    numbers = [int(part[2]) for part in known]
    is_row = (
        len(known) == len(ordered) >= _FEWEST_IN_A_ROW
        and len({part[1] for part in known}) == 1
        and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    )
    text = f"{ordered[0]} to {ordered[-1]}" if is_row else ", ".join(ordered)
    return f"exchange of {kind}{text}"


def _natural(column: str) -> tuple[tuple[str, int], ...]:
    """A sort key that puts x10 after x9."""
    return tuple((text, int(number or 0)) for text, number in re.findall(r"(\D*)(\d*)", column))
