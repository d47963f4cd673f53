"""Copies of the hub's files, and a hub on this machine; nothing here uses a network."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autoequivariant.data.published.hub import (
    HubFiles,
    fetch_from_hub,
    holds_hub_files,
    read_hub_folder,
)
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget

from .hub_copies import hub_server, pictures, write_copy

FILES = HubFiles("people/things", "things")
Y = np.arange(12) % 4
GREY, COLOUR = pictures(12, 8, 8), pictures(12, 8, 8, 3)


@pytest.mark.parametrize("x", [GREY, COLOUR], ids=["grey", "colour"])
@pytest.mark.parametrize(
    "files",
    [
        FILES,
        HubFiles("people/things", None),
        HubFiles("people/things", "elsewhere"),
        HubFiles("people/things", "things", image="img", label="digit"),
        HubFiles("people/things", "cropped_digits"),
    ],
    ids=["named", "by its card", "in another folder", "other columns", "one configuration of two"],
)
def test_a_copy_is_read_as_it_is(tmp_path: Path, x: np.ndarray, files: HubFiles) -> None:
    laid_out = FILES if files.folder == "elsewhere" else files
    write_copy(tmp_path, laid_out, train=(x, Y), test=(x[:5], Y[:5]), extra=(x[::-1], Y))
    assert holds_hub_files(tmp_path)
    arrays = read_hub_folder(tmp_path, files, MemoryBudget())
    assert np.array_equal(arrays.x, x)
    assert np.array_equal(arrays.y, Y)
    assert np.array_equal(arrays.x_test, x[:5])
    assert np.array_equal(arrays.y_test, Y[:5])


def test_a_copy_without_a_card_and_without_types(tmp_path: Path) -> None:
    import pyarrow.parquet

    write_copy(tmp_path, FILES, train=(GREY, Y), test=(GREY, Y))
    (tmp_path / "README.md").unlink()
    for path in tmp_path.rglob("*.parquet"):  # as programs other than `datasets` write them
        plain = pyarrow.parquet.read_table(path).replace_schema_metadata(None)
        pyarrow.parquet.write_table(plain, path)
    arrays = read_hub_folder(tmp_path, FILES, MemoryBudget())
    assert np.array_equal(arrays.x, GREY)
    assert np.array_equal(arrays.y, Y)


def test_one_image_in_colour_makes_all_of_them_so(tmp_path: Path) -> None:
    import datasets

    write_copy(tmp_path, FILES, train=(GREY, Y), test=(COLOUR, Y))
    arrays = read_hub_folder(tmp_path, FILES, MemoryBudget())
    assert np.array_equal(arrays.x, np.repeat(GREY[..., np.newaxis], 3, axis=3))
    assert np.array_equal(arrays.x_test, COLOUR)
    assert not datasets.config.HF_HUB_OFFLINE


def lfs_pointer(folder: Path) -> None:
    text = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 15561616\n"
    (folder / "things" / "train-00000-of-00001.parquet").write_text(text)


def cut(folder: Path) -> None:
    path = folder / "things" / "test-00000-of-00001.parquet"
    path.write_bytes(path.read_bytes()[:-100])


def unequal(folder: Path) -> None:
    sizes = [*GREY[:11], *pictures(1, 9, 8)]
    write_copy(folder / "other", FILES, test=(sizes, Y))
    name = "things/test-00000-of-00001.parquet"
    (folder / "other" / name).replace(folder / name)
    (folder / "other" / "README.md").unlink()


def no_test(folder: Path) -> None:
    (folder / "things" / "test-00000-of-00001.parquet").unlink()
    (folder / "README.md").unlink()


@pytest.mark.parametrize(
    ("damage", "files", "message"),
    [
        (lfs_pointer, FILES, "cannot be read as a copy of people/things .*git lfs"),
        (cut, FILES, "cannot be read as a copy of people/things"),
        (
            unequal,
            FILES,
            "unequal size: 1 of split train .* is 8x8 but 12 of .* is 8x9 ",
        ),
        (no_test, FILES, "has no split 'test', it has train"),
        (None, dataclasses.replace(FILES, image="img"), "no column 'img', it has image, label"),
        (None, dataclasses.replace(FILES, label="y"), "no column 'y', it has image, label"),
    ],
)
def test_copies_that_cannot_be_read(
    tmp_path: Path, damage: object, files: HubFiles, message: str
) -> None:
    write_copy(tmp_path, FILES, train=(GREY, Y), test=(GREY, Y))
    read_hub_folder(tmp_path, FILES, MemoryBudget())
    if callable(damage):
        damage(tmp_path)
    with pytest.raises(DataError, match=message) as caught:
        read_hub_folder(tmp_path, files, MemoryBudget())
    assert "\n" not in str(caught.value)


def test_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_copy(tmp_path, FILES, train=(GREY, Y), test=(GREY, Y))
    monkeypatch.setitem(sys.modules, "datasets", None)
    remedy = r"run pip install -c constraints.txt -e '.\[hub\]', or give --source"
    with pytest.raises(DataError, match=f"things is fetched through Hugging Face .*{remedy}"):
        fetch_from_hub("things", FILES, MemoryBudget())
    with pytest.raises(DataError, match=f"holds Parquet files, .*{remedy}"):
        read_hub_folder(tmp_path, FILES, MemoryBudget())


# --- a hub on this machine ------------------------------------------------------------------------

FETCH = """
from autoequivariant.data import read
samples = read({name!r})
print(samples.name, samples.x.shape, samples.x_test.shape, samples.x.sum(), samples.x_test.sum())
"""


def fetch(name: str, endpoint: str, home: Path) -> subprocess.CompletedProcess[str]:
    """In a process of its own: the libraries read their variables when they are imported."""
    settings = {"HF_ENDPOINT": endpoint, "HF_HOME": str(home), "HF_HUB_DISABLE_TELEMETRY": "1"}
    command = [sys.executable, "-c", FETCH.format(name=name)]
    environment = {**os.environ, **settings}
    return subprocess.run(command, capture_output=True, text=True, env=environment)


@pytest.mark.slow
def test_what_was_fetched_is_there_without_the_hub(tmp_path: Path) -> None:
    x, files = pictures(12, 32, 32, 3), HubFiles("ufldl-stanford/svhn", "cropped_digits")
    copy, home = tmp_path / "copy", tmp_path / "home"
    write_copy(copy, files, train=(x, Y), test=(x[:5], Y[:5]), extra=(x, Y))
    expected = f"svhn (12, 3, 32, 32) (5, 3, 32, 32) {x.sum()} {x[:5].sum()}\n"
    with hub_server(copy, files.repository) as (address, asked):
        first = fetch("svhn", address, home)
    assert first.stdout == expected, first.stderr
    assert any("train-00000" in path for path in asked)
    assert not any("extra-00000" in path for path in asked)  # a gigabyte that nobody asked for
    again = fetch("svhn", address, home)  # the server is gone
    assert again.stdout == expected, again.stderr


@pytest.mark.slow
def test_a_hub_that_does_not_answer(tmp_path: Path) -> None:
    with hub_server(tmp_path, "people/things") as (address, _):
        pass
    done = fetch("mnist", address, tmp_path / "home")
    last = done.stderr.strip().splitlines()[-1]
    assert last.endswith(
        "mnist cannot be fetched because the Hugging Face hub does not answer: connect to the "
        "network, or give --source with its files."
    )
    assert not (tmp_path / "home").exists()


@pytest.mark.slow
def test_a_hub_that_has_it_no_more(tmp_path: Path) -> None:
    with hub_server(tmp_path, "people/things") as (address, _):
        done = fetch("mnist", address, tmp_path / "home")
    last = done.stderr.strip().splitlines()[-1]
    assert "mnist cannot be fetched from the Hugging Face hub (" in last
    assert last.endswith("): give --source with its files.")
