"""A saved network written for use elsewhere, after it was compared with the saved one."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from autoequivariant.errors import SettingsError
from autoequivariant.files import write_atomically
from autoequivariant.groups.cycle_notation import cycles_of
from autoequivariant.inference.inputs import InferenceInput
from autoequivariant.inference.saved_model import SavedModel
from autoequivariant.inference.verify import claimed_by_run, first_samples
from autoequivariant.nn.claimed_symmetries import TOLERANCES, ClaimedSymmetries
from autoequivariant.nn.equivariance import Units, Yardstick
from autoequivariant.nn.export.dense import to_dense
from autoequivariant.nn.export.onnx_graph import ONNXModule, to_onnx
from autoequivariant.nn.export.signature import Signature
from autoequivariant.nn.export.torch_source import (
    network_from,
    source_of,
    weights_of,
)
from autoequivariant.nn.io.model_description import Description

TOLERANCE = TOLERANCES[torch.float32]
ENDINGS = {"torch": ".py", "onnx": ".onnx"}


@dataclass(frozen=True)
class Written:
    """What is to be written, and the networks that were read back from it.

    Attributes:
        files: contents by their endings.
        network: computes the outputs.
        hidden: computes the last hidden layer.
    """

    files: dict[str, bytes]
    network: nn.Module
    hidden: Callable[[], nn.Module]


@dataclass(frozen=True)
class Export:
    """What an export came to.

    Attributes:
        format: `torch` or `onnx`.
        files: what was written; none where it failed.
        input_form: type and shape of the samples that it takes, in words.
        data: on whose samples it was compared.
        samples: how many.
        difference: `max |f(x) - e(x)| / spread of f(x)` of the saved network `f` and the export `e`
            (`Yardstick`).
        measured: of what the symmetries were measured.
        errors: equivariance error of the export for each symmetry that is claimed.
    """

    format: str
    files: tuple[Path, ...]
    input_form: str
    data: str
    samples: int
    difference: float
    measured: str
    errors: dict[str, float]

    @property
    def passes(self) -> bool:
        """Whether the export computes the same and has the same symmetries."""
        found = (self.difference, *self.errors.values())
        return all(value <= TOLERANCE for value in found)


def export(saved: SavedModel, given: InferenceInput, kind: str, out: Path | None = None) -> Export:
    """Write a saved network as a plain one, if it computes the same.

    Args:
        saved: the network.
        given: samples that fit it (`SavedModel.samples`), on which both are compared.
        kind: `torch` or `onnx`.
        out: the file, whose folder is made where it is missing. Default: `network.py` or
            `network.onnx` in the folder of the network. Beside a `.py` a `.safetensors` is written.

    Returns:
        What was found. Where the outputs differ by more than `TOLERANCE`, or a claimed symmetry
        does not hold, nothing is written and `passes` is false.

    Raises:
        SettingsError: there is no such format, `out` ends otherwise, or the extra is missing.
        RunError: a file cannot be written.
    """
    if kind not in ENDINGS:
        raise SettingsError(f"--format knows {' and '.join(ENDINGS)}, not {kind!r}.")
    path = saved.folder / f"network{ENDINGS[kind]}" if out is None else out
    if path.suffix != ENDINGS[kind] or (kind == "torch" and not path.stem.isidentifier()):
        raise SettingsError(
            f"--out for {kind} is a file such as network{ENDINGS[kind]}"
            + (", whose name Python can import" if kind == "torch" else "")
            + f", not {path.name!r}."
        )
    if path.with_suffix(".safetensors").name == "model.safetensors":
        raise SettingsError(f"--out {path.name} would stand beside the saved model: rename it.")
    claims = claimed_by_run(saved)
    x = first_samples(given)
    if claims_move_signs(claims):
        x = x.float()  # a changed sign is no uint8
    written = _WRITERS[kind](saved, x[:1], path.stem, claims)
    with torch.no_grad():
        outputs = saved.model(x)
        yardstick = Yardstick(outputs, Units.of(saved.model))
        difference = yardstick.deviation(written.network(x), outputs)
    errors = _errors(written, claims, x)
    found = Export(
        kind,
        tuple(path.with_suffix(ending) for ending in written.files),
        _form(x),
        given.name,
        len(x),
        difference,
        claims.measured,
        errors,
    )
    if not found.passes:
        return Export(**{**_fields(found), "files": ()})
    _write(path, written.files)
    return found


def claims_move_signs(claims: ClaimedSymmetries) -> bool:
    """Whether a symmetry changes the sign of samples."""
    return any(action.is_signed for action in claims.inputs.values())


def _errors(written: Written, claims: ClaimedSymmetries, x: Tensor) -> dict[str, float]:
    if not claims.names:
        return {}
    part = written.hidden() if claims.hidden else written.network
    found = claims.errors(part, x, torch.float32)
    return {name: found[name] for name in claims.names}


def _as_torch(saved: SavedModel, sample: Tensor, stem: str, claims: ClaimedSymmetries) -> Written:
    dense = to_dense(saved.model)
    said = _sentence(claims, saved.description.outputs)
    source = source_of(dense, stem, _form(sample), signature_of(saved.description), said)
    weights = weights_of(dense)
    network = network_from(source, weights)
    files = {".safetensors": weights, ".py": source.encode()}
    return Written(files, network, lambda: network[:-1])


def _as_onnx(saved: SavedModel, sample: Tensor, stem: str, claims: ClaimedSymmetries) -> Written:
    signature = signature_of(saved.description)
    content = to_onnx(to_dense(saved.model), sample, signature, claims.names)
    return Written(
        {".onnx": content}, ONNXModule(content), lambda: ONNXModule(content, hidden=True)
    )


_WRITERS: dict[str, Callable[[SavedModel, Tensor, str, ClaimedSymmetries], Written]] = {
    "torch": _as_torch,
    "onnx": _as_onnx,
}


def _form(x: Tensor) -> str:
    shape = ", ".join(["n", *map(str, x.shape[1:])])
    return f"{str(x.dtype).removeprefix('torch.')}, ({shape})"


def signature_of(description: Description) -> Signature:
    """Return what goes in and comes out, by name."""
    return Signature(description.classes, description.targets, description.columns)


def _sentence(claims: ClaimedSymmetries, outputs: tuple[str, ...]) -> str:
    if not claims.names:
        return ""
    if claims.hidden:
        return f"Its hidden layers are equivariant to {', '.join(claims.names)}."
    moved = {
        name: cycles_of(claims.outputs[name], outputs)
        for name in claims.names
        if claims.outputs is not None and not claims.outputs[name].is_identity
    }
    still = [name for name in claims.names if name not in moved]
    parts = [f"It is invariant to {', '.join(still)}."] if still else []
    parts += [
        f"It is equivariant to {name}, which moves outputs: {', '.join(cycles)}."
        for name, cycles in moved.items()
    ]
    return "\n".join(parts)


def _write(path: Path, files: dict[str, bytes]) -> None:
    done: list[Path] = []
    with contextlib.suppress(OSError):  # writing says what is in the way
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        for ending, content in files.items():
            write_atomically(path.with_suffix(ending), content)
            done.append(path.with_suffix(ending))
    except BaseException:
        for file in done:
            file.unlink(missing_ok=True)
        raise


def _fields(found: Export) -> dict[str, Any]:
    return {name: getattr(found, name) for name in found.__dataclass_fields__}
