"""A file opened by Arrow itself, with the system's own errors."""

from pathlib import Path

import pytest

from autoequivariant.data.tables.arrow_file import native_file


@pytest.mark.parametrize("name", ["t.csv", "naïve tâble.csv"])
def test_what_it_holds(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"a,b\n1,2\n")
    with native_file(tmp_path / name) as file:
        assert file.read() == b"a,b\n1,2\n"


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        native_file(tmp_path / "none.csv")
    with pytest.raises(IsADirectoryError):
        native_file(tmp_path)
