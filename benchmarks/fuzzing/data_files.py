"""Data files: NumPy, IDX, tables and images, as `aen search` and `aen predict` read them."""

from __future__ import annotations

import gzip
import io
import shutil
import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow
import pyarrow.parquet
from PIL import Image

from autoequivariant.data.formats.idx import idx_bytes
from autoequivariant.data.input_spec import InputSpec
from autoequivariant.data.registry import read
from autoequivariant.inference.inputs import read_inputs
from fuzzing.kind import MEMORY_LIMIT, Kind
from fuzzing.mutate import Rng, changed_tokens, changed_words, damaged, odd_text, pick

_ROWS = 40
_BOMB = 1_500_000_000  # bytes of zeros, above MEMORY_LIMIT


class _DataKind(Kind):
    """Read as a labelled data set."""

    def feed(self, rng: Rng, case: Path) -> None:
        (entry,) = case.iterdir()
        read(entry, memory_limit=MEMORY_LIMIT)


def _labels() -> np.ndarray:
    return np.arange(_ROWS) % 3


def _zeros(stream: IO[bytes], size: int) -> None:
    piece = bytes(1_000_000)
    for _ in range(size // len(piece)):
        stream.write(piece)


# NumPy


def _header(descr: str, order: str, shape: str, version: int = 1) -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}".encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    size = struct.pack(
        "<H" if version == 1 else "<I", len(text) % (1 << 16 if version == 1 else 1 << 32)
    )
    return b"\x93NUMPY" + bytes([version, 0]) + size + text


def _npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


_DESCRS = (
    *("'|u1'", "'<f4'", "'<f8'", "'<i8'", "'>i2'", "'|b1'", "'|O'", "'<U5'", "'|S3'", "'|V8'"),
    *("'<c16'", "'<M8[s]'", "'<f2'", "'<f16'", "'x'", "''", "None", "5", "'<U0'", "'|S0'", "'|V0'"),
    *("'<U999999999'", "[('a', '<f4')]", "[('a', '<f4', (10000, 10000))]", "[]", "'4294967296u1'"),
)
_SHAPES = (
    *("(40, 8)", "(40,)", "()", "(0,)", "(40, 0)", "(0, 8)", "(-1, 8)", "(40, -8)", "(True, 8)"),
    *("(40.0, 8)", "('40', 8)", "(None,)", "40", "[40, 8]", "(40, 8, 1)", "(40, 2, 4)", "(8, 40)"),
    *(f"({10**30}, 8)", f"({2**31}, {2**31})", f"({2**62}, 2)", f"({2**40},)", "(10**9, 10**9)"),
    *(f"({2**33}, 0)", f"({','.join(['1'] * 70)})", "(40,8" + "," * 9 + ")", "{}", "(" * 200),
    *("9" * 5_000, f"({'9' * 5_000}, 8)", "(1_0, 8)", "(0x28, 8)", "(40L, 8L)"),
)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


def _odd_npy(rng: Rng) -> bytes:
    orders = ("False", "True", "1", "None")
    order = pick(rng, orders) if rng.random() < 0.2 else "False"
    descr, shape = pick(rng, _DESCRS), pick(rng, _SHAPES)
    body = rng.bytes(int(pick(rng, (0, 40, 320, 1280, 2560))))
    return _header(descr, order, shape, int(pick(rng, (1, 1, 1, 2, 3)))) + body


class Npz(_DataKind):
    """`.npz` archives: bytes, members, methods of compression and headers of arrays."""

    name, share = "npz", 15

    def make(self, folder: Path) -> None:
        rng = np.random.default_rng(0)
        tables = rng.random((_ROWS, 8)).astype(np.float32)
        images = rng.integers(0, 256, (_ROWS, 8, 8), np.uint8)
        for name, x in {"table": tables, "images": images}.items():
            arrays = {"x_train": x, "y_train": _labels(), "x_test": x, "y_test": _labels()}
            for suffix, save in {"": np.savez, "z": np.savez_compressed}.items():
                save(folder / f"{name}{suffix}.npz", **arrays)
        with (
            zipfile.ZipFile(folder / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open("x_train.npy", "w", force_zip64=True) as member,
        ):
            member.write(_header("'|u1'", "False", f"({_BOMB // 10**6}, 1000, 1000)"))
            _zeros(member, _BOMB)
        with zipfile.ZipFile(folder / "bomb.npz", "a") as archive:
            archive.writestr("y_train.npy", _npy(np.arange(_BOMB // 10**6) % 3))

    def mutate(self, rng: Rng, corpus: Path, case: Path) -> None:
        path = pick(rng, sorted(corpus.iterdir()))
        target = case / "data.npz"
        how = rng.random()
        if path.name == "bomb.npz":
            if how < 0.1:
                shutil.copyfile(path, target)
                return
            path = path.with_name("table.npz")
        if how < 0.5:
            target.write_bytes(damaged(rng, path.read_bytes()))
        else:
            self._rebuilt(rng, path, target)

    def _rebuilt(self, rng: Rng, path: Path, target: Path) -> None:
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
            for name in old.namelist():
                content, method, change = old.read(name), pick(rng, _METHODS[:2]), rng.random()
                if change < 0.3:
                    content = _odd_npy(rng)
                elif change < 0.4:
                    content = damaged(rng, content)
                elif change < 0.5:
                    method = pick(rng, _METHODS)
                elif change < 0.55:
                    name = odd_text(rng).encode("utf-8", "replace").decode()[:1000] or "x"
                elif change < 0.6:
                    continue
                new.writestr(zipfile.ZipInfo(name), content, method)
        if rng.random() < 0.2:
            target.write_bytes(damaged(rng, target.read_bytes()))


class Npy(_DataKind):
    """Arrays without labels, and archives with `x`, as `aen predict` reads them."""

    name, share = "npy", 6

    def make(self, folder: Path) -> None:
        rng = np.random.default_rng(0)
        x = rng.random((_ROWS, 8)).astype(np.float32)
        np.save(folder / "x.npy", x)
        np.savez(folder / "x.npz", x=x, y=_labels())

    def mutate(self, rng: Rng, corpus: Path, case: Path) -> None:
        path = pick(rng, sorted(corpus.iterdir()))
        content = path.read_bytes()
        if path.suffix == ".npy" and rng.random() < 0.5:
            content = _odd_npy(rng)
        (case / path.name).write_bytes(damaged(rng, content) if rng.random() < 0.7 else content)

    def feed(self, rng: Rng, case: Path) -> None:
        (entry,) = case.iterdir()
        spec = InputSpec("features", "classification")
        read_inputs(str(entry), spec=spec, memory_limit=MEMORY_LIMIT)


# IDX


class Idx(_DataKind):
    """Folders of IDX files, gzipped or not."""

    name, share = "idx", 10

    def make(self, folder: Path) -> None:
        images = np.random.default_rng(0).integers(0, 256, (_ROWS, 6, 6), np.uint8)
        (folder / "train-images-idx3-ubyte").write_bytes(idx_bytes(images))
        (folder / "train-labels-idx1-ubyte").write_bytes(idx_bytes(_labels().astype(np.uint8)))
        with gzip.open(folder / "bomb.gz", "wb") as stream:
            stream.write(bytes([0, 0, 8, 3]) + struct.pack(">III", _BOMB // 10_000, 100, 100))
            _zeros(stream, _BOMB)

    def mutate(self, rng: Rng, corpus: Path, case: Path) -> None:
        folder = case / "digits"
        folder.mkdir()
        for part in ("images-idx3", "labels-idx1"):
            name = f"train-{part}-ubyte"
            content = (corpus / name).read_bytes()
            how = rng.random()
            if how < 0.35:
                content = damaged(rng, content)
            elif how < 0.6:
                content = self._odd_header(rng) + content[pick(rng, (8, 16)) :]
            if part == "images-idx3" and rng.random() < 0.01:
                shutil.copyfile(corpus / "bomb.gz", folder / f"{name}.gz")
            elif rng.random() < 0.4:
                zipped = gzip.compress(content, 1, mtime=0)
                zipped = damaged(rng, zipped) if rng.random() < 0.3 else zipped
                (folder / f"{name}.gz").write_bytes(zipped)
            else:
                (folder / name).write_bytes(content)

    @staticmethod
    def _odd_header(rng: Rng) -> bytes:
        axes = int(pick(rng, (0, 1, 2, 3, 3, 4, 5, 32, 33, 64, 65, 255)))
        sides = [int(pick(rng, (0, 1, 6, 40, 2**16, 2**31, 2**32 - 1))) for _ in range(axes)]
        kind = int(pick(rng, (8, 8, 9, 11, 12, 13, 14, 0, 255)))
        return bytes([0, 0, kind, axes]) + struct.pack(f">{axes}I", *sides)


# Tables

_WORDS = (
    *(",", ";", "\t", '"', "'", "\n", "\r\n", "\r", "a", "b", "1", "-1", "0.5", "1,5", "1e5", "?"),
    *("NA", "nan", "inf", "-inf", "true", "2020-01-01", "=1+1", "1e400", "0x10", "\ufeff", "#"),
    *(",,,,,,,,", '"""', "\u2028", "é", "12:30", "1_000", "١٢"),
)


class Csv(_DataKind):
    """CSV in several dialects, gzipped or not."""

    name, share = "csv", 12

    def make(self, folder: Path) -> None:
        rng = np.random.default_rng(0)
        rows = rng.random((_ROWS, 4)).round(3).tolist()
        for name, delimiter in {"comma.csv": ",", "semicolon.csv": ";", "tab.tsv": "\t"}.items():
            lines = [["height", "width", "depth", "mass", "label"]]
            lines += [[*map(str, row), "abc"[k % 3]] for k, row in enumerate(rows)]
            (folder / name).write_text("\n".join(map(delimiter.join, lines)) + "\n")
        words = [[pick(rng, ("low", "high", "", "NA")) for _ in row[1:3]] for row in rows]
        coded = [[str(row[0]), *own, str(row[3])] for row, own in zip(rows, words, strict=True)]
        lines = [lines[0], *([*row, "abc"[k % 3]] for k, row in enumerate(coded))]
        (folder / "text.csv").write_text("\n".join(map(",".join, lines)) + "\n")
        line = ",".join(["0"] * 50) + ",a\n" + ",".join(["0"] * 50) + ",b\n"
        with gzip.open(folder / "bomb.csv.gz", "wt", 6) as stream:
            stream.write(",".join(f"c{k}" for k in range(51)) + "\n")
            for _ in range(_BOMB // (1000 * len(line))):
                stream.write(line * 1000)

    def mutate(self, rng: Rng, corpus: Path, case: Path) -> None:
        path = pick(rng, sorted(corpus.iterdir()))
        if path.name == "bomb.csv.gz":
            if rng.random() < 0.02:
                shutil.copyfile(path, case / path.name)
                return
            path = path.with_name("comma.csv")
        content = path.read_bytes()
        how = rng.random()
        if how < 0.3:
            content = damaged(rng, content)
        elif how < 0.75:
            change = pick(rng, (changed_tokens, changed_words))
            text = change(rng, content.decode(), _WORDS)
            encoding = pick(rng, ("utf-8",) * 6 + ("utf-16", "latin-1", "utf-8-sig"))
            content = text.encode(encoding, "replace")
        elif how < 0.8:
            content = self._large(rng)
        name = path.name
        if rng.random() < 0.3:
            content, name = gzip.compress(content, 1, mtime=0), f"{name}.gz"
            content = damaged(rng, content) if rng.random() < 0.3 else content
        (case / name).write_bytes(content)

    @staticmethod
    def _large(rng: Rng) -> bytes:
        """Many columns, a long line, a long cell, or many distinct labels."""
        kinds = (
            lambda: ",".join(f"c{k}" for k in range(100_000)) + "\n" + ",".join(["1"] * 100_000),
            lambda: "," * 2_000_000 + "\n",
            lambda: "a,b\n1," + "x" * 5_000_000 + "\n",
            lambda: '"' + "a,b\n1,2\n" * 100_000,
            lambda: "a,b\n" + "".join(f"{k},l{k}\n" for k in range(100_000)),
            lambda: "a,b\n" + "1" * 100_000 + ",x\n2,y\n",
        )
        return str(pick(rng, kinds)()).encode()

    def feed(self, rng: Rng, case: Path) -> None:
        (entry,) = case.iterdir()
        targets = (None, ("mass",), ("mass", "width"))
        target = ("label",) if rng.random() < 0.7 else pick(rng, targets)
        read(entry, target=target, memory_limit=MEMORY_LIMIT)


class Parquet(_DataKind):
    """Parquet files: their bytes, and columns of every type."""

    name, share = "parquet", 10

    def make(self, folder: Path) -> None:
        rng = np.random.default_rng(0)
        columns = {f"c{k}": rng.random(_ROWS) for k in range(4)}
        table = pyarrow.table({**columns, "label": [("a", "b", "c")[k % 3] for k in range(_ROWS)]})
        for method in ("none", "snappy", "gzip", "zstd", "lz4", "brotli"):
            pyarrow.parquet.write_table(table, folder / f"{method}.parquet", compression=method)
        zeros = pyarrow.table({f"c{k}": np.zeros(20_000_000) for k in range(10)})
        pyarrow.parquet.write_table(zeros, folder / "bomb.parquet")

    def mutate(self, rng: Rng, corpus: Path, case: Path) -> None:
        path, target = pick(rng, sorted(corpus.iterdir())), case / "data.parquet"
        if path.name == "bomb.parquet":
            if rng.random() < 0.05:
                shutil.copyfile(path, target)
                return
            path = path.with_name("none.parquet")
        if rng.random() < 0.3:
            self._write_odd(rng, target)
            if rng.random() < 0.6:
                return
            path = target
        target.write_bytes(damaged(rng, path.read_bytes()))

    def feed(self, rng: Rng, case: Path) -> None:
        (entry,) = case.iterdir()
        target = None if rng.random() < 0.2 else ("label",)
        read(entry, target=target, memory_limit=MEMORY_LIMIT)

    @staticmethod
    def _write_odd(rng: Rng, path: Path) -> None:
        values = np.arange(_ROWS)
        makers = (
            lambda: pyarrow.array(values % 2),
            lambda: pyarrow.array((values % 3).astype(str)),
            lambda: pyarrow.array((values % 3).astype(str)).dictionary_encode(),
            lambda: pyarrow.array([[1, 2]] * _ROWS),
            lambda: pyarrow.array([{"a": 1}] * _ROWS),
            lambda: pyarrow.array([None] * _ROWS),
            lambda: pyarrow.array(values.astype("M8[s]")),
            lambda: pyarrow.array(values.astype("m8[us]")),
            lambda: pyarrow.array([b"\xff\x00"] * _ROWS),
            lambda: pyarrow.array(values).cast(pyarrow.decimal128(38, 10)),
            lambda: pyarrow.array(values.astype(np.float16)),
            lambda: pyarrow.array([True, False] * (_ROWS // 2)),
            lambda: pyarrow.array([2**63 + int(k) for k in values], pyarrow.uint64()),
            lambda: pyarrow.array([float("nan"), float("inf")] * (_ROWS // 2)),
            lambda: pyarrow.array([odd_text(rng).encode("utf-8", "replace") for _ in values]),
            lambda: pyarrow.array([odd_text(rng).encode("utf-8", "replace").decode()] * _ROWS),
        )
        columns = [pick(rng, makers)() for _ in range(int(rng.integers(0, 5)))]
        names = ["label", *(f"c{k}" for k in range(1, len(columns)))][: len(columns)]
        if rng.random() < 0.3:
            names = [odd_text(rng).encode("utf-8", "replace").decode() for _ in columns]
        table = pyarrow.Table.from_arrays(columns, names)
        if rng.random() < 0.2:
            table = table.replace_schema_metadata(
                {"pandas": odd_text(rng).encode("utf-8", "replace")}
            )
        pyarrow.parquet.write_table(table, path)


# Images


class Images(_DataKind):
    """Folders of images by class, in every format that is read and some that are not."""

    name, share = "images", 10
    _formats = ("png", "jpeg", "gif", "bmp", "tiff", "webp", "ppm", "pgm")
    _others = ("eps", "tga", "pcx", "ico", "pdf")

    def make(self, folder: Path) -> None:
        pixels = np.random.default_rng(0).integers(0, 256, (6, 7, 3), np.uint8)
        image = Image.fromarray(pixels)
        for name in (*self._formats, *self._others):
            one = image.convert("L") if name == "pgm" else image
            one.save(folder / f"0.{name}", "ppm" if name == "pgm" else name)
        exif = Image.Exif()
        exif[0x0112] = 6
        image.save(folder / "1.jpeg", exif=exif)
        image.convert("P").save(folder / "2.png", transparency=0)
        Image.fromarray(pixels[..., 0].astype(np.uint16) * 200).save(folder / "3.png")
        image.save(folder / "4.gif", save_all=True, append_images=[image] * 3)
        image.save(folder / "5.tiff", compression="tiff_lzw")
        large = Image.new("RGB", (12_000, 12_000))
        large.save(folder / "bomb.png")

    def mutate(self, rng: Rng, corpus: Path, case: Path) -> None:
        paths = [path for path in sorted(corpus.iterdir()) if path.name != "bomb.png"]
        folder = case / "images"
        base = pick(rng, paths)
        for label in ("cat", "dog"):
            name = label if rng.random() < 0.95 else _file_name(rng) or label
            (folder / name).mkdir(parents=True, exist_ok=True)
            for number in range(2):
                content, suffix = base.read_bytes(), base.suffix
                change = rng.random()
                if change < 0.3:
                    content = damaged(rng, content)
                elif change < 0.35:
                    content = pick(rng, paths).read_bytes()
                elif change < 0.45 and base.suffix == ".png":
                    content = self._resized(rng, content)
                elif change < 0.5:
                    suffix = pick(rng, (".png", ".jpg", ".tif", ".gif"))
                (folder / name / f"{number}{suffix}").write_bytes(content)
        if rng.random() < 0.005:
            for number in range(20):
                shutil.copyfile(corpus / "bomb.png", folder / name / f"bomb{number}.png")

    @staticmethod
    def _resized(rng: Rng, content: bytes) -> bytes:
        """Return a PNG whose header, with a valid checksum, has other sides, depth or colour."""
        sides = (0, 1, 6, 7, 1000, 20_000, 2**31 - 1, 2**32 - 1)
        chunk = b"IHDR" + struct.pack(">II", int(pick(rng, sides)), int(pick(rng, sides)))
        depth, colour = int(pick(rng, (1, 8, 16, 3))), int(pick(rng, (0, 2, 3, 6, 9)))
        chunk += bytes([depth, colour, 0, 0, int(rng.integers(3))])
        return content[:12] + chunk + struct.pack(">I", zlib.crc32(chunk)) + content[33:]


def _file_name(rng: Rng) -> str:
    text = odd_text(rng).replace("/", "_").replace("\0", "_").replace("\ud800", "_")
    return text.encode()[:100].decode("utf-8", "ignore").strip(".")
