"""Checkpoints within a training: a killed one resumes and ends with the same parameters."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import Annotated, Any

import torch
from msgspec import Meta
from safetensors import SafetensorError, safe_open
from safetensors.torch import load, save
from torch import Tensor

from autoequivariant.errors import AutoequivariantError
from autoequivariant.files import read_at_most, regular_file, write_atomically
from autoequivariant.jsonio import parse, to_type
from autoequivariant.nn.io.tensor_specs import (
    MOST_HEADER_BYTES,
    TensorSpec,
    check_specs,
    read_specs,
)
from autoequivariant.training.child import Child

SECONDS = 30.0
_SUFFIX = ".safetensors"
_ENTRY = "checkpoint"  # of the metadata of the file
_UNREADABLE = (  # what a missing, damaged or made-up file leads to
    AutoequivariantError,
    KeyError,
    MemoryError,
    OSError,
    OverflowError,
    RuntimeError,
    SafetensorError,
    ValueError,
)
_Number = Annotated[float, Meta(ge=0, lt=2**53)]


@dataclass(frozen=True)
class Checkpoints:
    """Where the trainings of a run keep their checkpoints.

    Attributes:
        folder: made when the first is written.
        identity: of the run. A checkpoint of another run is not resumed.
        seconds: from one checkpoint of a training to the next. Default: 30.
        name: of trainings that differ from others in more than the networks and their recipe, such
            as in their samples. Default: none.
    """

    folder: Path
    identity: str
    seconds: float = SECONDS
    name: str = ""

    def path(self, replicate: int, children: Sequence[Child]) -> Path:
        """Return the file of the training of these children."""
        keys = json.dumps([self.name, [child.key for child in children]])
        digest = hashlib.sha256(keys.encode()).hexdigest()[:16]
        return self.folder / f"{replicate}-{digest}{_SUFFIX}"

    def remove(self, replicate: int, children: Sequence[Child]) -> None:
        """Remove the checkpoint of a training whose result is recorded."""
        if not self.folder.is_symlink():
            with suppress(OSError):
                self.path(replicate, children).unlink()

    def clear(self) -> None:
        """Remove all checkpoints, and the folder if nothing else is in it."""
        if self.folder.is_symlink():
            return
        with suppress(OSError):
            for pattern in (f"*{_SUFFIX}", f".*{_SUFFIX}.*.part"):  # whole and half-written
                for path in self.folder.glob(pattern):
                    path.unlink()
            self.folder.rmdir()


@dataclass(frozen=True)
class Progress:
    """How far a training is.

    Attributes:
        done: steps that were made.
        position: of the schedule of the learning rate, in steps (`pace`).
        rates: learning rate of each group of parameters.
        seconds: that the training has taken.
    """

    done: Annotated[int, Meta(ge=1, le=2**53)]
    position: _Number
    rates: tuple[_Number, ...]
    seconds: _Number


class Checkpoint:
    """The checkpoint of one training.

    A checkpoint that cannot be read is ignored, and one that cannot be written is left out: the
    training goes on, and whatever records its result reports a full disk.

    Args:
        place: where checkpoints are kept; None for none.
        replicate, children: what is trained.
        described: what decides its parameters besides the run and the initial parameters.

    Attributes:
        seconds: that earlier processes spent on the training; 0 until it is resumed.
        share: of the steps that were made, once the training is over.
    """

    def __init__(
        self,
        place: Checkpoints | None,
        replicate: int,
        children: Sequence[Child],
        described: Mapping[str, Any],
    ) -> None:
        self.seconds, self.share = 0.0, 1.0
        self._path = None if place is None else place.path(replicate, children)
        self._interval = 0.0 if place is None else place.seconds
        self._described = json.dumps(
            [
                None if place is None else [place.identity, place.name],
                torch.__version__,
                replicate,
                [astuple(child) for child in children],
                dict(described),
            ]
        )
        self._fingerprint = ""
        self._last = time.monotonic()

    @property
    def is_due(self) -> bool:
        """Whether to write one after this step."""
        return self._path is not None and time.monotonic() - self._last >= self._interval

    def read(
        self, initial: Mapping[str, Tensor], expected: Mapping[str, Tensor]
    ) -> tuple[dict[str, Tensor], Progress] | None:
        """Return the tensors and the progress that an earlier process wrote.

        None if there is nothing of this training; numbers of the progress may still not fit it.

        Args:
            initial: parameters before the first step.
            expected: tensors of the types and shapes that the file must hold.
        """
        if self._path is None:
            return None
        hashed = hashlib.sha256(self._described.encode())
        hashed.update(_digest(initial).encode())
        self._fingerprint = hashed.hexdigest()
        try:
            if self._path.parent.is_symlink():
                return None
            check_specs(
                read_specs(regular_file(self._path)),
                {name: TensorSpec.of(t) for name, t in expected.items()},
            )
            most = 8 + MOST_HEADER_BYTES + sum(tensor.nbytes for tensor in expected.values())
            tensors = load(read_at_most(self._path, most))
            record = _metadata(self._path)
        except _UNREADABLE:
            return None
        if (record.fingerprint, record.digest) != (self._fingerprint, _digest(tensors)):
            return None
        # Copies are aligned as fresh tensors are; views of the file's content are not.
        return {name: tensor.clone() for name, tensor in tensors.items()}, record.progress

    def write(self, tensors: Mapping[str, Tensor], progress: Progress) -> None:
        """Replace the file; does nothing without a place."""
        if self._path is None:
            return
        plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        record = _Record(self._fingerprint, _digest(plain), progress)
        content = save(plain, {_ENTRY: json.dumps(asdict(record))})
        with suppress(AutoequivariantError, OSError):
            if not self._path.parent.is_symlink():
                self._path.parent.mkdir(exist_ok=True)
                write_atomically(self._path, content)
        self._last = time.monotonic()


NO_CHECKPOINT = Checkpoint(None, 0, (), {})


@dataclass(frozen=True)
class _Record:
    fingerprint: str
    digest: str
    progress: Progress


def _metadata(path: Path) -> _Record:
    with safe_open(path, "pt") as file:
        text = (file.metadata() or {})[_ENTRY]
    return to_type(parse(text.encode(), path.name), _Record, path.name)


def _digest(tensors: Mapping[str, Tensor]) -> str:
    hashed = hashlib.sha256()
    for name in sorted(tensors):
        hashed.update(name.encode())
        hashed.update(tensors[name].detach().cpu().contiguous().numpy().data)
    return hashed.hexdigest()
