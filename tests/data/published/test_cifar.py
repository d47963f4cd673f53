import pickle
from pathlib import Path

import numpy as np
import pytest

from autoequivariant.data.published.cifar import FILES, PICKLES, holds_cifar, read_cifar
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (6, 2, 32, 32, 3), np.uint8)  # two in each of the six files
LABELS = RNG.integers(0, 10, (6, 2), np.uint8)


def records(images: np.ndarray, labels: np.ndarray) -> bytes:
    """The label, then all red, all green and all blue values, row by row."""
    return b"".join(
        bytes([label]) + b"".join(image[:, :, colour].tobytes() for colour in range(3))
        for image, label in zip(images, labels, strict=True)
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, images, labels in zip(FILES, IMAGES, LABELS, strict=True):
        (tmp_path / name).write_bytes(records(images, labels))
    (tmp_path / "batches.meta.txt").write_text("airplane\n")
    return tmp_path


def test_the_binary_version(folder: Path) -> None:
    assert holds_cifar(folder)
    arrays = read_cifar(folder, MemoryBudget())
    assert np.array_equal(arrays.x, IMAGES[:5].reshape(10, 32, 32, 3))
    assert np.array_equal(arrays.y, LABELS[:5].ravel())
    assert np.array_equal(arrays.x_test, IMAGES[5])
    assert np.array_equal(arrays.y_test, LABELS[5])


def test_the_pickled_version_is_refused_unread(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (tmp_path / "sprung",)  # type: ignore[return-value]

    for name in PICKLES:
        (tmp_path / name).write_bytes(pickle.dumps({b"data": Trap()}))
    assert holds_cifar(tmp_path)
    with pytest.raises(DataError, match=r"data_batch_1 is a pickle, .* fetch the binary version"):
        read_cifar(tmp_path, MemoryBudget())
    assert not (tmp_path / "sprung").exists()


GOOD = records(IMAGES[0], LABELS[0])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (GOOD, None),
        (GOOD[:-1], r"data_batch_3.bin has 6,145 bytes, which are not records of 3,073: it is cut"),
        (b"", "data_batch_3.bin has 0 bytes"),
        (b"\x0a" + GOOD[1:], "data_batch_3.bin holds the label 10, but CIFAR-10 has classes 0 to"),
        (None, r"lacks data_batch_3.bin of CIFAR-10's binary version: add"),
    ],
)
def test_a_damaged_or_missing_batch(
    folder: Path, content: bytes | None, message: str | None
) -> None:
    path = folder / "data_batch_3.bin"
    path.unlink() if content is None else path.write_bytes(content)
    if message is None:
        read_cifar(folder, MemoryBudget())
        return
    with pytest.raises(DataError, match=message):
        read_cifar(folder, MemoryBudget())


def test_the_files_are_bounded(folder: Path) -> None:
    needed = 3 * sum(path.stat().st_size for path in folder.glob("*.bin"))
    assert len(read_cifar(folder, MemoryBudget(limit=needed)).x)
    with pytest.raises(DataError, match="--memory-limit"):
        read_cifar(folder, MemoryBudget(limit=needed // 2))
