"""Exports a saved model as a plain network, if both compute the same."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from autoequivariant.errors import SettingsError
from autoequivariant.files import write_atomically
from autoequivariant.groups.cycle_notation import cycles_of
from autoequivariant.inference.inputs import InferenceInput
from autoequivariant.inference.saved_model import SavedModel
from autoequivariant.inference.verify import claims_of, first_samples
from autoequivariant.nn.claimed_symmetries import TOLERANCES, ClaimedSymmetries
from autoequivariant.nn.equivariance import Units, Yardstick
from autoequivariant.nn.export.dense import to_dense
from autoequivariant.nn.export.onnx_graph import ONNXModule, to_onnx
from autoequivariant.nn.export.signature import Signature
from autoequivariant.nn.export.torch_source import network_from, source_of, weights_of
from autoequivariant.nn.io.model_description import Description

TOLERANCE = TOLERANCES[torch.float32]
ENDINGS = {"torch": ".py", "onnx": ".onnx"}


@dataclass(frozen=True)
class Draft:
    """The contents of an export, and the networks loaded from them.

    Attributes:
        files: contents by file ending.
        network: computes the outputs.
        hidden: returns a network that computes the last hidden layer.
    """

    files: dict[str, bytes]
    network: nn.Module
    hidden: Callable[[], nn.Module]


@dataclass(frozen=True)
class Export:
    """How an export compares with the saved model, and its files.

    Attributes:
        format: `torch` or `onnx`.
        files: the files written; none if the comparison fails.
        input_form: dtype and shape of the input, in words.
        data: name of the data for the comparison.
        samples: number of samples compared.
        difference: `max |f(x) - e(x)| / spread of f(x)` of the saved model `f` and the export `e`
            (`Yardstick`).
        measured: what the symmetries are measured on, in words.
        errors: equivariance error of the export for each claimed symmetry.
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
        """Whether the export computes the same and has the claimed symmetries."""
        return all(value <= TOLERANCE for value in (self.difference, *self.errors.values()))


def export(
    saved: SavedModel, samples: InferenceInput, kind: str, out: Path | None = None
) -> Export:
    """Write a saved model as a plain network, if both compute the same.

    Args:
        saved: the model.
        samples: from `SavedModel.samples`, to compare on.
        kind: `torch` or `onnx`.
        out: the file; a missing folder is created. Default: `network.py` or `network.onnx` in the
            folder of the model. A `.safetensors` file is written beside a `.py` file.

    Returns:
        The comparison. If outputs differ by more than `TOLERANCE`, or a claimed symmetry does not
        hold, nothing is written and `passes` is false.

    Raises:
        SettingsError: the format or `out` is not valid, or the extra is not installed.
        RunError: a file cannot be written.
    """
    path = _checked_path(saved, kind, out)
    claims = claims_of(saved)
    x = first_samples(samples)
    if any(action.is_signed for action in claims.inputs.values()):
        x = x.float()  # uint8 has no negative values
    draft = _WRITERS[kind](saved, x[:1], path.stem, claims)
    with torch.no_grad():
        outputs = saved.model(x)
        yardstick = Yardstick(outputs, Units.of(saved.model))
        difference = yardstick.deviation(draft.network(x), outputs)
    result = Export(
        kind,
        tuple(path.with_suffix(ending) for ending in draft.files),
        _input_form(x),
        samples.name,
        len(x),
        difference,
        claims.measured,
        _errors(draft, claims, x),
    )
    if not result.passes:
        return replace(result, files=())
    _write(path, draft.files)
    return result


def _checked_path(saved: SavedModel, kind: str, out: Path | None) -> Path:
    if kind not in ENDINGS:
        raise SettingsError(f"--format must be one of {', '.join(ENDINGS)}; got {kind!r}.")
    path = saved.folder / f"network{ENDINGS[kind]}" if out is None else out
    if path.suffix != ENDINGS[kind] or (kind == "torch" and not path.stem.isidentifier()):
        importable = " with a name that Python can import" if kind == "torch" else ""
        raise SettingsError(
            f"--out of --format {kind} must be a {ENDINGS[kind]} file{importable}; got "
            f"{path.name!r}."
        )
    if path.with_suffix(".safetensors").name == "model.safetensors":
        raise SettingsError(f"--out {path.name} has the name of a saved model: choose another.")
    return path


def _errors(draft: Draft, claims: ClaimedSymmetries, x: Tensor) -> dict[str, float]:
    if not claims.names:
        return {}
    part = draft.hidden() if claims.hidden else draft.network
    errors = claims.errors(part, x, torch.float32)
    return {name: errors[name] for name in claims.names}


def _as_torch(saved: SavedModel, sample: Tensor, stem: str, claims: ClaimedSymmetries) -> Draft:
    dense = to_dense(saved.model)
    symmetries = _sentences(claims, saved.description.outputs)
    signature = _signature(saved.description)
    source = source_of(dense, stem, _input_form(sample), signature, symmetries)
    weights = weights_of(dense)
    network = network_from(source, weights)
    files = {".safetensors": weights, ".py": source.encode()}
    return Draft(files, network, lambda: network[:-1])


def _as_onnx(saved: SavedModel, sample: Tensor, stem: str, claims: ClaimedSymmetries) -> Draft:
    signature = _signature(saved.description)
    content = to_onnx(to_dense(saved.model), sample, signature, claims.names)
    return Draft({".onnx": content}, ONNXModule(content), lambda: ONNXModule(content, hidden=True))


_WRITERS: dict[str, Callable[[SavedModel, Tensor, str, ClaimedSymmetries], Draft]] = {
    "torch": _as_torch,
    "onnx": _as_onnx,
}


def _input_form(x: Tensor) -> str:
    shape = ", ".join(["n", *map(str, x.shape[1:])])
    return f"{str(x.dtype).removeprefix('torch.')}, ({shape})"


def _signature(description: Description) -> Signature:
    names = description.classes, description.targets, description.columns
    return Signature(*names, description.categories)


def _sentences(claims: ClaimedSymmetries, outputs: tuple[str, ...]) -> str:
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
    written: list[Path] = []
    with contextlib.suppress(OSError):  # the write below names the obstacle
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        for ending, content in files.items():
            write_atomically(path.with_suffix(ending), content)
            written.append(path.with_suffix(ending))
    except BaseException:
        for file in written:
            file.unlink(missing_ok=True)
        raise
