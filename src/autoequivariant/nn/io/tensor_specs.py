"""Types and shapes of the tensors of a safetensors file, checked before any of them is read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from autoequivariant.errors import ModelError

MOST_HEADER_BYTES = 2**20
"""Hundreds of times the header of our largest network; safetensors itself allows 100 MB."""
_DTYPES = {torch.float32: "F32", torch.int64: "I64"}


@dataclass(frozen=True)
class TensorSpec:
    """Type, as safetensors names it (`F32`), and shape of a tensor."""

    dtype: str
    shape: tuple[int, ...]

    @classmethod
    def of(cls, tensor: torch.Tensor) -> TensorSpec:
        """Return the type and shape of a tensor."""
        return cls(_DTYPES.get(tensor.dtype, str(tensor.dtype)), tuple(tensor.shape))

    @property
    def size(self) -> int:
        """Number of entries."""
        return math.prod(self.shape)

    def __str__(self) -> str:
        return f"{self.dtype} {'x'.join(map(str, self.shape)) or 'scalar'}"


def read_specs(path: Path) -> dict[str, TensorSpec]:
    """Return the type and shape of each tensor in a file.

    Raises:
        ModelError: the header is malformed or too long, or does not match the size of the file.
        OSError: the file cannot be opened.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
    if MOST_HEADER_BYTES < length < path.stat().st_size:
        raise ModelError(
            f"the header of {path.name} has {length:,} bytes, more than {MOST_HEADER_BYTES:,}"
        )
    try:
        with safe_open(path, "pt") as tensors:
            slices = {name: tensors.get_slice(name) for name in tensors.keys()}  # noqa: SIM118
            return {
                name: TensorSpec(one.get_dtype(), tuple(one.get_shape()))
                for name, one in slices.items()
            }
    except SafetensorError as error:
        raise ModelError(f"{path.name} is not a valid safetensors file ({error})") from error


def check_enough(held: int, needed: int) -> None:
    """Refuse a file that is much smaller than the network that would be made of it.

    Args:
        held: how many numbers its tensors hold.
        needed: how many parameters the network has at least.

    Raises:
        ModelError: they are too few.
    """
    if needed > held:
        raise ModelError(
            f"its weights do not fit model.json: {held:,} numbers, too few for {needed:,}"
        )


def check_specs(found: Mapping[str, TensorSpec], expected: Mapping[str, TensorSpec]) -> None:
    """Compare the tensors of a file with those of a network.

    Raises:
        ModelError: names the first that is missing, unknown, or of another type or shape.
    """
    for name, spec in expected.items():
        if name not in found:
            raise ModelError(f"its weights do not fit model.json: {name} is missing")
        if found[name] != spec:
            raise ModelError(
                f"its weights do not fit model.json: {name} is {found[name]}, not {spec}"
            )
    for name in found:
        if name not in expected:
            raise ModelError(f"its weights do not fit model.json: there is no {name[:60]!r}")
