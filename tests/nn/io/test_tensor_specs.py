"""Headers of safetensors files that lie are refused before a tensor is read."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from autoequivariant.nn.io.model_files import save_model

from ..spoiled_files import CLASSES, MAKERS, Spoil, refused_cheaply, write


def header_of(length: int, text: bytes, values: bytes = b"") -> Callable[[Path], None]:
    return write("model.safetensors", length.to_bytes(8, "little") + text + values)


def entry(shape: list[int], offsets: list[int], dtype: str = "F32") -> bytes:
    found = {"mean": {"dtype": dtype, "shape": shape, "data_offsets": offsets}}
    return json.dumps(found).encode()


def with_header(text: bytes, values: bytes = b"") -> Callable[[Path], None]:
    return header_of(len(text), text, values)


HEADERS: dict[str, tuple[Spoil, str]] = {
    "longer than the file": (header_of(2**62, b"{}"), "header too large"),
    "long": (header_of(2**21, b" " * 2**21), "more than 1,048,576"),
    "no object": (with_header(b"[1]"), "invalid type: sequence"),
    "deep": (with_header(b"[" * 100_000), "invalid type: sequence"),
    "a tensor twice": (with_header(b'{"a": 1, "a": 2}'), "invalid type: integer"),
    "a tensor in two places": (
        with_header(
            entry([1], [0, 4])[:-1] + b"," + entry([1], [4, 8])[1:],
            bytes(8),
        ),
        "invalid offset for tensor `mean`",
    ),
    "a number for a tensor": (with_header(b'{"a": 1}'), "invalid type: integer"),
    "huge": (with_header(entry([10**9, 10**9], [0, 4 * 10**18])), "overflow"),
    "more than the file": (with_header(entry([10**9], [0, 4 * 10**9])), "file not fully covered"),
    "another size": (
        with_header(entry([2], [0, 12]), bytes(12)),
        "invalid shape, data type, or offset",
    ),
    "negative": (with_header(entry([-2], [0, 8]), bytes(8)), "integer `-2`"),
    "a gap": (with_header(entry([2], [8, 16]), bytes(16)), "invalid offset for tensor `mean`"),
    "unknown type": (with_header(entry([2], [0, 8], "X9"), bytes(8)), "unknown variant `X9`"),
    "one tensor": (with_header(entry([2], [0, 8]), bytes(8)), "scale is missing|too few"),
}


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("name", HEADERS)
def test_headers_that_lie_are_refused(kind: str, name: str, tmp_path: Path) -> None:
    save_model(MAKERS[kind](), tmp_path, CLASSES)
    spoil, message = HEADERS[name]
    spoil(tmp_path)
    assert re.search(message, refused_cheaply(tmp_path))
