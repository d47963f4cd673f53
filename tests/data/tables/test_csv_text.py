"""The text of a CSV file, measured before Arrow reads it."""

import gzip
from pathlib import Path

import pytest

from autoequivariant.data.tables.csv_text import read_head, text_opener
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget

ROWS = b"a,b\n" + b"1,2\n" * 1000
CELLS = 2002


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_the_text_is_counted(tmp_path: Path, pack: type) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(pack(ROWS))
    needed = len(ROWS) * (1 if pack is bytes else 2) + CELLS * 24
    with text_opener(path, ",", MemoryBudget(limit=needed))() as text:
        assert text.read() == ROWS
    with pytest.raises(DataError, match="--memory-limit"):
        text_opener(path, ",", MemoryBudget(limit=needed - 1))


@pytest.mark.parametrize("end", [b"\r", b"\r\n"])
def test_all_line_ends_are_counted(tmp_path: Path, end: bytes) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(ROWS.replace(b"\n", end))
    needed = path.stat().st_size + CELLS * 24
    assert text_opener(path, ",", MemoryBudget(limit=needed))
    with pytest.raises(DataError, match="--memory-limit"):
        text_opener(path, ",", MemoryBudget(limit=needed - 1))


def test_the_size_that_a_gzipped_file_tells_is_not_trusted(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n") + gzip.compress(b"1,2\n" * 10**5))  # two members
    assert text_opener(path, ",", MemoryBudget(limit=10**7))
    with pytest.raises(DataError, match="--memory-limit"):
        text_opener(path, ",", MemoryBudget(limit=10**6))


def head_of(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "t.csv"
    path.write_text(text)
    return read_head(path, ";\t,")


def test_the_head(tmp_path: Path) -> None:
    assert head_of(tmp_path, "\n\na,b\n1,2\n") == ["a,b\n", "1,2\n"]
    assert len(head_of(tmp_path, "a,b\n" * 1000)) == 101


def test_empty_lines_at_the_beginning_end(tmp_path: Path) -> None:
    assert head_of(tmp_path, "\n" * (1 << 24) + "a,b\n") == ["a,b\n"]
    with pytest.raises(DataError, match="begins with more than 16,777,216 characters of empty"):
        head_of(tmp_path, "\n" * ((1 << 24) + 1) + "a,b\n")


def test_too_many_columns(tmp_path: Path) -> None:
    names = ",".join(f"c{number}" for number in range(100_000))
    assert head_of(tmp_path, names) == [names]
    with pytest.raises(DataError, match=r"has 100,001 columns, more than 100,000: leave some out"):
        head_of(tmp_path, names + ",y")


def test_very_long_lines(tmp_path: Path) -> None:
    long = "x" * (1 << 24)
    assert head_of(tmp_path, f"a,b\n{long}\n") == ["a,b\n"]
    assert head_of(tmp_path, f"{long[:-2]}\n") == [f"{long[:-2]}\n"]
    with pytest.raises(DataError, match="first row of .* has 16,777,216 characters or more"):
        head_of(tmp_path, long)
