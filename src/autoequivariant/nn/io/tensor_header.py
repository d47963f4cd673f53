"""What a safetensors file says of its tensors, read and checked without reading them.

The format: 8 bytes with the length of the header (little endian), the header (a JSON object of
`{name: {dtype, shape, data_offsets}}`), and the values, tensor after tensor.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from autoequivariant.errors import ModelError
from autoequivariant.jsonio import Fields, parse_object

MOST_HEADER_BYTES = 2**20
"""Hundreds of times the header of a network of ours."""
_NOTES = "__metadata__"
_BYTES = {"F32": 4, "I64": 8}
_DTYPES = {torch.float32: "F32", torch.int64: "I64"}
_MOST = 2**40


@dataclass(frozen=True)
class TensorForm:
    """Type (`F32` or `I64`) and shape of a tensor."""

    dtype: str
    shape: tuple[int, ...]

    @classmethod
    def of(cls, tensor: torch.Tensor) -> TensorForm:
        """Return the form of a tensor."""
        return cls(_DTYPES.get(tensor.dtype, str(tensor.dtype)), tuple(tensor.shape))

    @property
    def numbers(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)

    def __str__(self) -> str:
        return f"{self.dtype} {'x'.join(map(str, self.shape)) or 'number'}"


def read_header(path: Path) -> dict[str, TensorForm]:
    """Return the form of each tensor in a file.

    Raises:
        ModelError: the header is malformed or too long, or the file is shorter or longer than the
            header says.
        OSError: the file cannot be opened.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > size - 8:
            raise ModelError(f"{path.name} is cut short, or no safetensors file")
        if length > MOST_HEADER_BYTES:
            raise ModelError(
                f"the header of {path.name} has {length:,} bytes, more than {MOST_HEADER_BYTES:,}"
            )
        header = parse_object(file.read(length), f"the header of {path.name}")
    header.pop(_NOTES, None)
    forms, spans = {}, []
    for name, entry in header.items():
        forms[name], span = _entry(name, entry)
        spans.append(span)
    end = 0
    for start, stop in sorted(spans):
        if start != end:
            raise ModelError(f"the tensors in {path.name} overlap or leave gaps")
        end = stop
    if 8 + length + end != size:
        raise ModelError(f"{path.name} has {size:,} bytes, not {8 + length + end:,} as it says")
    return forms


def refuse_misfits(found: Mapping[str, TensorForm], wanted: Mapping[str, TensorForm]) -> None:
    """Compare the tensors of a file with those that a network has.

    Raises:
        ModelError: names the first that is missing, too many, or of another form.
    """
    for name, form in wanted.items():
        if name not in found:
            raise ModelError(f"its weights do not fit model.json: {name} is missing")
        if found[name] != form:
            raise ModelError(
                f"its weights do not fit model.json: {name} is {found[name]}, not {form}"
            )
    for name in found:
        if name not in wanted:
            raise ModelError(f"its weights do not fit model.json: there is no {name[:60]!r}")


def _entry(name: str, entry: object) -> tuple[TensorForm, tuple[int, int]]:
    shown = name[:60]
    if not isinstance(entry, dict):
        raise ModelError(f"the header says nothing of the tensor {shown!r}")
    fields = Fields(entry, f"the tensor {shown!r}")
    form = TensorForm(fields.choice("dtype", _BYTES), fields.wholes("shape", 0, _MOST))
    offsets = fields.wholes("data_offsets", 0, _MOST)
    if len(offsets) != 2 or offsets[1] - offsets[0] != form.numbers * _BYTES[form.dtype]:
        raise ModelError(f"the tensor {shown!r} is {form}, which its data_offsets are not")
    return form, (offsets[0], offsets[1])
