"""What candidates do to a sample: the action itself, whatever the kind of data."""

from pathlib import Path

import numpy as np
import pytest

from autoequivariant.groups import parse_symmetries
from autoequivariant.report.findings.moves import moves_of
from autoequivariant.search import SearchSettings, make_problem

KINDS = [
    ((6, 6), None, "hflip,negate", "picture", 1),
    ((6, 6, 6), None, "flip_x", "slices", 3),
    ((12,), "sequence", "reverse", "lines", 1),
    ((4,), "features", "swap:0-1", "columns", 0),
]


@pytest.mark.parametrize(("shape", "kind", "names", "shown", "count"), KINDS)
def test_each_kind_of_data(
    tmp_path: Path, shape: tuple[int, ...], kind: str | None, names: str, shown: str, count: int
) -> None:
    x = np.random.default_rng(0).normal(size=(60, *shape)).astype("float32")
    np.savez(tmp_path / "data.npz", x_train=x, y_train=np.arange(60) % 2)
    path = str(tmp_path / "data.npz")
    problem = make_problem(SearchSettings(path, kind=kind, symmetries=parse_symmetries(names)))
    moves = moves_of(problem, has_data=True)
    assert (moves.kind, len(moves.before)) == (shown, count)
    first = moves.moves[0]
    assert len(first.after) == count
    if shown == "picture":
        assert np.array_equal(first.after[0], moves.before[0][:, ::-1])
        assert not np.array_equal(moves.moves[1].after[0], moves.before[0])  # negated
    if shown == "lines":
        assert np.array_equal(first.after[0], moves.before[0][:, ::-1])
    if shown == "columns":
        assert first.columns == ("0 → 1 → 0",)
        assert first.share == 0.5
    without = moves_of(problem, has_data=False)
    assert not without.before
    assert not any(move.after for move in without.moves)
    assert without.moves[0].columns == first.columns
