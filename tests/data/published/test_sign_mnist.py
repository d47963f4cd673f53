from pathlib import Path

import numpy as np
import pytest

from autoequivariant.data.published.sign_mnist import FILES, read_sign_mnist
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 28, 28), np.uint8)
LABELS = np.array([3, 0, 8, 10, 24, 3])
HEADER = "label," + ",".join(f"pixel{number}" for number in range(1, 785))


def csv(count: int = 6, header: str = HEADER) -> str:
    rows = zip(LABELS[:count], IMAGES[:count], strict=True)
    lines = [",".join(map(str, (label, *image.ravel()))) for label, image in rows]
    return "\n".join([header, *lines]) + "\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / FILES[0]).write_text(csv())
    (tmp_path / FILES[1]).write_text(csv(2))
    return tmp_path


@pytest.mark.parametrize("header", [HEADER, ",".join(f'"{name}"' for name in HEADER.split(","))])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_images_and_labels_as_they_are(folder: Path, header: str, end: str) -> None:
    (folder / FILES[0]).write_bytes(csv(header=header).replace("\n", end).encode())
    arrays = read_sign_mnist(folder, MemoryBudget())
    assert np.array_equal(arrays.x, IMAGES)
    assert np.array_equal(arrays.y, LABELS)
    assert np.array_equal(arrays.x_test, IMAGES[:2])
    assert np.array_equal(arrays.y_test, LABELS[:2])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "its columns are not label"),
        (HEADER + "\n", "its columns are not label"),
        (csv(header="a,b"), "its columns are not label"),
        (csv().replace("pixel784", "pixel785"), "its columns are not label"),
        (csv()[:-40], "sign_mnist_train.csv is damaged .*: fetch it again"),
        (HEADER + "\n" + ",".join(["1"] * 784), "is cut short: its columns"),
        (csv().replace("\n24,", "\n256,"), "sign_mnist_train.csv is damaged .*256"),
        (csv().replace("\n24,", "\n-1,"), "sign_mnist_train.csv is damaged .*-1"),
        (csv().replace("\n24,", "\nY,"), "sign_mnist_train.csv is damaged .*Y"),
        (None, "lacks sign_mnist_train.csv of Sign Language MNIST: add it"),
    ],
)
def test_a_damaged_or_missing_file(folder: Path, content: str | None, message: str) -> None:
    read_sign_mnist(folder, MemoryBudget())
    path = folder / FILES[0]
    path.unlink() if content is None else path.write_text(content)
    with pytest.raises(DataError, match=message):
        read_sign_mnist(folder, MemoryBudget())


def test_the_files_are_bounded(folder: Path) -> None:
    needed = 4 * sum(path.stat().st_size for path in folder.iterdir())
    assert len(read_sign_mnist(folder, MemoryBudget(limit=needed)).x)
    with pytest.raises(DataError, match="--memory-limit"):
        read_sign_mnist(folder, MemoryBudget(limit=needed // 2))
