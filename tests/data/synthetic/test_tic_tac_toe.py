import numpy as np
import pytest

from autoequivariant.data.synthetic.tic_tac_toe import make_tic_tac_toe

ARRAYS = make_tic_tac_toe()
RESULT = {board.tobytes(): label for board, label in zip(ARRAYS.x, ARRAYS.y, strict=True)}


def counts(boards):
    labels, numbers = np.unique([RESULT[board.tobytes()] for board in boards], return_counts=True)
    return dict(zip(labels.tolist(), numbers.tolist(), strict=True))


def when_x_begins():
    difference = ARRAYS.x.sum((1, 2))
    is_full_or_won = difference == 1
    lost_by_x = (difference == 0) & (ARRAYS.y == "loss")
    return ARRAYS.x[is_full_or_won | lost_by_x]


def test_the_end_positions_of_the_published_set():
    assert counts(when_x_begins()) == {"win": 626, "loss": 316, "draw": 16}
    assert len(when_x_begins()) == 958


def test_all_end_positions():
    assert ARRAYS.x.shape == (1916, 3, 3)
    assert counts(ARRAYS.x) == {"win": 942, "loss": 942, "draw": 32}
    assert len(RESULT) == 1916
    assert set(np.unique(ARRAYS.x)) == {-1, 0, 1}
    other = {board.tobytes() for board in -when_x_begins()}
    assert other.isdisjoint(board.tobytes() for board in when_x_begins())


def line_by_line(board):
    lines = [*board, *board.T, np.diag(board), np.diag(board[:, ::-1])]
    sums = {int(line.sum()) for line in lines}
    return "win" if 3 in sums else "loss" if -3 in sums else "draw"


def test_labels_by_a_slow_twin():
    assert all(line_by_line(board) == RESULT[board.tobytes()] for board in ARRAYS.x)


MOVES = {
    "rot90": lambda x: np.rot90(x, axes=(1, 2)),
    "hflip": lambda x: x[..., ::-1],
    "vflip": lambda x: x[:, ::-1],
    "transpose": lambda x: x.swapaxes(1, 2),
}


@pytest.mark.parametrize("name", MOVES)
def test_turns_and_mirrors_change_no_label(name):
    moved = np.ascontiguousarray(MOVES[name](ARRAYS.x))
    assert [RESULT[board.tobytes()] for board in moved] == ARRAYS.y.tolist()


def test_negation_exchanges_win_and_loss():
    exchanged = {"win": "loss", "loss": "win", "draw": "draw"}
    negated = [RESULT[board.tobytes()] for board in -ARRAYS.x]
    assert negated == [exchanged[label] for label in ARRAYS.y]
    assert np.mean(negated == ARRAYS.y) < 0.02  # the control: negation alone


def test_shifts_are_no_symmetry():
    shifted = [line_by_line(board) for board in np.roll(ARRAYS.x, 1, axis=2)]
    assert np.mean(np.array(shifted) != ARRAYS.y) > 0.2
