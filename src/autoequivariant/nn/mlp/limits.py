"""How large an MLP a small file may describe: making it takes memory before sharing saves any."""

from __future__ import annotations

from collections.abc import Sequence

from autoequivariant.errors import ModelError

MOST_MEMORY = 5 * 2**28
"""Bytes that making a network may take, however small its file is: enough for images of 64x64 with
hidden layers of the same shape and two channels.
"""
MOST_GROWTH = 32
"""A network may take this many times the bytes of its weights: one without symmetries takes 4
times, one with all symmetries of a square about 32 times.
"""
# Bytes, measured: for each entry of a weight matrix before sharing; for each (output, input) pair
# whose orbit is looked for, and more where signs change; for each index that a candidate moves.
_PER_ENTRY, _PER_PAIR, _PER_SIGNED_PAIR, _PER_MOVE = 10, 4, 36, 32


def check_memory(
    moves: int,
    matrices: Sequence[tuple[int, int]] = (),
    points: Sequence[int] = (),
    is_signed: bool = False,
    held: int = 0,
) -> None:
    """Refuse a network that would take too much memory.

    Args:
        moves: number of candidates times indices of all domains.
        matrices: rows and columns of each weight matrix before sharing.
        points: indices of each domain whose orbits are looked for, input first.
        is_signed: whether candidates change signs of the input.
        held: bytes of all weights in the file.

    Raises:
        ModelError: says how much memory it would take.
    """
    entries = sum(rows * columns for rows, columns in matrices)
    pairs = [a * b for a, b in zip(points, points[1:], strict=False)]
    needed = _PER_ENTRY * entries + _PER_MOVE * moves
    if pairs:
        needed += _PER_PAIR * max(pairs) + _PER_SIGNED_PAIR * pairs[0] * is_signed
    most = max(MOST_MEMORY, MOST_GROWTH * held)
    if needed > most:
        raise ModelError(
            f"its {entries:,} entries before sharing and {moves:,} moved indices would take "
            f"{needed // 2**20:,} MiB of memory, more than the {most // 2**20:,} MiB that "
            f"{held:,} bytes of weights may take"
        )
