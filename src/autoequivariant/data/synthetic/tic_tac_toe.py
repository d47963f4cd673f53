"""All end positions of tic-tac-toe, whoever begins.

When X begins there are 958: 626 that X has won, 316 that O has won and 16 draws, as in "Tic-Tac-Toe
Endgame" (UCI). When O begins there are as many, with the players exchanged; the two sets are
disjoint.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.arrays import Arrays

_LINES = (
    *((0, 1, 2), (3, 4, 5), (6, 7, 8)),
    *((0, 3, 6), (1, 4, 7), (2, 5, 8)),
    *((0, 4, 8), (2, 4, 6)),
)


def make_tic_tac_toe() -> Arrays:
    """Return the 1,916 end positions, shape `(n, 3, 3)`: X is 1, O is -1, an empty square is 0.

    The label is the result for X: `win` (942 positions), `loss` (942) or `draw` (32).
    """
    when_x_begins = np.array(sorted(_ends((0,) * 9, 1)), np.int8)
    boards = np.concatenate([when_x_begins, -when_x_begins])
    return Arrays(boards.reshape(-1, 3, 3), _results(boards))


def _ends(board: tuple[int, ...], player: int) -> set[tuple[int, ...]]:
    """Return the end positions of all games that continue from `board`, `player` to move."""
    reached = {board}
    ends: set[tuple[int, ...]] = set()
    while reached:
        following: set[tuple[int, ...]] = set()
        for position in reached:
            for square in range(9):
                if not position[square]:
                    after = (*position[:square], player, *position[square + 1 :])
                    (ends if _is_end(after) else following).add(after)
        reached, player = following, -player
    return ends


def _is_end(board: tuple[int, ...]) -> bool:
    return 0 not in board or any(abs(sum(board[k] for k in line)) == 3 for line in _LINES)


def _results(boards: NDArray[np.int8]) -> NDArray[np.str_]:
    sums = boards[:, _LINES].sum(axis=2)
    won, lost = (sums == 3).any(axis=1), (sums == -3).any(axis=1)
    return np.where(won, "win", np.where(lost, "loss", "draw"))
