from pathlib import Path

import numpy as np
import pytest

from autoequivariant.data.published.part_files import Part, holds_any, read_parts
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget


def read_part(path: Path, memory: MemoryBudget) -> Part:
    values = np.array([int(line) for line in path.read_text().split()])
    return values[:, np.newaxis], values % 2


@pytest.mark.parametrize(("names", "x"), [("abc", [1, 2, 3]), ("bc", [3])])
def test_the_last_file_is_the_test_set(tmp_path: Path, names: str, x: list[int]) -> None:
    for name, text in (("a", "1 2"), ("b", "3"), ("c", "4 5")):
        (tmp_path / name).write_text(text)
    arrays = read_parts(tmp_path, names, "letters", read_part, MemoryBudget())
    assert np.ravel(arrays.x).tolist() == x
    assert np.ravel(arrays.x_test).tolist() == [4, 5]
    assert np.ravel(arrays.y_test).tolist() == [0, 1]


def test_missing_files(tmp_path: Path) -> None:
    assert not holds_any(tmp_path, "abc")
    (tmp_path / "b").write_text("3")
    assert holds_any(tmp_path, "abc")
    with pytest.raises(DataError, match="lacks a, c of letters: add them"):
        read_parts(tmp_path, "abc", "letters", read_part, MemoryBudget())
    (tmp_path / "a").write_text("3")
    with pytest.raises(DataError, match="lacks c of letters: add it"):
        read_parts(tmp_path, "abc", "letters", read_part, MemoryBudget())
