"""A network as two files: its weights (safetensors) and what they mean (JSON). Reading them runs no
code, and makes nothing large before names, shapes and sizes were found to fit.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from autoequivariant.errors import AutoequivariantError, ModelError, RunError
from autoequivariant.files import read_at_most, regular_file, write_atomically
from autoequivariant.nn.io.model_description import MOST_BYTES, Description, Model
from autoequivariant.nn.io.tensor_header import TensorForm, read_header, refuse_misfits

_WEIGHTS, _MEANING = "model.safetensors", "model.json"
_UNREADABLE = (  # what a missing, broken or made-up file leads to
    AutoequivariantError,
    MemoryError,
    OSError,
    OverflowError,
    RuntimeError,
    SafetensorError,
    ValueError,
)
_LONGEST_REASON = 300


def save_model(
    model: Model,
    folder: Path,
    classes: tuple[str, ...] = (),
    samples: str | None = None,
    targets: tuple[str, ...] = (),
    columns: tuple[str, ...] = (),
) -> tuple[Path, Path]:
    """Write `model.safetensors` and `model.json` into `folder`; return their paths.

    Only the free weights are written: the description names the generators, from which the sharing
    follows.

    Args:
        model: the network, on any device.
        folder: an existing folder.
        classes: names of the classes, in the order of the outputs; none of regression.
        samples: type of the samples that it was trained on, `uint8` or `float32`. Default: not
            noted; then samples of another scale cannot be refused.
        targets: of regression, names of the outputs.
        columns: of a table, names of its columns. Default: they have none.

    Raises:
        RunError: the disk is full or the folder cannot be written; neither file is half-written.
    """
    description = Description.of(model, classes, samples, targets, columns)
    weights, meaning = folder / _WEIGHTS, folder / _MEANING
    tensors = {
        name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()
    }
    write_atomically(weights, save(tensors))
    try:
        write_atomically(meaning, description.to_json().encode())
    except RunError:
        weights.unlink()  # without their description they are of no use
        raise
    return weights, meaning


def read_description(folder: Path | str) -> Description:
    """Read what `model.json` says; the weights are not looked at.

    Raises:
        ModelError: it is missing or malformed.
    """
    folder = Path(folder)
    try:
        return _description(folder)
    except _UNREADABLE as error:
        raise _refusal(folder, error) from error


def load_model(folder: Path | str) -> Model:
    """Read the network that `save_model` wrote, in evaluation mode.

    Names, types and shapes of all tensors stand in the header of `model.safetensors`, and are
    compared with the description before the network is made.

    Raises:
        ModelError: a file is missing or malformed, the weights do not fit the description, or one
            is no finite number.
    """
    folder = Path(folder)
    try:
        description = _description(folder)
        header = read_header(regular_file(folder / _WEIGHTS))
        description.refuse(header)
        model = description.build()
        refuse_misfits(header, {name: TensorForm.of(t) for name, t in model.state_dict().items()})
        if model.n_parameters != description.n_parameters:
            raise ModelError(
                f"{_MEANING} says {description.n_parameters:,} parameters, "
                f"not {model.n_parameters:,}"
            )
        tensors = load_file(folder / _WEIGHTS)
        _refuse_values(tensors)
        model.load_state_dict(tensors)
    except _UNREADABLE as error:
        raise _refusal(folder, error) from error
    return model.eval()


def _description(folder: Path) -> Description:
    return Description.parse(read_at_most(folder / _MEANING, MOST_BYTES))


def _refuse_values(tensors: dict[str, Tensor]) -> None:
    for name, values in tensors.items():
        if not torch.isfinite(values).all():
            raise ModelError(f"{name} holds a value that is no finite number")
        if name.endswith("running_var") and (values < 0).any():
            raise ModelError(f"{name} holds a negative variance")
        if name in ("scale", "output_scale") and (values <= 0).any():
            raise ModelError(f"{name} holds a value that is not more than 0")


def _refusal(folder: Path, error: Exception) -> ModelError:
    reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    if len(reason) > _LONGEST_REASON:
        reason = f"{reason[:_LONGEST_REASON]}..."
    return ModelError(
        f"The model in {folder} cannot be read: {reason.rstrip('.')}; "
        "give the folder of a finished run, or train it again."
    )
