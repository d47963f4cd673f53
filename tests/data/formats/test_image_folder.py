import numpy as np
import pytest
from PIL import Image

from autoequivariant.data.formats.image_folder import ImageFolder
from autoequivariant.data.source import ReadOptions
from autoequivariant.errors import DataError

GREY = np.arange(20, dtype=np.uint8).reshape(4, 5)
COLOUR = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)


def read(folder):
    return ImageFolder().read(folder, ReadOptions())


def write(path, pixels, mode=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(path)


def test_classes_and_files_come_in_order(tmp_path):
    for number, name in enumerate(["b/2.png", "b/10.png", "a/x.bmp", "b/1.PNG"]):
        write(tmp_path / name, GREY + number)
    (tmp_path / "b" / ".hidden.png").write_text("no image")
    (tmp_path / "b" / "notes.txt").write_text("no image")
    (tmp_path / ".cache").mkdir()
    assert ImageFolder().recognises(tmp_path)
    arrays = read(tmp_path)
    assert arrays.y.tolist() == ["a", "b", "b", "b"]
    assert arrays.x.dtype == np.uint8
    assert np.array_equal(arrays.x, [GREY + 2, GREY + 3, GREY + 1, GREY])
    assert arrays.x_test is None


def test_train_and_test_folders(tmp_path):
    write(tmp_path / "train" / "a" / "1.png", GREY)
    write(tmp_path / "train" / "b" / "1.png", GREY + 1)
    assert read(tmp_path).x_test is None
    write(tmp_path / "test" / "b" / "1.png", GREY + 2)
    arrays = read(tmp_path)
    assert arrays.y.tolist() == ["a", "b"]
    assert arrays.y_test.tolist() == ["b"]
    assert np.array_equal(arrays.x_test, [GREY + 2])


def test_a_class_called_train(tmp_path):
    write(tmp_path / "train" / "1.png", GREY)
    write(tmp_path / "bus" / "1.png", GREY)
    assert read(tmp_path).y.tolist() == ["bus", "train"]


@pytest.mark.parametrize(
    ("modes", "shape", "dtype"),
    [
        (["L", "1", "LA"], (4, 5), "u1"),
        (["L", "RGB"], (4, 5, 3), "u1"),
        (["RGBA", "P"], (4, 5, 3), "u1"),
        (["I;16", "I;16"], (4, 5), "f4"),
    ],
)
def test_modes(tmp_path, modes, shape, dtype):
    for number, mode in enumerate(modes):
        if mode == "I;16":
            write(tmp_path / "a" / f"{number}.png", GREY.astype(np.uint16) * 1000)
        else:
            write(tmp_path / "a" / f"{number}.png", COLOUR, mode)
    x = read(tmp_path).x
    assert x.shape == (len(modes), *shape)
    assert x.dtype == np.dtype(dtype)
    if "I;16" in modes:
        assert np.array_equal(x[0], GREY * 1000.0)


def test_pictures_are_seen_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    (tmp_path / "a").mkdir()
    Image.fromarray(GREY).save(tmp_path / "a" / "1.png", exif=exif)
    assert np.array_equal(read(tmp_path).x[0], np.rot90(GREY, -1))


def test_unequal_sizes(tmp_path):
    write(tmp_path / "a" / "1.png", GREY)
    write(tmp_path / "b" / "2.png", GREY)
    assert read(tmp_path).x.shape == (2, 4, 5)
    write(tmp_path / "b" / "2.png", GREY[1:])
    with pytest.raises(DataError, match=r"1.png is 5x4 but .*b/2.png is 5x3 .*; resize all"):
        read(tmp_path)


def test_unequal_depths(tmp_path):
    write(tmp_path / "a" / "1.png", GREY)
    write(tmp_path / "a" / "2.png", GREY.astype(np.uint16))
    with pytest.raises(DataError, match=r"unequal depth: .*2.png has more than 8 .*1.png has not"):
        read(tmp_path)


@pytest.mark.parametrize("cut", [0, 20, 50])
def test_unreadable_images(tmp_path, cut):
    write(tmp_path / "a" / "1.png", COLOUR)
    path = tmp_path / "a" / "2.png"
    path.write_bytes((tmp_path / "a" / "1.png").read_bytes()[:cut])
    with pytest.raises(DataError, match=r"The image .*2.png cannot be read .*: replace it"):
        read(tmp_path)


def test_a_class_without_images(tmp_path):
    write(tmp_path / "a" / "1.png", GREY)
    (tmp_path / "b").mkdir()
    with pytest.raises(DataError, match="class folder .*b holds no images"):
        read(tmp_path)


def test_a_test_folder_without_classes(tmp_path):
    write(tmp_path / "train" / "a" / "1.png", GREY)
    write(tmp_path / "test" / "1.png", GREY)
    with pytest.raises(DataError, match="test holds no class folders"):
        read(tmp_path)


def test_folders_that_hold_no_images_by_class(tmp_path):
    assert not ImageFolder().recognises(tmp_path)
    write(tmp_path / "1.png", GREY)
    (tmp_path / "a").mkdir()
    assert not ImageFolder().recognises(tmp_path)
