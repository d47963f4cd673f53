"""Checkpoint files: what is read back, and what is ignored."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from autoequivariant.training import checkpoint as module
from autoequivariant.training.checkpoint import Checkpoint, Checkpoints, Progress
from autoequivariant.training.child import Child

CHILD = Child((0, 2), (0, 2), 4)
INITIAL = {"model.w": torch.ones(3, 2)}
TENSORS = {"model.w": torch.randn(3, 2), "model.n": torch.tensor(7), "step": torch.tensor(2.0)}
PROGRESS = Progress(5, 1 / 3, (1e-3, 0.1), 2.5)


def checkpoint(
    folder: Path, identity: str = "run", seed: int = 0, replicate: int = 3
) -> Checkpoint:
    return Checkpoint(Checkpoints(folder, identity), replicate, [CHILD], {"seed": seed})


def read(one: Checkpoint) -> tuple[dict[str, torch.Tensor], Progress] | None:
    return one.read(INITIAL, TENSORS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one checkpoint."""
    one = checkpoint(tmp_path / "checkpoints")
    assert read(one) is None
    one.write(TENSORS, PROGRESS)
    return tmp_path / "checkpoints"


def file_of(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_what_was_written_is_read(folder: Path) -> None:
    found = read(checkpoint(folder))
    assert found is not None
    tensors, progress = found
    assert progress == PROGRESS
    assert tensors.keys() == TENSORS.keys()
    assert all(torch.equal(tensors[name], TENSORS[name]) for name in TENSORS)
    assert all(tensor.data_ptr() % 64 == 0 for tensor in tensors.values())


def test_another_training_is_not_resumed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file_of(folder)
    for other in (checkpoint(folder, identity="other"), checkpoint(folder, seed=1)):
        assert read(other) is None
    assert checkpoint(folder).read({"model.w": torch.zeros(3, 2)}, TENSORS) is None
    another = checkpoint(folder, replicate=4)
    path.rename(Checkpoints(folder, "run").path(4, [CHILD]))  # of the right name
    assert read(another) is None
    file_of(folder).rename(path)
    named = Checkpoints(folder, "run", name="a")
    assert named.path(3, [CHILD]) != path
    path.rename(named.path(3, [CHILD]))
    assert read(Checkpoint(named, 3, [CHILD], {"seed": 0})) is None
    file_of(folder).rename(path)
    monkeypatch.setattr(torch, "__version__", "0")
    assert read(checkpoint(folder)) is None
    monkeypatch.undo()
    assert read(checkpoint(folder)) is not None  # the twin


def rewritten(
    path: Path, change: Callable[[dict[str, torch.Tensor], dict[str, object]], None]
) -> None:
    """Write a file again with other tensors or another record."""
    with safe_open(path, "pt") as file:
        record = json.loads(file.metadata()["checkpoint"])
    tensors = load_file(path)
    change(tensors, record)
    save_file(tensors, path, {"checkpoint": json.dumps(record)})


def test_a_flipped_bit_is_noticed(folder: Path) -> None:
    path = file_of(folder)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert read(checkpoint(folder)) is None
    content[-1] ^= 1
    path.write_bytes(content)
    assert read(checkpoint(folder)) is not None


@pytest.mark.parametrize(
    "progress",
    [
        {},
        {"done": 0, "position": 0.0, "rates": [], "seconds": 0.0},
        {"done": 10**30, "position": 0.0, "rates": [], "seconds": 0.0},
        {"done": 1, "position": -1.0, "rates": [], "seconds": 0.0},
        {"done": 1, "position": 1.0, "rates": "0.1", "seconds": 0.0},
        {"done": 1, "position": 1.0, "rates": [], "seconds": 1e300},
    ],
)
def test_impossible_records_are_ignored(folder: Path, progress: dict[str, object]) -> None:
    rewritten(file_of(folder), lambda tensors, record: None)
    assert read(checkpoint(folder)) is not None
    rewritten(file_of(folder), lambda tensors, record: record.update(progress=progress))
    assert read(checkpoint(folder)) is None


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


def make_empty(path: Path) -> None:
    path.write_bytes(b"")


def make_long(path: Path) -> None:
    path.write_bytes(path.read_bytes() + bytes(100))


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def make_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)  # reading it would never end


def reshape(path: Path) -> None:
    rewritten(path, lambda tensors, record: tensors.update({"model.w": torch.zeros(300, 200)}))


def drop(path: Path) -> None:
    rewritten(path, lambda tensors, record: tensors.pop("step") and None)


def without_record(path: Path) -> None:
    save_file(load_file(path), path)


def text_as_record(path: Path) -> None:
    save_file(load_file(path), path, {"checkpoint": "[" * 10**5})


@pytest.mark.parametrize(
    "damage",
    [
        *(truncate, make_empty, make_long, make_folder, make_pipe, reshape, drop),
        *(without_record, text_as_record),
    ],
)
def test_damaged_files_are_ignored(folder: Path, damage: Callable[[Path], None]) -> None:
    damage(file_of(folder))
    assert read(checkpoint(folder)) is None


def test_one_that_cannot_be_written_is_left_out(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(elsewhere)
    for place in (tmp_path / "missing" / "checkpoints", tmp_path / "file", tmp_path / "link"):
        one = checkpoint(place)
        assert read(one) is None
        one.write(TENSORS, PROGRESS)
        assert read(one) is None
    assert not list(elsewhere.iterdir())  # nothing is written through a link


def test_a_full_disk_keeps_the_former_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    one = checkpoint(folder)
    assert read(one) is not None
    monkeypatch.setattr(os, "fsync", full)
    one.write(TENSORS, Progress(6, 6.0, (), 3.0))
    found = read(one)
    assert found is not None and found[1] == PROGRESS
    assert len(list(folder.iterdir())) == 1


def test_removal(folder: Path, tmp_path: Path) -> None:
    place = Checkpoints(folder, "run")
    place.remove(3, [CHILD, CHILD])  # another training
    place.remove(4, [CHILD])
    assert len(list(folder.iterdir())) == 1
    place.remove(3, [CHILD])
    assert not list(folder.iterdir())
    place.remove(3, [CHILD])
    checkpoint(folder, replicate=4).write(TENSORS, PROGRESS)
    (folder / f".{file_of(folder).name}.0123456789abcdef.part").write_text("of a killed process")
    (folder / "mine.txt").write_text("")
    place.clear()
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]
    (folder / "mine.txt").unlink()
    place.clear()
    assert not folder.exists()
    place.clear()


def test_nothing_is_removed_through_a_link(folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(folder)
    place = Checkpoints(link, "run")
    place.remove(3, [CHILD])
    place.clear()
    assert len(list(folder.iterdir())) == 1 and link.is_symlink()


def test_due_by_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Time:
        now = 100.0

        def monotonic(self) -> float:
            return self.now

    time = Time()
    monkeypatch.setattr(module, "time", time)
    one = Checkpoint(Checkpoints(tmp_path / "checkpoints", "run", 30.0), 0, [CHILD], {})
    due = []
    for _ in range(7):
        time.now += 10.0
        due.append(one.is_due)
        if one.is_due:
            one.write(TENSORS, PROGRESS)
    assert due == [False, False, True, False, False, True, False]
    assert not module.NO_CHECKPOINT.is_due
